/**
 * What an integration of an HTTP API may be: the defaults of CreateIntegration, and every rule that looks at the whole
 * of it.
 *
 * What is right is stored, also where Postern cannot serve it yet; what goes live is decided at the deployment.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html
 */

import type { Integration } from '@aws-sdk/client-apigatewayv2'
import { INTEGRATION_METHODS, isServerName } from '../../definitions/open-api/integration-parts.ts'
import { findUriProblem } from '../../definitions/open-api/integration-uri.ts'
import { findLinkedUriProblem } from '../../definitions/open-api/private-integration.ts'
import {
  findFunctionUriProblem,
  findSubtypeProblem,
} from '../../definitions/open-api/resource-uri.ts'
import type { Limits } from '../../domain/limits.ts'
import {
  compileRequestMapping,
  compileResponseMapping,
  isResponseStatusKey,
  MappingError,
} from '../../expression/mapping/mapping.ts'
import { findParameterProblem } from './integration-subtype.ts'

/** What is wrong, and how to mend it; undefined: nothing. */
type Rule = (integration: Integration, limits: Limits) => string | undefined

const CREDENTIALS = /^arn:[a-z-]+:iam::(?:\d{12}:role\/\S+|\*:user\/\*)$/
/** In the order in which they are told. */
const RULES: readonly Rule[] = [
  checkType,
  checkWebSocketMembers,
  checkConnection,
  checkMethod,
  checkUri,
  checkPayloadFormat,
  checkCredentials,
  checkTimeout,
  checkTls,
  checkRequestParameters,
  checkResponseParameters,
]

/** With the defaults of CreateIntegration, and without members that have no meaning for it. */
export function withDefaults<T extends Integration>(integration: T, limits: Limits): T {
  const { PassthroughBehavior, RequestTemplates, ...kept } = integration
  const isFunction = integration.IntegrationType === 'AWS_PROXY' && !integration.IntegrationSubtype
  return {
    ConnectionType: 'INTERNET',
    ...(isFunction ? { IntegrationMethod: 'POST' } : {}),
    PayloadFormatVersion: '1.0',
    TimeoutInMillis: limits.integrationTimeoutDefaultMs,
    ...kept,
  } as unknown as T
}

