/**
 * A frozen definition and its stage to the document that workers serve, or to the reasons why they cannot.
 *
 * The last thing that the control plane decides before a stage goes live. Pure. Invariant: a document does all that its
 * definition and its stage ask for (`enforcement.ts` says what that is, member by member); everything else is a reason,
 * and a stage with a reason is not served at all.
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import { corsConfigurationOf } from '../../../definitions/open-api/http-api-stage.ts'
import { authorizationOf } from '../../../definitions/open-api/jwt-authorizer.ts'
import type {
  HttpApiStage,
  JwtAuthorizer,
  Route,
  StageUsagePlan,
} from '../../../domain/http-api.ts'
import type { DefinedIntegration, HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import type { Limits } from '../../../domain/limits.ts'
import {
  compileAccessLogFormat,
  FormatError,
} from '../../../observability/access-log/access-log-format.ts'
import type { Scope } from '../../../storage/store.ts'
import { findCorsProblem } from '../cors.ts'
import type { StageRecord } from '../records.ts'
import { lineOfFormat } from '../stage-settings.ts'
import { authorizerDocument } from './authorizer-document.ts'
import { ENFORCEMENT, refusalsOf } from './enforcement.ts'
import {
  findPathFault,
  type IntegrationDocument,
  type IntegrationPlace,
  integrationDocument,
} from './integration-document.ts'
import { defaultThrottle, ownThrottle } from './route-throttle.ts'

export interface StageDocumentSource {
  readonly scope: Scope
  readonly apiId: string
  /** The name that the API has now; a deployment does not freeze it. */
  readonly apiName: string
  readonly definition: HttpApiDefinition
  readonly stage: StageRecord
  readonly limits: Limits
  /** Plans that the stage is in. */
  readonly usagePlans?: readonly StageUsagePlan[]
}

export type StageDocument =
  | { readonly kind: 'document'; readonly document: HttpApiStage }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

export function stageDocument(source: StageDocumentSource): StageDocument {
  const { definition, stage, usagePlans = [] } = source
  const { reasons: unroutable, ...routed } = routesOf(source)
  const reasons = [
    ...apiRefusals(definition),
    ...stageRefusals(stage, source.limits),
    ...unroutable,
  ]
  if (reasons.length > 0) return { kind: 'refused', reasons }
  const { CorsConfiguration: cors, DisableExecuteApiEndpoint, ClientLimits } = definition.api
  const document: HttpApiStage = {
    protocolType: 'HTTP',
    apiId: source.apiId,
    apiName: source.apiName,
    accountId: source.scope.accountId,
    region: source.scope.region,
    stageName: stage.StageName!,
    stageVariables: stage.StageVariables ?? {},
    deploymentId: stage.DeploymentId ?? '',
    revision: stage.servedRevision,
    disableExecuteApiEndpoint: DisableExecuteApiEndpoint === true,
    ...(cors === undefined ? {} : { corsConfiguration: corsConfigurationOf(cors) }),
    detailedMetricsEnabled: stage.DefaultRouteSettings?.DetailedMetricsEnabled === true,
    ...accessLogOf(stage),
    ...defaultThrottle(stage, source.limits),
    ...(ClientLimits === undefined ? {} : { clientLimits: ClientLimits }),
    ...(usagePlans.length === 0 ? {} : { usagePlans }),
    ...routed,
  }
  return { kind: 'document', document }
}

function accessLogOf(stage: StageRecord): Pick<HttpApiStage, 'accessLogSettings'> {
  const { Format: format, DestinationArn: destinationArn } = stage.AccessLogSettings ?? {}
  if (format === undefined) return {}
  const destination = destinationArn === undefined ? {} : { destinationArn }
  return { accessLogSettings: { format: lineOfFormat(format), ...destination } }
}

/** What a stage asks for that is not done, whatever it serves. */
export function stageRefusals(stage: StageRecord, limits: Limits): string[] {
  const { servedRevision: _, ...members } = stage
  const { DefaultRouteSettings = {}, RouteSettings = {}, AccessLogSettings = {} } = members
  const isDetailed = DefaultRouteSettings.DetailedMetricsEnabled === true
  return [
    ...refusalsOf(members, ENFORCEMENT.Stage),
    ...refusalsOf(DefaultRouteSettings, ENFORCEMENT.RouteSettings),
    ...Object.entries(RouteSettings).flatMap(([routeKey, settings]) => {
      const refusals = refusalsOf(settings, ENFORCEMENT.RouteSettings)
      if (settings.DetailedMetricsEnabled === true && !isDetailed) refusals.push(METRICS_OF_ROUTE)
      return refusals.map((refusal) => `route ${routeKey}: ${refusal}`)
    }),
    ...refusalsOf(AccessLogSettings, ENFORCEMENT.AccessLogSettings),
    ...formatRefusals(AccessLogSettings.Format, limits),
  ].map((refusal) => `stage ${stage.StageName}: ${refusal}`)
}

const METRICS_OF_ROUTE =
  'detailed metrics are on for a whole stage or not at all (DefaultRouteSettings.DetailedMetricsEnabled)'

