/**
 * An HTTP API as its author wrote it, in apigatewayv2's own words: what a deployment freezes, what an OpenAPI definition
 * says, what an export writes.
 *
 * Members have the names and shapes of the service model, so that a resource passes from the wire to the store and to
 * a definition without being renamed. Everything that the model knows is here, also what the data plane does not
 * enforce yet; what may go live is decided where a definition becomes an `HttpApiStage`.
 */

import type {
  Api,
  Authorizer,
  Integration,
  Model,
  Route,
  Stage,
  TlsConfig,
} from '@aws-sdk/client-apigatewayv2'
import type { ClientLimits } from './http-api.ts'

/** The members of an Api that a deployment freezes. */
export type ApiSettings = Pick<
  Api,
  'Name' | 'Description' | 'Version' | 'CorsConfiguration' | 'DisableExecuteApiEndpoint' | 'Tags'
> &
  Limited

/** What `x-postern-limits` says; AWS has no member for it. */
export interface Limited {
  ClientLimits?: ClientLimits | undefined
}

/** An Api with what only a definition file can say. */
export type DefinedApi = Api & Limited

/** A Route with what only a definition file can say. */
export type DefinedRoute = Route & Limited

/** Members of `TlsConfig` that only a definition file can say. */
export interface DefinedTlsConfig extends TlsConfig {
  /** Any certificate of the origin is accepted. AWS has it for REST APIs; Postern where a definition says so. */
  InsecureSkipVerification?: boolean | undefined
  /** The certificate that is shown to the origin: the id of a generated one, or an ARN of ACM. Postern's own. */
  ClientCertificateId?: string | undefined
}

export type DefinedIntegration = Omit<Integration, 'TlsConfig'> & {
  TlsConfig?: DefinedTlsConfig | undefined
}

export interface HttpApiDefinition {
  readonly api: ApiSettings
  /** `Target` is `integrations/{IntegrationId}`; `AuthorizerId` names one of `authorizers`. */
  readonly routes: readonly DefinedRoute[]
  readonly integrations: readonly DefinedIntegration[]
  readonly authorizers: readonly Authorizer[]
  readonly models: readonly Model[]
  /** Where it was written, `file:line`, by RouteId or IntegrationId; empty for what came by the management API. */
  readonly sources: Readonly<Record<string, string>>
}

/** The members of a Stage that a definition may bring along. */
export type StageSettings = Pick<
  Stage,
  'StageName' | 'StageVariables' | 'DefaultRouteSettings' | 'AccessLogSettings'
>