/** The first fault of an integration with its defaults; undefined when there is none. */
export function findIntegrationProblem(
  integration: Integration,
  limits: Limits,
): string | undefined {
  for (const rule of RULES) {
    const problem = rule(integration, limits)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Members that only integrations of WebSocket APIs have; Terraform sends the default of one of them for HTTP APIs too. */
export function checkWebSocketMembers(integration: Integration): string | undefined {
  const said = {
    ContentHandlingStrategy: !!integration.ContentHandlingStrategy,
    PassthroughBehavior: integration.PassthroughBehavior === 'NEVER',
    RequestTemplates: Object.keys(integration.RequestTemplates ?? {}).length > 0,
    TemplateSelectionExpression: !!integration.TemplateSelectionExpression,
  }
  const member = Object.entries(said).find(([, isSaid]) => isSaid)?.[0]
  return member && `${member} is not supported for HTTP APIs`
}

function checkType({ IntegrationType: type, IntegrationSubtype: subtype }: Integration) {
  if (type === 'AWS_PROXY' || (type === 'HTTP_PROXY' && !subtype)) return undefined
  if (type === 'HTTP_PROXY') {
    return `IntegrationSubtype ${subtype} needs the integration type AWS_PROXY`
  }
  return 'Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)'
}

function checkConnection({ ConnectionType, ConnectionId, IntegrationType }: Integration) {
  if (ConnectionType === 'INTERNET') {
    return ConnectionId && 'ConnectionId needs the connection type VPC_LINK'
  }
  if (IntegrationType !== 'HTTP_PROXY') {
    return 'The connection type VPC_LINK needs the integration type HTTP_PROXY'
  }
  return ConnectionId ? undefined : 'ConnectionId is required for the connection type VPC_LINK'
}

function checkMethod({ IntegrationMethod: method, IntegrationType: type }: Integration) {
  if (method === undefined) {
    return type === 'HTTP_PROXY'
      ? "IntegrationMethod is required for HTTP_PROXY integrations. ANY sends the client's method"
      : undefined
  }
  if (INTEGRATION_METHODS.includes(method)) return undefined
  return `Invalid HTTP method specified: ${method}. It must be one of ${INTEGRATION_METHODS.join(', ')}`
}

function checkUri(integration: Integration): string | undefined {
  const { IntegrationUri: uri, IntegrationSubtype: subtype } = integration
  if (subtype) {
    const problem = findSubtypeProblem(subtype)
    if (problem !== undefined) return `${problem.message} ${problem.mend}`
    return uri && 'IntegrationUri cannot be used together with IntegrationSubtype'
  }
  if (uri === undefined) return 'IntegrationUri is required'
  if (integration.ConnectionType === 'VPC_LINK') {
    const problem = findLinkedUriProblem(uri, undefined)
    if (problem === undefined || !/^https?:/i.test(uri)) return problem && PRIVATE_URI
    return `Invalid HTTP endpoint specified for URI: ${problem.message} ${problem.mend}`
  }
  if (integration.IntegrationType === 'AWS_PROXY') {
    const problem = findFunctionUriProblem(uri)
    return problem && `Invalid integration URI specified: ${problem.message} ${problem.mend}`
  }
  if (/^arn:/i.test(uri)) return ARN_URI
  const problem = findUriProblem(uri, undefined)
  return problem && `Invalid HTTP endpoint specified for URI: ${problem.message} ${problem.mend}`
}

function checkPayloadFormat(integration: Integration): string | undefined {
  const { PayloadFormatVersion: version, IntegrationType, IntegrationSubtype } = integration
  const isFunction = IntegrationType === 'AWS_PROXY' && !IntegrationSubtype
  if (version === '1.0' || (version === '2.0' && isFunction)) return undefined
  const known = isFunction ? '1.0 and 2.0' : '1.0 (2.0 is for Lambda functions)'
  return `Invalid PayloadFormatVersion specified: ${version}. This integration has ${known}`
}

function checkCredentials({ CredentialsArn: arn, IntegrationSubtype }: Integration) {
  if (arn === undefined) {
    return IntegrationSubtype && 'CredentialsArn is required for IntegrationSubtype'
  }
  if (CREDENTIALS.test(arn)) return undefined
  return `Invalid CredentialsArn specified: ${arn}. It must be the ARN of an IAM role, or arn:aws:iam::*:user/*`
}

function checkTimeout({ TimeoutInMillis: timeout = 0 }: Integration, limits: Limits) {
  const [least, most] = [limits.integrationTimeoutMinMs, limits.integrationTimeoutMaxMs]
  if (Number.isInteger(timeout) && timeout >= least && timeout <= most) return undefined
  return `Timeout should be between ${least} ms and ${most} ms`
}

function checkTls({ TlsConfig }: Integration): string | undefined {
  const name = TlsConfig?.ServerNameToVerify
  if (name === undefined || isServerName(name)) return undefined
  return `Invalid serverNameToVerify specified: ${name}. It must be a host name that a certificate can have`
}

function checkRequestParameters({ RequestParameters = {}, IntegrationSubtype }: Integration) {
  if (IntegrationSubtype) return findParameterProblem(IntegrationSubtype, RequestParameters)
  return findMappingProblem(() => compileRequestMapping(RequestParameters, {}))
}

function checkResponseParameters({ ResponseParameters = {} }: Integration): string | undefined {
  for (const [status, rules] of Object.entries(ResponseParameters)) {
    if (!isResponseStatusKey(status)) {
      return `Invalid response parameters specified: ${status} is no status from 200 to 599`
    }
    const problem = findMappingProblem(() => compileResponseMapping(rules, {}))
    if (problem !== undefined) return `${problem} (of status ${status})`
  }
  return undefined
}

function findMappingProblem(compile: () => unknown): string | undefined {
  try {
    compile()
    return undefined
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return `Invalid mapping expression specified: ${error.key}: ${error.message}. ${error.mend}`
  }
}

const PRIVATE_URI =
  'For VpcLink VPC_LINK, integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN.'
const ARN_URI =
  'Invalid HTTP endpoint specified for URI: HTTP_PROXY integrations have an http or https address. For an ARN use AWS_PROXY, or the connection type VPC_LINK'
