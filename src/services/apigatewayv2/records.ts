/**
 * How the resources of apigatewayv2 stand in the store: kinds, parents, bodies.
 *
 * A body is the resource in the service model's own members, with times as ISO 8601 texts and without what follows
 * from elsewhere (`ApiEndpoint` from the settings, ids from the key are kept for reading ease).
 */

import type {
  ApiMapping,
  Authorizer,
  Deployment,
  DomainName,
  Integration,
  Model,
  RoutingRuleActionInvokeApi,
  RoutingRuleCondition,
  Stage,
  VpcLink,
} from '@aws-sdk/client-apigatewayv2'
import type {
  DefinedApi,
  DefinedRoute,
  HttpApiDefinition,
} from '../../domain/http-api-definition.ts'

/** The same resource with every time as a text. */
type Stored<T> = { [Member in keyof T]: T[Member] extends Date | undefined ? string : T[Member] }

export type ApiRecord = Stored<Omit<DefinedApi, 'ApiEndpoint'>> & {
  /**
   * The definition file that `postern up` keeps it in step with: which content was deployed last, and as which
   * deployment.
   */
  readonly source?: {
    readonly file: string
    readonly digest: string
    readonly deploymentId: string
    /** A start with other files does not serve the API; it stays in the store. */
    readonly parked?: true
  }
}
export type RouteRecord = DefinedRoute & { readonly source?: string }
export type IntegrationRecord = Integration & { readonly source?: string }
export type AuthorizerRecord = Authorizer
export type ModelRecord = Model
export type StageRecord = Stored<Stage> & {
  /** Grows with every change of what the stage serves. */
  readonly servedRevision: number
}
export type DeploymentRecord = Stored<Deployment>
/** What a deployment has frozen, in a record of its own because lists do not need it. */
export type DeploymentDefinitionRecord = HttpApiDefinition
export type DomainNameRecord = Stored<DomainName> & {
  /** First label of the name under the region's own domain that a CNAME record points to. */
  readonly endpointId: string
  /** Which the second API has no member for. */
  readonly endpointAccessMode?: 'BASIC' | 'STRICT'
}
export type ApiMappingRecord = ApiMapping
export interface RoutingRuleRecord {
  readonly RoutingRuleId: string
  readonly Priority: number
  readonly Conditions: readonly RoutingRuleCondition[]
  readonly Actions: readonly [{ readonly InvokeApi: InvokedStage }]
}
interface InvokedStage extends RoutingRuleActionInvokeApi {
  readonly ApiId: string
  readonly Stage: string
  readonly StripBasePath: boolean
}
export type VpcLinkRecord = Stored<VpcLink>

/** Kind → what its parent is. */
export const KINDS = {
  api: 'none',
  route: 'api',
  integration: 'api',
  authorizer: 'api',
  model: 'api',
  stage: 'api',
  deployment: 'api',
  'deployment-definition': 'api',
  'domain-name': 'none',
  'api-mapping': 'domain-name',
  'routing-rule': 'domain-name',
  'vpc-link': 'none',
} as const

export type Kind = keyof typeof KINDS
