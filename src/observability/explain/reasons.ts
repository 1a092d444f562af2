/**
 * Why a request was answered by the gateway itself: one table for the status, the message that clients see, the type in
 * `$context.error.responseType`, and the sentence that an operator reads.
 *
 * Messages are those of HTTP APIs (spec: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html); the
 * sentence never goes to a client.
 */

import type { Step } from './steps.ts'

export interface Reason {
  readonly status: number
  /** `message` of the JSON body. */
  readonly message: string
  readonly responseType: string
  /** Whose doing it is. */
  readonly side: 'client' | 'origin' | 'gateway'
  /** The step that it belongs to; where several can come to it, the one that is commonest (explain records which did). */
  readonly step: Step
  readonly sentence: string
}

/** What every refusal of a token is, as clients see it (`www-authenticate` besides). */
const UNAUTHORIZED = {
  status: 401,
  message: 'Unauthorized',
  responseType: 'UNAUTHORIZED',
  side: 'client',
  step: 'authorize',
} as const

/** What every refusal of a signed call is, as clients see it. */
const FORBIDDEN = {
  status: 403,
  message: 'Forbidden',
  responseType: 'ACCESS_DENIED',
  side: 'client',
  step: 'authorize',
} as const

export const REASONS = {
  API_NOT_FOUND: {
    status: 404,
    message: 'Not Found',
    responseType: 'RESOURCE_NOT_FOUND',
    side: 'client',
    step: 'host',
    sentence: 'No API and no custom domain name answers at this host name or address.',
  },
  ENDPOINT_DISABLED: {
    status: 404,
    message: 'Not Found',
    responseType: 'RESOURCE_NOT_FOUND',
    side: 'client',
    step: 'stage',
    sentence: 'The API has its default endpoint switched off (disableExecuteApiEndpoint).',
  },
  STAGE_NOT_FOUND: {
    status: 404,
    message: 'Not Found',
    responseType: 'RESOURCE_NOT_FOUND',
    side: 'client',
    step: 'stage',
    sentence: 'The first path segment names no stage, and the API has no $default stage.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    message: 'Not Found',
    responseType: 'RESOURCE_NOT_FOUND',
    side: 'client',
    step: 'route',
    sentence: 'No route of the stage takes this method and path, and there is no $default route.',
  },
  PATH_REFUSED: {
    status: 400,
    message: 'Bad Request',
    responseType: 'BAD_REQUEST',
    side: 'client',
    step: 'path',
    sentence:
      'The path can be read in two ways: dot segments, encoded slashes or control characters, or bytes that are not UTF-8.',
  },
  HEAD_INVALID: {
    status: 400,
    message: 'Bad Request',
    responseType: 'BAD_REQUEST',
    side: 'client',
    step: 'engine',
    sentence: 'The request head breaks the syntax of HTTP (RFC 9110, RFC 9112, RFC 9113).',
  },
  BODY_INVALID: {
    status: 400,
    message: 'Bad Request',
    responseType: 'BAD_REQUEST',
    side: 'client',
    step: 'integrate',
    sentence: 'The request body is framed wrongly or ended before it was complete.',
  },
  MAPPED_VALUE_INVALID: {
    status: 400,
    message: 'Bad Request',
    responseType: 'BAD_REQUEST',
    side: 'client',
    step: 'map-request',
    sentence:
      'A parameter mapping took a value from the request that cannot stand in a header or path.',
  },
  TOKEN_MISSING: {
    ...UNAUTHORIZED,
    sentence: "The request has no token where the route's JWT authorizer looks for it.",
  },
  TOKEN_NOT_A_JWT: {
    ...UNAUTHORIZED,
    sentence:
      'The token is no signed JSON Web Token, which has three segments; it may be opaque, or encrypted.',
  },
  TOKEN_MALFORMED: {
    ...UNAUTHORIZED,
    sentence: 'The token has three segments and cannot be read: base64url, JSON, or a claim.',
  },
  TOKEN_ALGORITHM_REFUSED: {
    ...UNAUTHORIZED,
    sentence:
      'The token is signed by a method that is not accepted (none, a shared secret), or that its key is not for.',
  },
  TOKEN_ISSUER_WRONG: {
    ...UNAUTHORIZED,
    sentence: "The token's iss is not the issuer of the authorizer, character by character.",
  },
  TOKEN_AUDIENCE_WRONG: {
    ...UNAUTHORIZED,
    sentence:
      "The token's aud (or client_id, where it has no aud) is none of the authorizer's audiences.",
  },
  TOKEN_EXPIRED: {
    ...UNAUTHORIZED,
    sentence: "The token's exp is over, or it has none.",
  },
  TOKEN_NOT_YET_VALID: {
    ...UNAUTHORIZED,
    sentence: "The token's nbf or iat lies ahead; the clock of its issuer may be wrong.",
  },
  TOKEN_KEY_UNKNOWN: {
    ...UNAUTHORIZED,
    sentence: "The token's kid is none of the keys that its issuer publishes.",
  },
  TOKEN_SIGNATURE_WRONG: {
    ...UNAUTHORIZED,
    sentence: 'The token is not signed by the key that it names: it was changed, or forged.',
  },
  ISSUER_UNREACHABLE: {
    ...UNAUTHORIZED,
    side: 'gateway',
    sentence:
      'The keys of the issuer could not be fetched, so no token of it can be verified; the client is not told.',
  },
  SCOPE_MISSING: {
    status: 403,
    message: 'Forbidden',
    responseType: 'ACCESS_DENIED',
    side: 'client',
    step: 'authorize',
    sentence: 'The token is good and has none of the scopes that the route asks for.',
  },
  IAM_CREDENTIALS_MISSING: {
    ...FORBIDDEN,
    sentence: 'The route asks for a signature (AWS_IAM) and the request has none.',
  },
  IAM_SIGNATURE_MALFORMED: {
    ...FORBIDDEN,
    sentence:
      'The signature is there and is not one that is accepted: a part is missing or twice, a header is not signed, or the body is unsigned or signed in chunks.',
  },
  IAM_SCOPE_WRONG: {
    ...FORBIDDEN,
    sentence:
      'The signature is for another service than execute-api, or for another region than that of the API.',
  },
  IAM_TIME_WRONG: {
    ...FORBIDDEN,
    sentence:
      'The time of the signature is more than five minutes off, or the presigned URL has expired; one of the clocks may be wrong.',
  },
  IAM_KEY_UNKNOWN: {
    ...FORBIDDEN,
    sentence: 'The request is signed with an access key that does not exist here.',
  },
  IAM_KEY_INACTIVE: {
    ...FORBIDDEN,
    sentence: 'The signature is right, and its access key was set to Inactive.',
  },
  IAM_SESSION_INVALID: {
    ...FORBIDDEN,
    sentence:
      'The session token was not made here, is not of that access key, or its role is gone.',
  },
  IAM_SESSION_EXPIRED: {
    ...FORBIDDEN,
    sentence: 'The signature is right, and its temporary credentials have expired.',
  },
  IAM_SIGNATURE_WRONG: {
    ...FORBIDDEN,
    sentence:
      'The signature does not fit: another secret, or the request was changed on its way (method, path, query, signed headers, body).',
  },
  IAM_BODY_CHANGED: {
    ...FORBIDDEN,
    sentence: 'The signature is right, and the body is not the one whose hash was signed.',
  },
  IAM_DENIED: {
    ...FORBIDDEN,
    sentence: 'The signature is right, and a policy of its identity denies the call explicitly.',
  },
  IAM_NOT_ALLOWED: {
    ...FORBIDDEN,
    sentence:
      'The signature is right, and no policy of its identity allows execute-api:Invoke on the route.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    message: 'Request Timeout',
    responseType: 'REQUEST_TIMEOUT',
    side: 'client',
    step: 'engine',
    sentence: 'The client did not send its head or body in time.',
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    message: 'Request Entity Too Large',
    responseType: 'REQUEST_TOO_LARGE',
    side: 'client',
    step: 'admit',
    sentence: 'The request body exceeds its limit.',
  },
  URI_TOO_LONG: {
    status: 414,
    message: 'Request-URI Too Long',
    responseType: 'REQUEST_TOO_LARGE',
    side: 'client',
    step: 'engine',
    sentence: 'The request line alone exceeds the limit for heads.',
  },
  MISDIRECTED: {
    status: 421,
    message: 'Misdirected Request',
    responseType: 'MISDIRECTED_REQUEST',
    side: 'client',
    step: 'host',
    sentence:
      'The TLS server name leads to another API or custom domain name than the Host field, or a domain with the access mode STRICT needs both to be equal.',
  },
  MAPPING_NOT_FOUND: {
    status: 403,
    message: 'Forbidden',
    responseType: 'ACCESS_DENIED',
    side: 'client',
    step: 'host',
    sentence: 'No API mapping and no routing rule of the custom domain name takes the request.',
  },
  MAPPED_STAGE_NOT_SERVED: {
    status: 404,
    message: 'Not Found',
    responseType: 'RESOURCE_NOT_FOUND',
    side: 'client',
    step: 'stage',
    sentence: 'The custom domain name leads to a stage that is not deployed.',
  },
  TLS_REQUIRED: {
    status: 403,
    message: 'Forbidden',
    responseType: 'ACCESS_DENIED',
    side: 'client',
    step: 'host',
    sentence:
      'The custom domain name asks for client certificates or for the access mode STRICT, and the request came without TLS.',
  },
  CLIENT_CERTIFICATE_REFUSED: {
    status: 403,
    message: 'Forbidden',
    responseType: 'ACCESS_DENIED',
    side: 'client',
    step: 'host',
    sentence:
      'The custom domain name asks for client certificates, and the one that was shown is not one that its truststore lets in.',
  },
  API_KEY_INVALID: {
    status: 403,
    message: 'Forbidden',
    responseType: 'INVALID_API_KEY',
    side: 'client',
    step: 'throttle',
    sentence:
      'The route requires an API key; the request has none, or one that is unknown, disabled, or in no usage plan of the stage.',
  },
  CLIENT_THROTTLED: {
    status: 429,
    message: 'Too Many Requests',
    responseType: 'THROTTLED',
    side: 'client',
    step: 'throttle',
    sentence:
      "The client's own token bucket is empty: x-postern-limits, or the throttle of its usage plan.",
  },
  QUOTA_EXCEEDED: {
    status: 429,
    message: 'Limit Exceeded',
    responseType: 'QUOTA_EXCEEDED',
    side: 'client',
    step: 'quota',
    sentence:
      'The client has used up its quota of this period: x-postern-limits, or the quota of its usage plan.',
  },
  ROUTE_THROTTLED: {
    status: 429,
    message: 'Too Many Requests',
    responseType: 'THROTTLED',
    side: 'client',
    step: 'throttle',
    sentence: 'The token bucket of the route is empty: its own limit in RouteSettings.',
  },
  STAGE_THROTTLED: {
    status: 429,
    message: 'Too Many Requests',
    responseType: 'THROTTLED',
    side: 'client',
    step: 'throttle',
    sentence:
      'The token bucket of the route is empty: its limit is that of the stage, DefaultRouteSettings.',
  },
  ACCOUNT_THROTTLED: {
    status: 429,
    message: 'Too Many Requests',
    responseType: 'THROTTLED',
    side: 'client',
    step: 'throttle',
    sentence:
      'The token bucket that all APIs of the account share is empty: the limits accountRatePerSecond and accountBurst.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    message: 'Request Header Fields Too Large',
    responseType: 'REQUEST_TOO_LARGE',
    side: 'client',
    step: 'engine',
    sentence: 'The header fields exceed their limit in bytes or number.',
  },
  CLIENT_GONE: {
    status: 499,
    message: '',
    responseType: 'CLIENT_GONE',
    side: 'client',
    step: 'respond',
    sentence:
      'The client closed the connection before the response was complete; 499 stands in logs only.',
  },
  INTERNAL_ERROR: {
    status: 500,
    message: 'Internal Server Error',
    responseType: 'DEFAULT_5XX',
    side: 'gateway',
    step: 'integrate',
    sentence: 'A bug in the gateway; the log has a fatal line with this request id.',
  },
  RESPONSE_MAPPING_INVALID: {
    status: 500,
    message: 'Internal Server Error',
    responseType: 'API_CONFIGURATION_ERROR',
    side: 'origin',
    step: 'map-response',
    sentence: 'A response parameter mapping gave a status or header value that cannot be sent.',
  },
  INTEGRATION_UNREACHABLE: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_FAILURE',
    side: 'origin',
    step: 'integrate',
    sentence: 'No connection to the integration: name not resolved, refused, or TLS failed.',
  },
  LINK_UNAVAILABLE: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_FAILURE',
    side: 'origin',
    step: 'integrate',
    sentence: 'No agent of the VPC link is connected to the gateway.',
  },
  LINK_TARGET_REFUSED: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_FAILURE',
    side: 'gateway',
    step: 'integrate',
    sentence:
      'The allow-list of the VPC link, or of its agent, does not name the target for this stage.',
  },
  INTEGRATION_TIMEOUT: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_TIMEOUT',
    side: 'origin',
    step: 'integrate',
    sentence: 'The integration did not answer within timeoutInMillis.',
  },
  INTEGRATION_FAILURE: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_FAILURE',
    side: 'origin',
    step: 'integrate',
    sentence:
      'The integration closed the connection or sent something that is not an HTTP response.',
  },
  INTEGRATION_RESPONSE_TOO_LARGE: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_FAILURE',
    side: 'origin',
    step: 'integrate',
    sentence: "The integration's response exceeds its limit.",
  },
  NO_TARGET: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'INTEGRATION_FAILURE',
    side: 'origin',
    step: 'integrate',
    sentence:
      'The load balancer has nobody for the request: no listener or rule, an empty group, or no target that is well.',
  },
  TARGETS_BUSY: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'OVERLOADED',
    side: 'origin',
    step: 'integrate',
    sentence:
      'Every target that is well has as many calls under way as it may have (targetConcurrencyMax).',
  },
  OVERLOADED: {
    status: 503,
    message: 'Service Unavailable',
    responseType: 'OVERLOADED',
    side: 'gateway',
    step: 'overload',
    sentence:
      'The gateway has too much to do: memory, event loop, calls under way, client connections, or calls for one origin.',
  },
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof REASONS

/** Explain records name a reason by its place here plus one. */
export const REASON_CODES = Object.keys(REASONS) as readonly ReasonCode[]
