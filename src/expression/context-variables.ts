/**
 * Every `$context` variable, one table for access logs, parameter mapping and the reference documentation.
 *
 * A variable that AWS has and that says nothing for a call here (other API types, features that the stage does not
 * use) is known and reads as undefined: `-` in access logs, absent in mappings. A name that AWS does not have is
 * refused where it is written (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html).
 */

import type { ContextSource } from './context-source.ts'
import { nearestName } from './did-you-mean.ts'
import { formatRequestTime } from './request-time.ts'

export interface ContextVariable {
  /** Without `$context.`. */
  readonly name: string
  readonly kind: 'string' | 'number'
  readonly description: string
  /** Undefined when the call has no such value (yet). */
  readonly read: (source: ContextSource) => string | number | undefined
}

type Row = readonly [
  name: string,
  kind: ContextVariable['kind'],
  description: string,
  read: ContextVariable['read'],
]

const PRESENT: readonly Row[] = [
  ['accountId', 'string', 'Account that owns the API.', (s) => text(s.accountId)],
  ['apiId', 'string', 'Identifier of the API.', (s) => text(s.apiId)],
  ['stage', 'string', 'Name of the stage.', (s) => text(s.stage)],
  ['deploymentId', 'string', 'Deployment that answered the call.', (s) => text(s.deploymentId)],
  ['domainName', 'string', 'Host name that the client addressed.', (s) => text(s.domainName)],
  ['domainPrefix', 'string', 'First label of domainName.', (s) => firstLabel(s.domainName)],
  ['requestId', 'string', 'Identifier of the call.', (s) => text(s.requestId)],
  ['extendedRequestId', 'string', 'The same as requestId.', (s) => text(s.requestId)],
  ['routeKey', 'string', 'Key of the route that matched.', (s) => text(s.routeKey)],
  ['httpMethod', 'string', 'Method of the request.', (s) => text(s.httpMethod)],
  [
    'path',
    'string',
    'Path of the request, with the stage prefix or the base path of the custom domain name.',
    (s) => text(s.path),
  ],
  [
    'customDomain.basePathMatched',
    'string',
    'Base path of the API mapping or routing rule that led to the API.',
    (s) => text(s.basePathMatched),
  ],
  [
    'customDomain.routingRuleIdMatched',
    'string',
    'The routing rule that led to the API.',
    (s) => text(s.routingRuleIdMatched),
  ],
  ['protocol', 'string', 'Protocol of the request, `HTTP/1.1`.', (s) => text(s.protocol)],
  ['identity.sourceIp', 'string', 'Address of the client.', (s) => text(s.sourceIp)],
  [
    'identity.accountId',
    'string',
    'Account of who signed the call (IAM authorization).',
    (s) => s.identity?.accountId,
  ],
  [
    'identity.caller',
    'string',
    'Unique id of who signed the call (IAM authorization).',
    (s) => s.identity?.caller,
  ],
  ['identity.user', 'string', 'The same as identity.caller.', (s) => s.identity?.caller],
  [
    'identity.userArn',
    'string',
    'ARN of the user or session that signed the call (IAM authorization).',
    (s) => s.identity?.userArn,
  ],
  ['identity.userAgent', 'string', 'User-Agent of the request.', (s) => text(s.userAgent)],
  [
    'requestTime',
    'string',
    'Time of the request, `22/Nov/2026:19:10:17 +0000`.',
    (s) => formatRequestTime(s.requestTimeEpoch),
  ],
  [
    'requestTimeEpoch',
    'number',
    'Time of the request in milliseconds since 1970.',
    (s) => s.requestTimeEpoch,
  ],
  ['status', 'number', 'Status of the response.', (s) => statusOf(s.status)],
  ['responseLength', 'number', 'Bytes of the response body.', (s) => s.responseLength],
  ['dataProcessed', 'number', 'Bytes of both bodies.', (s) => s.dataProcessed],
  [
    'responseLatency',
    'number',
    'Milliseconds from the request head to the end of the response.',
    (s) => milliseconds(s.responseLatencyMs),
  ],
  [
    'integrationLatency',
    'number',
    'Milliseconds spent waiting for the integration.',
    (s) => milliseconds(s.integrationLatencyMs),
  ],
  [
    'integration.latency',
    'number',
    'The same as integrationLatency.',
    (s) => milliseconds(s.integrationLatencyMs),
  ],
  [
    'integrationStatus',
    'number',
    'Status that the integration returned.',
    (s) => statusOf(s.integrationStatus),
  ],
  [
    'integration.status',
    'number',
    'The same as integrationStatus.',
    (s) => statusOf(s.integrationStatus),
  ],
  [
    'integration.integrationStatus',
    'number',
    'The same as integrationStatus.',
    (s) => statusOf(s.integrationStatus),
  ],
  [
    'integrationErrorMessage',
    'string',
    'Why the integration failed.',
    (s) => text(s.integrationError),
  ],
  [
    'integration.error',
    'string',
    'The same as integrationErrorMessage.',
    (s) => text(s.integrationError),
  ],
  [
    'error.message',
    'string',
    'Message of the error body that the gateway sent.',
    (s) => text(s.errorMessage),
  ],
  [
    'error.messageString',
    'string',
    'error.message as a quoted JSON string, for use without quotes around it.',
    (s) => (s.errorMessage === '' ? undefined : JSON.stringify(s.errorMessage)),
  ],
  [
    'error.responseType',
    'string',
    'Kind of error response that the gateway sent.',
    (s) => text(s.errorResponseType),
  ],
  [
    'authorizer.error',
    'string',
    'Why the authorizer refused the call; it is not told to the client.',
    (s) => text(s.authorizerError),
  ],
  [
    'authorizer.status',
    'number',
    '200 when the authorizer let the call pass, else the status of its refusal.',
    (s) => statusOf(s.authorizerStatus),
  ],
  [
    'authorizer.latency',
    'number',
    'Milliseconds that the call waited for its authorizer; 0 for a token that was known.',
    (s) => milliseconds(s.authorizerLatency),
  ],
  [
    'awsEndpointRequestId',
    'string',
    "The integration's `x-amzn-requestid` or `x-amz-request-id`.",
    (s) => text(s.endpointRequestId),
  ],
  [
    'awsEndpointRequestId2',
    'string',
    "The integration's `x-amz-id-2`.",
    (s) => text(s.endpointRequestId2),
  ],
  [
    'xrayTraceId',
    'string',
    'Identifier of the trace that the call belongs to, `1-5759e988-bd862e3fe1be46a994272793`.',
    (s) => text(s.xrayTraceId),
  ],
  ['tlsVersion', 'string', 'TLS version of the connection, `TLSv1.3`.', (s) => text(s.tlsVersion)],
  [
    'identity.clientCert.clientCertPem',
    'string',
    'Certificate that the client has shown (mutual TLS), in PEM.',
    (s) => s.clientCertificate?.pem,
  ],
  [
    'identity.clientCert.subjectDN',
    'string',
    'Its subject, `C=US,O=Example,CN=client`.',
    (s) => s.clientCertificate?.subject,
  ],
  [
    'identity.clientCert.issuerDN',
    'string',
    'Its issuer, in the same notation.',
    (s) => s.clientCertificate?.issuer,
  ],
  [
    'identity.clientCert.serialNumber',
    'string',
    'Its serial number, `a1:0b:…`.',
    (s) => s.clientCertificate?.serialNumber,
  ],
  [
    'identity.clientCert.validity.notBefore',
    'string',
    'The first moment of its validity, `May 28 12:30:02 2019 GMT`.',
    (s) => s.clientCertificate?.notBefore,
  ],
  [
    'identity.clientCert.validity.notAfter',
    'string',
    'The last moment of its validity.',
    (s) => s.clientCertificate?.notAfter,
  ],
  ['cipherSuite', 'string', 'Cipher suite of the connection.', (s) => text(s.cipherSuite)],
]

