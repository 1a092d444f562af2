/**
 * What stands in the place of an address where an integration leads to AWS: a Lambda function, a listener or a service
 * behind a VPC link, or an action of an AWS service.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html
 */

import { nearestName } from '../../expression/did-you-mean.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'

/** Names of functions may hold stage variables. */
const FUNCTION = /^arn:[a-z-]+:lambda:[^:/\s]*:[^:/\s]*:function:[^/\s]+$/
const INVOCATION =
  /^arn:[a-z-]+:apigateway:[^:/\s]*:lambda:path\/2015-03-31\/functions\/([^/\s]+)\/invocations$/
const LISTENER = /^arn:[a-z-]+:elasticloadbalancing:[^:\s]*:[^:\s]*:listener\/[^\s?#]+$/
const DISCOVERY = /^arn:[a-z-]+:servicediscovery:[^:\s]*:[^:\s]*:service\/[^\s/?#]+(?:\?[^\s#]*)?$/

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html */
const INTEGRATION_SUBTYPES: readonly string[] = [
  'AppConfig-GetConfiguration',
  'EventBridge-PutEvents',
  'Kinesis-PutRecord',
  'SQS-DeleteMessage',
  'SQS-PurgeQueue',
  'SQS-ReceiveMessage',
  'SQS-SendMessage',
  'StepFunctions-StartExecution',
  'StepFunctions-StartSyncExecution',
  'StepFunctions-StopExecution',
]

/** What is wrong with the URI of a Lambda function, in either of its two forms. */
export function findFunctionUriProblem(uri: string): Finding | undefined {
  if (FUNCTION.test(INVOCATION.exec(uri)?.[1] ?? uri)) return undefined
  return {
    code: 'uri-function',
    message: `${preview(uri)} does not name a Lambda function.`,
    mend: 'Write arn:aws:lambda:REGION:ACCOUNT:function:NAME, or the invocation URI that is made of it.',
  }
}

/** What is wrong with the URI of an integration over a VPC link. */
export function findPrivateUriProblem(uri: string): Finding | undefined {
  if (LISTENER.test(uri) || DISCOVERY.test(uri)) return undefined
  return {
    code: 'uri-private',
    message: `${preview(uri)} names nothing that a VPC link leads to.`,
    mend: 'Write the ARN of a listener of a load balancer, or of a service of Cloud Map.',
  }
}

export function findSubtypeProblem(subtype: string): Finding | undefined {
  if (INTEGRATION_SUBTYPES.includes(subtype)) return undefined
  const nearest = nearestName(subtype, INTEGRATION_SUBTYPES)
  return {
    code: 'integration-subtype',
    message: `${preview(subtype)} is no action of an AWS service that HTTP APIs call.`,
    mend:
      nearest === undefined
        ? `There are ${INTEGRATION_SUBTYPES.join(', ')}.`
        : `Did you mean ${nearest}?`,
  }
}
