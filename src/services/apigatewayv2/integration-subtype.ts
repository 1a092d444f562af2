/**
 * Actions of AWS services that an integration can call by itself (IntegrationSubtype), with their parameters.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
 */

import { nearestName } from '../../expression/did-you-mean.ts'
import { MappingError } from '../../expression/mapping/mapping-error.ts'
import { REQUEST_ROOTS } from '../../expression/mapping/references.ts'
import { compileValue } from '../../expression/mapping/value-expression.ts'

export interface SubtypeParameters {
  readonly required: readonly string[]
  /** Besides Region, which every action has. */
  readonly optional: readonly string[]
}

const EXECUTION = { required: ['StateMachineArn'], optional: ['Name', 'Input'] }

export const SUBTYPES: Readonly<Record<string, SubtypeParameters>> = {
  'AppConfig-GetConfiguration': {
    required: ['Application', 'Environment', 'Configuration', 'ClientId'],
    optional: ['ClientConfigurationVersion'],
  },
  'EventBridge-PutEvents': {
    required: ['Detail', 'DetailType', 'Source'],
    optional: ['Time', 'EventBusName', 'Resources', 'TraceHeader'],
  },
  'Kinesis-PutRecord': {
    required: ['StreamName', 'Data', 'PartitionKey'],
    optional: ['SequenceNumberForOrdering', 'ExplicitHashKey'],
  },
  'SQS-DeleteMessage': { required: ['ReceiptHandle', 'QueueUrl'], optional: [] },
  'SQS-PurgeQueue': { required: ['QueueUrl'], optional: [] },
  'SQS-ReceiveMessage': {
    required: ['QueueUrl'],
    optional: [
      'AttributeNames',
      'MaxNumberOfMessages',
      'MessageAttributeNames',
      'ReceiveRequestAttemptId',
      'VisibilityTimeout',
      'WaitTimeSeconds',
    ],
  },
  'SQS-SendMessage': {
    required: ['QueueUrl', 'MessageBody'],
    optional: [
      'DelaySeconds',
      'MessageAttributes',
      'MessageDeduplicationId',
      'MessageGroupId',
      'MessageSystemAttributes',
    ],
  },
  'StepFunctions-StartExecution': EXECUTION,
  'StepFunctions-StartSyncExecution': {
    ...EXECUTION,
    optional: [...EXECUTION.optional, 'TraceHeader'],
  },
  'StepFunctions-StopExecution': { required: ['ExecutionArn'], optional: ['Cause', 'Error'] },
}

type Parameters = Readonly<Record<string, string>>

/** What is wrong with the parameters of an action that is in the table; undefined when nothing is. */
export function findParameterProblem(subtype: string, parameters: Parameters): string | undefined {
  const { required, optional } = SUBTYPES[subtype]!
  const missing = required.find((name) => !parameters[name])
  if (missing !== undefined) return `${subtype} needs the request parameter ${missing}`
  const known = [...required, ...optional, 'Region']
  const unknown = Object.keys(parameters).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, known)
    const hint = nearest === undefined ? `It has ${known.join(', ')}` : `Did you mean ${nearest}?`
    return `${subtype} has no request parameter ${unknown}. ${hint}`
  }
  return findValueProblem(parameters)
}

function findValueProblem(parameters: Parameters): string | undefined {
  for (const [key, value] of Object.entries(parameters)) {
    try {
      compileValue(value, { key, target: 'query', stageVariables: {}, roots: REQUEST_ROOTS })
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      return `${key}: ${error.message}. ${error.mend}`
    }
  }
  return undefined
}