/** Names of AWS that have no value for an HTTP API without the feature or the API type that they belong to. */
const ABSENT: readonly (readonly [belongsTo: string, names: string])[] = [
  ['REST APIs', 'endpointType'],
  [
    'Lambda authorizers',
    'authenticate.error authenticate.latency authenticate.status authorize.error authorize.latency ' +
      'authorize.status authorizer.integrationLatency authorizer.integrationStatus ' +
      'authorizer.principalId authorizer.requestId',
  ],
  [
    'IAM authorization',
    'identity.cognitoAuthenticationProvider ' +
      'identity.cognitoAuthenticationType identity.cognitoIdentityId identity.cognitoIdentityPoolId ' +
      'identity.principalOrgId',
  ],
  [
    'REST APIs',
    'error.validationErrorString identity.apiKey identity.apiKeyId identity.vpcId identity.vpceId ' +
      'integration.requestId integration.responseTransferMode integration.timeToAllHeaders ' +
      'integration.timeToFirstContent isCanaryRequest resourceId resourcePath waf.error waf.latency ' +
      'waf.status wafResponseCode webaclArn',
  ],
  ['WebSocket APIs', 'connectedAt connectionId eventType messageId'],
]

const CLAIM = 'authorizer.claims.'
/** Families whose last part an author chooses. */
const FAMILIES = /^(authorizer\.[^\s.]+|(request|response)Override\.[^\s]+)$/

