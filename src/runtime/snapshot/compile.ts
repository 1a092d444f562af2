/**
 * From a configuration (documents) to a snapshot (closures and tables). Pure but for the origins it asks for; runs
 * in every worker; anything it cannot enforce is a problem, and then nothing is swapped.
 */

import type {
  Configuration,
  HttpApiStage,
  Integration,
  Route,
  RouteAuthorization,
} from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import {
  compileRequestMapping,
  compileResponseMapping,
  type ResponseMapping,
} from '../../expression/mapping/mapping.ts'
import { MappingError } from '../../expression/mapping/mapping-error.ts'
import type { TokenVerifier } from '../../features/authorize/jwt/token-verifier.ts'
import { compileCors } from '../../features/cors/cors.ts'
import type { StageBuckets } from '../../features/throttle/bucket-register.ts'
import type { Origin } from '../../http/client/origin.ts'
import { ANSWERED, CORS, HOP } from '../../http/message/known-headers.ts'
import { compileHttpProxy, type ResponseRules } from '../../integrations/http/http-proxy.ts'
import { compileOriginUri, OriginUriError } from '../../integrations/http/origin-uri.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Plan, RunStep } from '../../invocation/plan.ts'
import type {
  CallRecorder,
  CallTracer,
  Services,
  StageContext,
} from '../../invocation/stage-context.ts'
import { noRouteBecause } from '../explain/no-route-because.ts'
import { compileMapRequest } from '../http-api/map-request.ts'
import { compileMapResponse } from '../http-api/map-response.ts'
import { runHttpApi } from '../http-api/pipeline.ts'
import { compileRouter, parameterNames } from '../routing/router.ts'
import { AuthorizerError } from './authorizer-error.ts'
import { compileDomains } from './compile-domains.ts'
import { compileOrigin, type OriginSources } from './compile-origin.ts'
import { LogDestinationError } from './log-destination-error.ts'
import { type ApiRuntime, Snapshot, type StageRuntime } from './snapshot.ts'
import { type ClientLimitCompiler, compileStageThrottle } from './stage-throttle.ts'

export interface CompileDeps extends OriginSources {
  readonly services: Services
  /** The guard of a route that asks for one; see `compileAuthorization`. */
  authorize(guard: RouteAuthorization, stage: HttpApiStage, used: Set<TokenVerifier>): RunStep
  /** Where a stage's calls are counted. */
  metrics(stage: HttpApiStage): CallRecorder | undefined
  /** See `StageContext.stageNumber`. */
  stageNumber(stage: HttpApiStage): number
  /** Where the tokens of a stage's limits are; undefined: it has none, and neither has its account. */
  buckets(stage: HttpApiStage): StageBuckets | undefined
  /** Undefined: no client of any stage has a limit. */
  readonly clients: ClientLimitCompiler | undefined
  /** The writer for a stage's own access-log settings. */
  accessLog(stage: HttpApiStage): ((source: ContextSource) => void) | undefined
  /** The program's own access log wants them. */
  readonly keepsEndpointIds: boolean
  /** Undefined: calls of the stage are not traced. */
  tracer(stage: HttpApiStage): CallTracer | undefined
}

