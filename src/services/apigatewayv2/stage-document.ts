/**
 * A frozen definition and its stage to the document that workers serve, or to the reasons why they cannot.
 *
 * The last thing that the control plane decides before a stage goes live. Pure. Invariant: a document does all that its
 * definition and its stage ask for (`enforcement.ts` says what that is, member by member); everything else is a reason,
 * and a stage with a reason is not served at all.
 */

import type { Cors } from '@aws-sdk/client-apigatewayv2'
import type { CorsConfiguration, HttpApiStage, Route } from '../../domain/http-api.ts'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import type { Limits } from '../../domain/limits.ts'
import {
  compileAccessLogFormat,
  FormatError,
} from '../../observability/access-log/access-log-format.ts'
import type { Scope } from '../../storage/store.ts'
import { ENFORCEMENT, refusalsOf } from './enforcement.ts'
import { integrationDocument } from './integration-document.ts'
import type { StageRecord } from './records.ts'
import { lineOfFormat } from './stage-settings.ts'

export interface StageDocumentSource {
  readonly scope: Scope
  readonly apiId: string
  /** The name that the API has now; a deployment does not freeze it. */
  readonly apiName: string
  readonly definition: HttpApiDefinition
  readonly stage: StageRecord
  readonly limits: Limits
}

export type StageDocument =
  | { readonly kind: 'document'; readonly document: HttpApiStage }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

export function stageDocument(source: StageDocumentSource): StageDocument {
  const { definition, stage } = source
  const { routes, integrations, reasons: unroutable } = routesOf(source)
  const reasons = [
    ...apiRefusals(definition),
    ...stageRefusals(stage, source.limits),
    ...unroutable,
  ]
  if (reasons.length > 0) return { kind: 'refused', reasons }
  const { CorsConfiguration: cors, DisableExecuteApiEndpoint } = definition.api
  const format = stage.AccessLogSettings?.Format
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
    ...(cors === undefined ? {} : { corsConfiguration: corsDocument(cors) }),
    detailedMetricsEnabled: stage.DefaultRouteSettings?.DetailedMetricsEnabled === true,
    ...(format === undefined ? {} : { accessLogSettings: { format: lineOfFormat(format) } }),
    routes,
    integrations,
  }
  return { kind: 'document', document }
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
export function definitionRefusals(definition: HttpApiDefinition): string[] {
  const byId = new Map(definition.integrations.map((each) => [each.IntegrationId, each]))
  const routes = definition.routes.flatMap((route) => {
    const integration = byId.get(integrationIdOf(route.Target))
    const ofIntegration =
      integration === undefined ? [] : refusalsOf(integration, ENFORCEMENT.Integration)
    const refusals = [...refusalsOf(route, ENFORCEMENT.Route), ...ofIntegration]
    return refusals.map((refusal) => `route ${route.RouteKey}: ${refusal}`)
  })
  return [...apiRefusals(definition), ...routes]
}

/** `integrations/abc1234` → `abc1234` */
export function integrationIdOf(target: string | undefined): string | undefined {
  return target === undefined ? undefined : /^integrations\/(.+)$/.exec(target)?.[1]
}

function apiRefusals({ api }: HttpApiDefinition): string[] {
  return [
    ...refusalsOf(api, ENFORCEMENT.Api),
    ...refusalsOf(api.CorsConfiguration ?? {}, ENFORCEMENT.Cors),
  ].map((refusal) => `API ${api.Name}: ${refusal}`)
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

interface Routed extends Pick<HttpApiStage, 'routes' | 'integrations'> {
  readonly reasons: readonly string[]
}

function routesOf({ definition, stage, limits }: StageDocumentSource): Routed {
  const { sources } = definition
  const byId = new Map(definition.integrations.map((each) => [each.IntegrationId, each]))
  const routes: Route[] = []
  const integrations: Record<string, HttpApiStage['integrations'][string]> = {}
  const reasons: string[] = []
  for (const route of definition.routes) {
    const refuse = (refusal: string) => reasons.push(`route ${route.RouteKey}: ${refusal}`)
    refusalsOf(route, ENFORCEMENT.Route).forEach(refuse)
    const written = byId.get(integrationIdOf(route.Target))
    if (written === undefined) {
      refuse(route.Target === undefined ? 'it has no target' : `${route.Target} does not exist`)
      continue
    }
    const integrationId = written.IntegrationId!
    const source = sources[integrationId]
    const made = integrationDocument(written, {
      routeKey: route.RouteKey!,
      stageVariables: stage.StageVariables ?? {},
      limits,
      ...(source === undefined ? {} : { source }),
    })
    if (made.kind === 'refused') made.reasons.forEach(refuse)
    else integrations[integrationId] = made.integration
    routes.push(routeDocument(route, integrationId, sources[route.RouteId ?? '']))
  }
  return { routes, integrations, reasons }
}

function routeDocument(
  route: HttpApiDefinition['routes'][number],
  integrationId: string,
  source: string | undefined,
): Route {
  return {
    routeKey: route.RouteKey!,
    integrationId,
    ...(route.OperationName === undefined ? {} : { operationName: route.OperationName }),
    ...(source === undefined ? {} : { source }),
  }
}

function corsDocument(cors: Cors): CorsConfiguration {
  return {
    allowOrigins: cors.AllowOrigins ?? [],
    allowMethods: cors.AllowMethods ?? [],
    allowHeaders: cors.AllowHeaders ?? [],
    exposeHeaders: cors.ExposeHeaders ?? [],
    allowCredentials: cors.AllowCredentials === true,
    ...(cors.MaxAge === undefined ? {} : { maxAge: cors.MaxAge }),
  }
}