/** Members of the routes and of what they lead to that ask for what is not done, whatever stage serves them. */
export function definitionRefusals(definition: HttpApiDefinition, limits: Limits): string[] {
  const byId = new Map(definition.integrations.map((each) => [each.IntegrationId, each]))
  const authorizers = new Map(definition.authorizers.map((each) => [each.AuthorizerId, each]))
  const routes = definition.routes.flatMap((route) => {
    const guard = authorizerDocument(route, authorizers.get(route.AuthorizerId), limits)
    const integration = byId.get(integrationIdOf(route.Target))
    const ofIntegration =
      integration === undefined ? [] : refusalsOf(integration, ENFORCEMENT.Integration)
    const ofAuthorizer = guard.kind === 'refused' ? guard.reasons : []
    const refusals = [...refusalsOf(route, ENFORCEMENT.Route), ...ofAuthorizer, ...ofIntegration]
    return refusals.map((refusal) => `route ${route.RouteKey}: ${refusal}`)
  })
  return [...apiRefusals(definition), ...routes]
}

/** `integrations/abc1234` → `abc1234` */
export function integrationIdOf(target: string | undefined): string | undefined {
  return target === undefined ? undefined : /^integrations\/(.+)$/.exec(target)?.[1]
}

function apiRefusals({ api }: HttpApiDefinition): string[] {
  return [...refusalsOf(api, ENFORCEMENT.Api), ...corsRefusals(api.CorsConfiguration)].map(
    (refusal) => `API ${api.Name}: ${refusal}`,
  )
}

function corsRefusals(cors: Cors | undefined): string[] {
  if (cors === undefined) return []
  const problem = findCorsProblem(cors)
  const faults = problem === undefined ? [] : [`${problem} (CorsConfiguration)`]
  return [...refusalsOf(cors, ENFORCEMENT.Cors), ...faults]
}

function formatRefusals(format: string | undefined, limits: Limits): string[] {
  if (format === undefined) return []
  try {
    compileAccessLogFormat(lineOfFormat(format), limits.accessLogFormatBytes)
    return []
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return [`access log: ${error.message}. ${error.mend}`]
  }
}

interface Routed extends Pick<HttpApiStage, 'routes' | 'integrations' | 'authorizers'> {
  readonly reasons: readonly string[]
}

function routesOf({ definition, stage, limits }: StageDocumentSource): Routed {
  const { sources } = definition
  const uses = new IntegrationUses(definition, {
    stageName: stage.StageName!,
    stageVariables: stage.StageVariables ?? {},
    limits,
  })
  const authorizersById = new Map(definition.authorizers.map((each) => [each.AuthorizerId, each]))
  const authorizers: Record<string, JwtAuthorizer> = {}
  const routes: Route[] = []
  const integrations: Record<string, HttpApiStage['integrations'][string]> = {}
  const reasons: string[] = []
  for (const route of definition.routes) {
    const refuse = (refusal: string) => reasons.push(`route ${route.RouteKey}: ${refusal}`)
    refusalsOf(route, ENFORCEMENT.Route).forEach(refuse)
    const guard = authorizerDocument(route, authorizersById.get(route.AuthorizerId), limits)
    if (guard.kind === 'refused') guard.reasons.forEach(refuse)
    if (guard.kind === 'document') authorizers[guard.authorizer.authorizerId] = guard.authorizer
    const made = uses.of(route.Target)
    if (made.kind === 'refused') {
      made.reasons.forEach(refuse)
      continue
    }
    const { integration } = made
    const fault = findPathFault(integration, route.RouteKey!)
    if (fault !== undefined) refuse(fault)
    integrations[integration.integrationId] = integration
    routes.push({
      ...routeDocument(route, integration.integrationId, sources[route.RouteId ?? '']),
      ...ownThrottle(stage, route.RouteKey!, limits),
    })
  }
  const isGuarded = Object.keys(authorizers).length > 0
  return { routes, integrations, ...(isGuarded ? { authorizers } : {}), reasons }
}

/** The integrations that routes lead to, each looked at once. */
class IntegrationUses {
  readonly #sources: HttpApiDefinition['sources']
  readonly #byId: ReadonlyMap<string | undefined, DefinedIntegration>
  readonly #place: IntegrationPlace
  /** By the target of routes. */
  readonly #made = new Map<string | undefined, IntegrationDocument>()

  constructor({ integrations, sources }: HttpApiDefinition, place: IntegrationPlace) {
    this.#sources = sources
    this.#byId = new Map(integrations.map((each) => [each.IntegrationId, each]))
    this.#place = place
  }

  of(target: string | undefined): IntegrationDocument {
    const made = this.#made.get(target) ?? this.#make(target)
    this.#made.set(target, made)
    return made
  }

  #make(target: string | undefined): IntegrationDocument {
    const written = this.#byId.get(integrationIdOf(target))
    if (written !== undefined) {
      const source = this.#sources[written.IntegrationId ?? '']
      return integrationDocument(written, { ...this.#place, source })
    }
    const reason = target === undefined ? 'it has no target' : `${target} does not exist`
    return { kind: 'refused', reasons: [reason] }
  }
}

function routeDocument(
  route: HttpApiDefinition['routes'][number],
  integrationId: string,
  source: string | undefined,
): Route {
  const authorization = authorizationOf(route)
  return {
    routeKey: route.RouteKey!,
    integrationId,
    ...(authorization === undefined ? {} : { authorization }),
    ...(route.ClientLimits === undefined ? {} : { clientLimits: route.ClientLimits }),
    ...(route.OperationName === undefined ? {} : { operationName: route.OperationName }),
    ...(source === undefined ? {} : { source }),
  }
}