/** The configuration cannot be served; one sentence for each reason. */
export class CompileError extends Error {
  override name = 'CompileError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Compiles everything; stages whose revision is unchanged are taken over from `previous`. Throws CompileError. */
export function compileConfiguration(
  configuration: Configuration,
  deps: CompileDeps,
  previous?: Snapshot,
): Snapshot {
  const problems: string[] = []
  const stagesByApi = new Map<string, Map<string, StageRuntime>>()
  for (const stage of configuration.stages) {
    const stages = stagesByApi.get(stage.apiId) ?? new Map<string, StageRuntime>()
    stagesByApi.set(stage.apiId, stages)
    if (stages.has(stage.stageName)) {
      problems.push(`stage ${stage.stageName} of API ${stage.apiId} is there twice`)
      continue
    }
    const before = previous?.apis.get(stage.apiId)?.stages.get(stage.stageName)
    stages.set(
      stage.stageName,
      before !== undefined && before.revision === stage.revision
        ? before
        : compileStage(stage, deps, problems),
    )
  }
  const domains = compileDomains(
    configuration.domains,
    (apiId, stageName) => stagesByApi.get(apiId)?.get(stageName),
    { tls: configuration.tls, problems },
  )
  if (problems.length > 0) throw new CompileError(problems)
  const apis = new Map<string, ApiRuntime>()
  for (const [apiId, stages] of stagesByApi) {
    apis.set(apiId, {
      apiId,
      stages,
      defaultStage: stages.get('$default'),
    })
  }
  return new Snapshot(configuration.revision, apis, domains)
}

/** In a format: the ids that AWS's services give their responses. */
export const ENDPOINT_ID = '$context.awsEndpointRequestId'

/** A stage whose lines have nowhere to go is refused. */
function accessLogOf(stage: HttpApiStage, deps: CompileDeps, problems: string[]) {
  try {
    return deps.accessLog(stage)
  } catch (error) {
    if (!(error instanceof LogDestinationError)) throw error
    problems.push(`access log of stage ${stage.stageName} of ${stage.apiName}: ${error.message}`)
    return undefined
  }
}

function compileStage(stage: HttpApiStage, deps: CompileDeps, problems: string[]): StageRuntime {
  const context: StageContext = {
    accountId: stage.accountId,
    apiId: stage.apiId,
    stageName: stage.stageName,
    deploymentId: stage.deploymentId,
    stageNumber: deps.stageNumber(stage),
    pathPrefix: stage.stageName === '$default' ? '' : `/${stage.stageName}`,
    services: deps.services,
    metrics: deps.metrics(stage),
    accessLog: accessLogOf(stage, deps, problems),
    tracer: deps.tracer(stage),
    keepsEndpointIds:
      deps.keepsEndpointIds || stage.accessLogSettings?.format.includes(ENDPOINT_ID) === true,
    run: runHttpApi,
  }
  const cors =
    stage.corsConfiguration === undefined ? undefined : compileCors(stage.corsConfiguration)
  const dropFlags = HOP | ANSWERED | (cors === undefined ? 0 : CORS)
  const common = { cors, responseDropFlags: dropFlags }
  const origins = new Set<Origin>()
  const verifiers = new Set<TokenVerifier>()
  const { limits } = deps.services
  const buckets = deps.buckets(stage)
  const throttle = compileStageThrottle(stage, { buckets, clients: deps.clients, limits })
  const traced = context.tracer !== undefined
  const stageDeps = { ...deps, origins, verifiers, throttle, traced, rules: responseRules(limits) }
  const router = compileRouter(stage.routes.map((route) => route.routeKey))
  const unmatchedBecause = noRouteBecause(router, stage)
  const plans: Plan[] = []
  for (const [index, route] of stage.routes.entries()) {
    try {
      plans.push({ ...common, ...compileRoute(route, index, stage, stageDeps) })
    } catch (error) {
      if (!isMendable(error)) throw error
      problems.push(`${route.source ?? stage.apiName}: route ${route.routeKey}: ${error.message}`)
    }
  }
  return {
    context,
    revision: stage.revision,
    disableExecuteApiEndpoint: stage.disableExecuteApiEndpoint,
    router,
    plans,
    unmatched: {
      ...common,
      routeIndex: -1,
      routeKey: '',
      parameterNames: [],
      authorize: undefined,
      throttle: undefined,
      mapRequest: undefined,
      integrate: (x) => refuse(x, 'ROUTE_NOT_FOUND', '', unmatchedBecause),
      origin: undefined,
      mapResponse: undefined,
    },
    origins,
    verifiers,
  }
}

/** The author of the definition can do something about it. */
function isMendable(error: unknown): error is Error {
  return (
    error instanceof OriginUriError ||
    error instanceof MappingError ||
    error instanceof AuthorizerError
  )
}

/** The two kinds of response rules, shared by the routes of a stage. */
interface SharedRules {
  readonly streaming: ResponseRules
  readonly buffering: ResponseRules
}

interface StageDeps extends CompileDeps {
  readonly rules: SharedRules
  /** The step of the route at that place. */
  readonly throttle: (route: Route, routeIndex: number) => RunStep | undefined
  readonly traced: boolean
  /** Collects what the stage uses. */
  readonly origins: Set<Origin>
  readonly verifiers: Set<TokenVerifier>
}

function responseRules(limits: Limits): SharedRules {
  const streaming: ResponseRules = {
    bytesMax: limits.responseBodyBytes,
    idleTimeoutMs: limits.responseIdleTimeoutMs,
    bufferedBytesMax: 0,
  }
  return { streaming, buffering: { ...streaming, bufferedBytesMax: limits.bufferedBodyBytes } }
}

type RoutePlan = Omit<Plan, 'cors' | 'responseDropFlags'>

function compileRoute(
  route: Route,
  routeIndex: number,
  stage: HttpApiStage,
  deps: StageDeps,
): RoutePlan {
  const { rules, traced } = deps
  const integration = stage.integrations[route.integrationId]
  if (integration === undefined)
    throw new OriginUriError(`integration ${route.integrationId} does not exist`)
  const names = parameterNames(route.routeKey)
  const written = compileOriginUri(
    integration.integrationUri,
    route.routeKey,
    names,
    stage.stageVariables,
  )
  const responses = compileResponses(integration, stage)
  const readsResponse = [...responses.values()].some((mapping) => mapping.readsBody)
  // An ARN has no path of its own.
  const uri = integration.listenerArn === undefined ? written : { ...written, appendsPath: true }
  const origin = compileOrigin(integration, uri, deps, stage)
  deps.origins.add(origin)
  return {
    routeIndex,
    routeKey: route.routeKey,
    parameterNames: names,
    authorize:
      route.authorization === undefined
        ? undefined
        : deps.authorize(route.authorization, stage, deps.verifiers),
    throttle: deps.throttle(route, routeIndex),
    mapRequest: compileMapRequest(
      compileRequestMapping(integration.requestParameters, stage.stageVariables),
    ),
    integrate: compileHttpProxy(
      { integration, uri, response: readsResponse ? rules.buffering : rules.streaming, traced },
      origin,
    ),
    origin: {
      host: uri.host,
      port: uri.port,
      secure: uri.secure,
      method: integration.integrationMethod,
    },
    mapResponse: compileMapResponse(responses),
  }
}

function compileResponses(
  integration: Integration,
  stage: HttpApiStage,
): ReadonlyMap<number, ResponseMapping> {
  const byStatus = new Map<number, ResponseMapping>()
  for (const [status, parameters] of Object.entries(integration.responseParameters)) {
    byStatus.set(Number(status), compileResponseMapping(parameters, stage.stageVariables))
  }
  return byStatus
}