const nothing = (): undefined => undefined

/** In the order of the documentation; families stand in it as `authorizer.claims.*` and the like. */
export const CONTEXT_VARIABLES: readonly ContextVariable[] = [
  ...PRESENT.map(([name, kind, description, read]) => ({ name, kind, description, read })),
  ...ABSENT.flatMap(([belongsTo, names]) =>
    names.split(' ').map((name) => absent(name, `Of ${belongsTo}; empty here.`)),
  ),
  absent('authorizer.*', 'A value that a Lambda authorizer returned; empty here.'),
  absent(
    `${CLAIM}*`,
    'A claim of the verified token; a list as `[a b]`, an object as JSON. Empty on routes without a JWT authorizer.',
  ),
  absent('requestOverride.*', 'Of REST APIs; empty here.'),
  absent('responseOverride.*', 'Of REST APIs; empty here.'),
]

const BY_NAME = new Map(CONTEXT_VARIABLES.map((variable) => [variable.name, variable]))

/** The variable of that name (without `$context.`); undefined when AWS has no such variable. */
export function contextVariable(name: string): ContextVariable | undefined {
  if (name.endsWith('*')) return undefined
  const variable = BY_NAME.get(name)
  if (variable !== undefined) return variable
  if (isClaimVariable(name)) return claim(name)
  return FAMILIES.test(name) ? absent(name, '') : undefined
}

/** A claim is Unicode text; every other variable is a string of bytes, as heads are. */
export function isClaimVariable(name: string): boolean {
  return name.startsWith(CLAIM) && /^\S+$/.test(name.slice(CLAIM.length))
}

/** The variable that an unknown name was most likely meant to be. */
export function nearestContextVariable(name: string): string | undefined {
  return nearestName(name, BY_NAME.keys())
}

function claim(name: string): ContextVariable {
  const member = name.slice(CLAIM.length)
  const read: ContextVariable['read'] = (source) => source.authorizerClaim(member)
  return { name, kind: 'string', description: '', read }
}

function absent(name: string, description: string): ContextVariable {
  return { name, kind: 'string', description, read: nothing }
}

function text(value: string): string | undefined {
  return value === '' ? undefined : value
}

function statusOf(status: number): number | undefined {
  return status === 0 ? undefined : status
}

function milliseconds(ms: number): number | undefined {
  return ms < 0 ? undefined : Math.round(ms)
}

function firstLabel(domainName: string): string | undefined {
  const dot = domainName.indexOf('.')
  return text(dot === -1 ? domainName : domainName.slice(0, dot))
}
