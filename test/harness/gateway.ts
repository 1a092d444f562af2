/**
 * The gateway of a scenario: a data plane in this process, on a free port of loopback, from a description in a few
 * lines. A bug that it reports as fatal fails the test.
 */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { DeployedTargets } from '../../src/balancing/balancing.ts'
import { type Clock, processClock } from '../../src/base/clock.ts'
import type { BalancingDocument } from '../../src/domain/balancing.ts'
import type { CustomDomain, DomainDocument } from '../../src/domain/custom-domain.ts'
import type {
  ClientLimits,
  Configuration,
  CorsConfiguration,
  HttpApiStage,
  Integration,
  JwtAuthorizer,
  Route,
  StageUsagePlan,
  Throttle,
} from '../../src/domain/http-api.ts'
import type { IamDocument } from '../../src/domain/iam.ts'
import { type LimitName, limitsOf } from '../../src/domain/limits.ts'
import type { LinkDocument } from '../../src/domain/link.ts'
import { accountThrottle } from '../../src/domain/throttle.ts'
import type { TlsDocument } from '../../src/domain/tls.ts'
import { BucketRegister } from '../../src/features/throttle/bucket-register.ts'
import { otlpSpans } from '../../src/features/trace/otlp-spans.ts'
import { compileTrace, type TraceSettings } from '../../src/features/trace/trace.ts'
import { xraySegment } from '../../src/features/trace/xray-segment.ts'
import { compileAccessLogFormat } from '../../src/observability/access-log/access-log-format.ts'
import { allocateCallMemory } from '../../src/observability/explain/call-memory.ts'
import type { ExplainedCall } from '../../src/observability/explain/explained-call.ts'
import { reservoirBytes } from '../../src/observability/tracing/sampler.ts'
import type { OverloadChange } from '../../src/runtime/overload/overload-guard.ts'
import { ENDPOINT_ID } from '../../src/runtime/snapshot/compile.ts'
import { TargetRegister } from '../../src/server/balancing/target-register.ts'
import { ExplainedCalls } from '../../src/server/control/explained-calls.ts'
import type { OpenWorkerLinks } from '../../src/server/links/plane-links.ts'
import type { WorkerLinksParts } from '../../src/server/links/worker-links.ts'
import { ClientTables } from '../../src/server/usage/client-memory.ts'
import { StageNumbers } from '../../src/server/usage/stage-numbers.ts'
import { createDataPlane, type DataPlane } from '../../src/server/worker/data-plane.ts'
import { WorkerBuckets } from '../../src/server/worker/worker-buckets.ts'
import { WorkerStageNumbers } from '../../src/server/worker/worker-stage-numbers.ts'
import { type Client, connectClient } from './client.ts'
import type { Message } from './message.ts'

/** A route's integration; a string is its URI. */
export type RouteDescription =
  | string
  | ({
      readonly uri: string
      /** Of the stage's JWT authorizer. */
      readonly scopes?: readonly string[]
      /** It needs no token although the stage has an authorizer. */
      readonly open?: boolean
      /** Its own limit. */
      readonly throttle?: Throttle
      /** Of each of its clients. */
      readonly clientLimits?: ClientLimits
      readonly apiKeyRequired?: true
    } & Partial<Omit<Integration, 'integrationUri' | 'integrationId'>>)

export interface StageDescription {
  readonly routes: Readonly<Record<string, RouteDescription>>
  /** Ten characters `[a-z0-9]`. */
  readonly apiId?: string
  readonly stage?: string
  readonly cors?: Partial<CorsConfiguration>
  readonly stageVariables?: Readonly<Record<string, string>>
  readonly disableExecuteApiEndpoint?: boolean
  readonly accessLogFormat?: string
  /** The limit of each route that has none of its own. */
  readonly throttle?: Throttle
  readonly clientLimits?: ClientLimits
  readonly usagePlans?: readonly StageUsagePlan[]
  /** The JWT authorizer of all its routes that are not open; for the audience `shop`, in Authorization. */
  readonly jwt?: Pick<JwtAuthorizer, 'issuer'> & Partial<JwtAuthorizer>
  /** Its routes that are not open take signed calls only. */
  readonly iam?: true
}

/** Not given: nothing is sampled but what the caller samples, everybody is believed, W3C and X-Ray go out. */
export type TraceDescription = Partial<Omit<TraceSettings, 'reservoirs'>>

/** Not given: BASIC, API_MAPPING_ONLY, without rules. */
export type DomainDescription = Pick<CustomDomain, 'domainName'> & Partial<CustomDomain>

