/**
 * What expressions can see of a call: the contract between `$context` variables, parameter mapping and access logs on
 * one side and the invocation on the other. Every member is cheap to read or computed when first asked for.
 */

import type { ClientCertificate } from '../http/client-certificate.ts'

/** Who has signed a call to a route with IAM authorization. */
export interface CallIdentity {
  readonly accountId: string
  /** Unique id, with the name of the session where there is one. */
  readonly caller: string
  readonly userArn: string
}

export interface ContextSource {
  readonly accountId: string
  readonly apiId: string
  readonly stage: string
  readonly deploymentId: string
  readonly domainName: string
  readonly requestId: string
  /** `GET /pets/{id}`, `$default`, or '' when no route matched. */
  readonly routeKey: string
  readonly httpMethod: string
  /** Path with the stage prefix or the base path of a custom domain name, as the client addressed it after canonicalisation. */
  readonly path: string
  /** Of the custom domain name's API mapping or routing rule; '' without one. */
  readonly basePathMatched: string
  /** Of the custom domain name's routing rule; '' without one. */
  readonly routingRuleIdMatched: string
  readonly protocol: string
  readonly sourceIp: string
  readonly userAgent: string
  /** Milliseconds since the epoch at which the head was complete. */
  readonly requestTimeEpoch: number
  /** Status sent to the client; 0 until known. */
  readonly status: number
  /** Body bytes sent to the client. */
  readonly responseLength: number
  /** Body bytes received and sent, both ways. */
  readonly dataProcessed: number
  /** Milliseconds from head to end of response; -1 until known. */
  readonly responseLatencyMs: number
  /** Milliseconds waited for the integration; -1 when none was called. */
  readonly integrationLatencyMs: number
  /** Status that the integration gave; 0 when it gave none. */
  readonly integrationStatus: number
  /** Reason of a failed integration, '' when there is none. */
  readonly integrationError: string
  /** `message` of the error body when the gateway itself answered, '' otherwise. */
  readonly errorMessage: string
  /** Gateway response type when the gateway itself answered (`INTEGRATION_TIMEOUT`), '' otherwise. */
  readonly errorResponseType: string
  /** Why the authorizer refused the call, for operators; '' when it did not. */
  readonly authorizerError: string
  /** 200 when the authorizer let the call pass, else the status of its refusal; 0 when none was asked. */
  readonly authorizerStatus: number
  /** Milliseconds that the call waited for its authorizer; -1 when none was asked. */
  readonly authorizerLatency: number
  /** What the integration's response says in `x-amzn-requestid` or `x-amz-request-id`, where a log wants it; else ''. */
  readonly endpointRequestId: string
  /** The same of `x-amz-id-2`. */
  readonly endpointRequestId2: string
  /** Identifier of the trace that the call belongs to, in X-Ray's form; '' without tracing. */
  readonly xrayTraceId: string
  /** Undefined where no signature was asked for, or none was right. */
  readonly identity: CallIdentity | undefined
  readonly tlsVersion: string
  readonly cipherSuite: string
  /** What the client has shown and the domain's truststore has accepted; undefined: it was asked for none. */
  readonly clientCertificate: ClientCertificate | undefined
  /** A claim of the verified token as text (Unicode); undefined when it has none of that name. */
  authorizerClaim(name: string): string | undefined
}

/** What parameter mapping can see besides `$context`. */
export interface RequestSource extends ContextSource {
  /** All values of a header (name in lower case) joined with `,`; undefined when absent. */
  requestHeader(name: string): string | undefined
  /** All values of a query parameter (exact case), decoded, joined with `,`; undefined when absent. */
  requestQuery(name: string): string | undefined
  /** Path without the stage prefix, canonical, still percent-encoded. */
  readonly requestPath: string
  /** A path parameter, percent-decoded; undefined when the route has none of that name. */
  pathParameter(name: string): string | undefined
  /** The same as it stands in the canonical path: percent-encoded, an escaped slash still escaped. */
  encodedPathParameter(name: string): string | undefined
  /** Whole request body; only buffered when the plan says that a mapping reads it. */
  readonly requestBody: Uint8Array | undefined
}

export interface ResponseSource extends RequestSource {
  /** All values of an integration response header joined with `,`; undefined when absent. */
  responseHeader(name: string): string | undefined
  readonly responseBody: Uint8Array | undefined
}
