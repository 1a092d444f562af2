/**
 * An HTTP API as it is deployed: the document that crosses from the control plane to the data plane.
 *
 * Plain data, immutable, structured-cloneable. `definitions/` writes it, `server/` sends it, `runtime/` compiles it.
 * Names and defaults are those of the apigatewayv2 service model
 * (https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/).
 */

import type { SharedDocuments } from './shared-documents.ts'

/** One deployed stage of one HTTP API. */
export interface HttpApiStage {
  readonly protocolType: 'HTTP'
  /** Ten characters `[a-z0-9]`, as AWS. */
  readonly apiId: string
  readonly apiName: string
  readonly accountId: string
  readonly region: string
  /** `$default` or `[A-Za-z0-9_-]{1,128}`. */
  readonly stageName: string
  readonly stageVariables: Readonly<Record<string, string>>
  readonly deploymentId: string
  /** Grows by one with every change of this stage. */
  readonly revision: number
  readonly disableExecuteApiEndpoint: boolean
  readonly corsConfiguration?: CorsConfiguration
  /** Per-route figures in /metrics besides the stage's own (RouteSettings.detailedMetricsEnabled). */
  readonly detailedMetricsEnabled: boolean
  readonly accessLogSettings?: AccessLogSettings
  readonly routes: readonly Route[]
  readonly integrations: Readonly<Record<string, Integration>>
  /** By id; those that some route uses. */
  readonly authorizers?: Readonly<Record<string, JwtAuthorizer>>
  /** For every route that has none of its own. Undefined: no limit of the stage. */
  readonly throttle?: Throttle
  /** How often each client may call, over all routes. */
  readonly clientLimits?: ClientLimits
  /** Usage plans that the stage is in; undefined: none. */
  readonly usagePlans?: readonly StageUsagePlan[]
}

/** RouteSettings of the service model: a token bucket. */
export interface Throttle {
  /** Tokens a second; may be a fraction. */
  readonly ratePerSecond: number
  /** Tokens that a full bucket holds. */
  readonly burst: number
}

/** So many calls in each period. */
export interface Quota {
  readonly limit: number
  readonly period: 'DAY' | 'WEEK' | 'MONTH'
  /** Which day a period begins on: 0 for Sunday, and for the first of the month. */
  readonly offset: number
}

/** What one client may; a member that is undefined: as much as it wants. */
export interface ClientAllowance {
  readonly throttle?: Throttle
  readonly quota?: Quota
}

/** `x-postern-limits`, with everything filled in. */
export interface ClientLimits extends ClientAllowance {
  /** A value expression that tells who calls; calls without a value are one client, `-`. */
  readonly client: string
  /** Usage is kept by client and day. A quota does not do without. */
  readonly metered: boolean
  /** Instead of the above, for clients by name. */
  readonly clients: Readonly<Record<string, ClientAllowance>>
}

/** A usage plan as far as one stage needs it. */
export interface StageUsagePlan extends ClientAllowance {
  readonly planId: string
  /** Route key → the limit of each client on this route, besides that of the plan. */
  readonly routes: Readonly<Record<string, Throttle>>
  /** SHA-256 of the value, in hex → id. Keys that are enabled. */
  readonly keys: Readonly<Record<string, string>>
}

export interface JwtAuthorizer {
  readonly authorizerId: string
  readonly authorizerType: 'JWT'
  readonly name: string
  /** `$request.header.Authorization`, `$request.querystring.token`. */
  readonly identitySource: string
  /** Base of `{issuer}/.well-known/openid-configuration`, and the `iss` of its tokens. */
  readonly issuer: string
  /** A token has one of these as `aud` or, without `aud`, as `client_id`. */
  readonly audience: readonly string[]
}

/** Who may call a route. */
export type RouteAuthorization = JwtAuthorization | IamAuthorization

/** Who has a good token. */
export interface JwtAuthorization {
  readonly authorizationType: 'JWT'
  /** Key into `authorizers`. */
  readonly authorizerId: string
  /** A token has at least one of them; empty: none is asked for. */
  readonly scopes: readonly string[]
}

/** Who signs the call with a key of IAM whose policies allow it. */
export interface IamAuthorization {
  readonly authorizationType: 'AWS_IAM'
}

/** Cors of the service model. */
export interface CorsConfiguration {
  readonly allowOrigins: readonly string[]
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  /** Seconds, -1 to 86 400; undefined: the header is not sent. */
  readonly maxAge?: number
}

export interface AccessLogSettings {
  /** One line with `$context` variables. */
  readonly format: string
  /** Undefined: the program's own log. */
  readonly destinationArn?: string
}

export interface Route {
  /** `GET /pets/{id}`, `ANY /{proxy+}` or `$default`. */
  readonly routeKey: string
  /** Key into `integrations`. */
  readonly integrationId: string
  readonly operationName?: string
  /** Undefined: everybody may call it. */
  readonly authorization?: RouteAuthorization
  /** Instead of the stage's. */
  readonly throttle?: Throttle
  /** How often each client may call this route, besides the stage's limit. */
  readonly clientLimits?: ClientLimits
  /** Only clients with a key of a usage plan of the stage may call. */
  readonly apiKeyRequired?: true
  /** Where it was written, for messages and `postern routes`: `file:line`. */
  readonly source?: string
}

export interface Integration {
  readonly integrationId: string
  readonly integrationType: 'HTTP_PROXY'
  /** `ANY`: the client's method; else the method sent to the origin. */
  readonly integrationMethod: string
  /** Absolute http(s) URL, may hold `{param}` and `${stageVariables.name}`. */
  readonly integrationUri: string
  /** 50 ms to 30 s under `--limits aws`. */
  readonly timeoutInMillis: number
  /** `append:header.x` → value expression. */
  readonly requestParameters: Readonly<Record<string, string>>
  /** Status → `overwrite:header.x` → value expression. */
  readonly responseParameters: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly tlsConfig?: IntegrationTls
  /** The VPC link that it goes through; undefined: the networks that the server reaches. */
  readonly vpcLinkId?: string
  /** A listener or a service that finds the target, by ARN; then `integrationUri` is a URL whose host only names it. */
  readonly listenerArn?: string
  readonly source?: string
}

export interface IntegrationTls {
  /** The name to verify in the origin's certificate and to send as SNI, instead of the URI's host. */
  readonly serverNameToVerify?: string
  /** Accept any certificate. AWS has it for REST APIs; Postern allows it where the definition says so. */
  readonly insecureSkipVerification?: boolean
  /** The certificate that the gateway shows, by its id in the TLS document; undefined: none. */
  readonly clientCertificateId?: string
}

/** Everything that the data plane serves, at one revision. Workers replace it as a whole. */
export interface Configuration extends SharedDocuments {
  readonly revision: number
  readonly stages: readonly HttpApiStage[]
}