export interface GatewayDescription extends Partial<StageDescription> {
  /** Several stages of one or more APIs, instead of the one described above. */
  readonly stages?: readonly StageDescription[]
  /** Who may sign calls, where a stage asks for it. */
  readonly identities?: IamDocument
  /** The certificate of its HTTPS port. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string }
  /** Custom domain names. */
  readonly domains?: readonly DomainDescription[]
  readonly balancing?: BalancingDocument
  /** VPC links; no agent connects to them. */
  readonly links?: LinkDocument
  /** Names of the HTTPS port with certificates of their own. */
  readonly hosts?: TlsDocument['hosts']
  /** Certificates that are shown to origins, by key. */
  readonly clientCertificates?: TlsDocument['clientCertificates']
  /** PEM of whom origins are verified by. */
  readonly originAuthorities?: string
  readonly limits?: Partial<Record<LimitName, number>>
  readonly clock?: Clock
  readonly trustedProxies?: readonly string[]
  /** Calls under way to single origins: `127.0.0.1:3000` → 1. */
  /** SHA-256 of each debug key. */
  readonly debugKeys?: readonly string[]
  readonly originCaps?: Readonly<Record<string, number>>
  /** Format of the access log; its lines are in `logLines`. */
  readonly logFormat?: string
  /** Tracing; the calls that were sampled are in `traced`. Not given: off. */
  readonly trace?: TraceDescription
  /** Takes the place of `logLines`. */
  readonly logSink?: (line: string) => void
}

/** Monotonic and wall time that move only when a test says so. */
export class TestClock implements Clock {
  #now = 1_000
  #wall = 0

  now(): number {
    return this.#now
  }

  epochMs(): number {
    return Date.UTC(2026, 0, 1) + this.#now + this.#wall
  }

  /** The date changes, and no timer becomes due by it. */
  advanceDate(ms: number): void {
    this.#wall += ms
  }

  advance(ms: number): void {
    this.#now += ms
  }
}

export class TestGateway {
  readonly plane: DataPlane
  readonly logLines: string[] = []
  readonly fatal: unknown[] = []
  /** Stages of overload that have begun, with what pressed. */
  readonly overloads: OverloadChange[] = []
  /** OTLP spans and the X-Ray segment of every sampled call, as JSON. */
  readonly traced: { readonly spans: string; readonly segment: string }[] = []
  /** Part of what is applied next. */
  identities: IamDocument | undefined
  /** Part of what is applied next. */
  domains: readonly DomainDescription[]
  balancing: BalancingDocument | undefined
  readonly #links: LinkDocument | undefined
  /** What is known of targets, as the main thread sees it. */
  readonly targets: TargetRegister
  #sharedTargets: DeployedTargets | undefined
  /** Part of what is applied next. */
  hosts: TlsDocument['hosts']
  /** Certificates that are shown to origins, by id; part of what is applied next. */
  clientCertificates: TlsDocument['clientCertificates']
  port = 0
  #revision = 0
  readonly #t: TestContext
  readonly #register: BucketRegister
  readonly #numbers = new StageNumbers()
  readonly #stageNumbers = new WorkerStageNumbers()
  readonly #explained: ExplainedCalls
  readonly #buckets = new WorkerBuckets(0)
  readonly tables: ClientTables

  constructor(t: TestContext, description: GatewayDescription) {
    this.#t = t
    this.identities = description.identities
    this.domains = description.domains ?? []
    this.balancing = description.balancing
    this.hosts = description.hosts ?? []
    this.#links = description.links
    this.clientCertificates = description.clientCertificates ?? {}
    const { clock = processClock, trustedProxies, logFormat, logSink } = description
    const limits = limitsOf('extended', description.limits)
    this.#register = new BucketRegister(clock, accountThrottle(limits))
    this.tables = new ClientTables(clock, limits)
    this.targets = new TargetRegister(limits, 1, clock)
    const calls = [allocateCallMemory(limits)]
    this.#explained = new ExplainedCalls({
      memory: { calls, numbers: this.#numbers },
      clock,
      limits,
    })
    this.plane = createDataPlane({
      limits,
      clock,
      explain: calls[0]!,
      stageNumber: (stage) => this.#stageNumbers.of(stage),
      buckets: (stage) => this.#buckets.of(stage),
      clients: () => this.#buckets.clients(),
      targets: () => this.#sharedTargets,
      originCaps: description.originCaps ?? {},
      debugKeys: description.debugKeys ?? [],
      originAuthorities: description.originAuthorities,
      onOverload: (change) => this.overloads.push(change),
      fatal: (error) => this.fatal.push(error),
      tracer: this.#tracer(description.trace),
      ...(description.links === undefined ? {} : { links: linksOf({ clock, limits }) }),
      ...(trustedProxies === undefined ? {} : { trustedProxies }),
      ...(description.tls === undefined ? {} : { tls: description.tls }),
      accessLog: {
        format: compileAccessLogFormat(logFormat ?? '$context.requestId'),
        keepsEndpointIds: logFormat?.includes(ENDPOINT_ID) === true,
        write: logSink ?? ((line) => void this.logLines.push(line)),
      },
    })
  }

  #tracer(trace: TraceDescription | undefined) {
    if (trace === undefined) return undefined
    const { rules = [] } = trace
    const reservoirs = new SharedArrayBuffer(Math.max(4, reservoirBytes(rules.length)))
    const settings = { trust: 'all', formats: 3, ...trace, rules, reservoirs } as const
    return (stage: HttpApiStage) =>
      compileTrace(stage, settings, (x, at) => {
        this.traced.push({ spans: otlpSpans(x, at, stage), segment: xraySegment(x, at, stage) })
      })
  }

  /** The first configuration. Whether it has authorizers and limits of clients or not, a later one may. */
  async begin(description: GatewayDescription): Promise<void> {
    await this.plane.load({
      ...configurationOf([{ jwt: { issuer: 'https://any' }, usagePlans: [], routes: {} }], 0),
      ...this.#shared(),
    })
    this.apply(...stagesOf(description))
  }

  #shared() {
    const { identities, balancing, hosts, clientCertificates } = this
    const links = this.#links
    return {
      ...(links === undefined ? {} : { links }),
      ...(identities === undefined ? {} : { identities }),
      ...(balancing === undefined ? {} : { balancing }),
      tls: { revision: this.#revision, hosts, clientCertificates },
    }
  }

  /** Replaces everything that is served. */
  apply(...stages: readonly StageDescription[]): void {
    this.#revision++
    const served = configurationOf(stages, this.#revision)
    const domains = domainDocumentOf(this.domains, this.#revision)
    const configuration = { ...served, domains, ...this.#shared() }
    const buckets = configuration.stages.map((stage) => this.#register.share(stage))
    const clients = this.tables.share(configuration.stages)
    const stageNumbers = configuration.stages.map((stage) => this.#numbers.numberOf(stage))
    this.#stageNumbers.use({ configuration, stageNumbers })
    this.#buckets.use({ configuration, buckets, clients, stageNumbers })
    this.#sharedTargets = this.targets.share(configuration)
    this.plane.prepare(configuration)
    this.#register.commit(configuration.stages)
    this.plane.commit()
    this.targets.retain(configuration)
  }

  /** The worker looks, so many times, and finds so much of its memory used. */
  press(memoryShare: number, looks = 1): void {
    const figures = { memoryBytesMax: 1_000, heapShare: 0, lagMs: 0 }
    for (let i = 0; i < looks; i++) {
      this.plane.look({ ...figures, memoryBytes: memoryShare * 1_000 })
    }
  }

  /** What explain says of the call with this answer. */
  explain(answer: Pick<Message, 'get'>): ExplainedCall {
    const requestId = answer.get('apigw-requestid') ?? ''
    const [call] = this.#explained.answer({ requestId, count: 1 }).calls
    assert(call !== undefined, `no record of the call ${requestId}`)
    return call
  }

  /** The newest call with this status, if there is one. */
  explainLast(status: string): readonly ExplainedCall[] {
    return this.#explained.answer({ statuses: [status], count: 1 }).calls
  }

  client(): Promise<Client> {
    return connectClient(this.#t, this.port)
  }

  /** One request on a connection of its own. */
  async get(target: string, ...fields: string[]): Promise<Message> {
    return (await this.client()).get(target, ...fields)
  }

  async call(
    method: string,
    target: string,
    fields: readonly string[] = [],
    body = '',
  ): Promise<Message> {
    return (await this.client()).call(method, target, fields, body)
  }
}

export async function startGateway(
  t: TestContext,
  description: GatewayDescription,
): Promise<TestGateway> {
  const gateway = new TestGateway(t, description)
  await gateway.begin(description)
  gateway.port = await gateway.plane.listenHttp({ port: 0, host: '127.0.0.1' })
  t.after(() => {
    gateway.plane.destroy()
    assert.deepEqual(gateway.fatal, [], 'the gateway met a bug')
  })
  return gateway
}

function linksOf(parts: Pick<WorkerLinksParts, 'clock' | 'limits'>): OpenWorkerLinks {
  return async (timers) => {
    const { WorkerLinks } = await import('../../src/server/links/worker-links.ts')
    return new WorkerLinks({
      ...{ ...parts, timers, worker: 0, workers: 1, gatewayId: 'test' },
      post: () => {},
    })
  }
}

function stagesOf(description: GatewayDescription): readonly StageDescription[] {
  return description.stages ?? [{ ...description, routes: description.routes ?? {} }]
}

function domainDocumentOf(domains: readonly DomainDescription[], revision: number): DomainDocument {
  return { revision, domains: domains.map((domain) => ({ ...PLAIN_DOMAIN, ...domain })) }
}

const PLAIN_DOMAIN: Omit<CustomDomain, 'domainName'> = {
  accountId: '123456789012',
  region: 'eu-west-1',
  endpointAccessMode: 'BASIC',
  routingMode: 'API_MAPPING_ONLY',
  mappings: [],
  rules: [],
  mutualTls: false,
}

function configurationOf(stages: readonly StageDescription[], revision: number): Configuration {
  return { revision, stages: stages.map((stage) => stageOf(stage, revision)) }
}

/** The document of a stage that is described in a few lines. */
export function stageOf(description: StageDescription, revision: number): HttpApiStage {
  const routes: Route[] = []
  const integrations: Record<string, Integration> = {}
  for (const [routeKey, route] of Object.entries(description.routes)) {
    const integrationId = `integration-${routes.length}`
    const {
      scopes = [],
      open = false,
      throttle,
      clientLimits,
      apiKeyRequired,
      ...given
    } = typeof route === 'string' ? { uri: route } : route
    const authorization = open ? {} : guardOf(description, scopes)
    const limit = throttle === undefined ? {} : { throttle }
    const clients = {
      ...(clientLimits === undefined ? {} : { clientLimits }),
      ...(apiKeyRequired === undefined ? {} : { apiKeyRequired }),
    }
    routes.push({ routeKey, integrationId, ...authorization, ...limit, ...clients })
    integrations[integrationId] = integrationOf(integrationId, given)
  }
  const { apiId = 'a1b2c3d4e5', cors, accessLogFormat, jwt } = description
  return {
    protocolType: 'HTTP',
    ...{ apiId, apiName: `api ${apiId}`, accountId: '123456789012', region: 'eu-west-1' },
    stageName: description.stage ?? '$default',
    stageVariables: description.stageVariables ?? {},
    ...{ deploymentId: 'd1', revision, detailedMetricsEnabled: false },
    disableExecuteApiEndpoint: description.disableExecuteApiEndpoint ?? false,
    ...(cors === undefined ? {} : { corsConfiguration: { ...NO_CORS, ...cors } }),
    ...(accessLogFormat === undefined ? {} : { accessLogSettings: { format: accessLogFormat } }),
    ...{ routes, integrations },
    ...(jwt === undefined ? {} : { authorizers: { login: { ...LOGIN, ...jwt } } }),
    ...(description.throttle === undefined ? {} : { throttle: description.throttle }),
    ...(description.clientLimits === undefined ? {} : { clientLimits: description.clientLimits }),
    ...(description.usagePlans === undefined ? {} : { usagePlans: description.usagePlans }),
  }
}

function guardOf({ jwt, iam }: StageDescription, scopes: readonly string[]) {
  if (iam) return { authorization: { authorizationType: 'AWS_IAM' as const } }
  if (jwt === undefined) return {}
  return { authorization: { authorizationType: 'JWT' as const, authorizerId: 'login', scopes } }
}

const LOGIN = {
  authorizerId: 'login',
  authorizerType: 'JWT',
  name: 'login',
  identitySource: '$request.header.Authorization',
  audience: ['shop'],
} as const

const NO_CORS: CorsConfiguration = {
  allowOrigins: [],
  allowMethods: [],
  allowHeaders: [],
  exposeHeaders: [],
  allowCredentials: false,
}

function integrationOf(
  integrationId: string,
  { uri, ...given }: Exclude<RouteDescription, string>,
): Integration {
  return {
    integrationId,
    integrationType: 'HTTP_PROXY',
    integrationMethod: 'ANY',
    integrationUri: uri,
    timeoutInMillis: 5_000,
    requestParameters: {},
    responseParameters: {},
    ...given,
  }
}
