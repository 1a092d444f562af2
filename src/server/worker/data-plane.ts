/**
 * The data plane of one thread: listeners, origin pools, the gateway and its snapshot, put together.
 *
 * A worker holds one; tests hold one in their own process. It has no settings, no store and no process of its own.
 */

import type { Balancing, DeployedTargets } from '../../balancing/balancing.ts'
import { assert } from '../../base/assert.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { requestId } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import type { AcmeChallenge, HttpChallenge } from '../../domain/acme-challenge.ts'
import type { Configuration, HttpApiStage } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { clientCertificateKey } from '../../domain/tls.ts'
import { hasClientLimits } from '../../domain/usage.ts'
import type { ContextSource } from '../../expression/context-source.ts'
import type { StageBuckets } from '../../features/throttle/bucket-register.ts'
import type { Origin } from '../../http/client/origin.ts'
import { type OriginAddress, OriginPool } from '../../http/client/origin-pool.ts'
import { originTlsKey } from '../../http/client/origin-tls.ts'
import type { Exchange } from '../../http/exchange.ts'
import { createHttpServer } from '../../http/server/http-server.ts'
import {
  type HttpListener,
  type HttpServerLimits,
  type ListenAddress,
  type Refusal,
  type ServerContext,
  ServerStats,
} from '../../http/server/server-context.ts'
import type { WireError } from '../../http/wire-error.ts'
import { engineRefusal, reasonOfClientError } from '../../invocation/gateway-response.ts'
import type { CallTracer, CallRecorder as StageRecorder } from '../../invocation/stage-context.ts'
import { compileAccessLogFormat } from '../../observability/access-log/access-log-format.ts'
import type { CallMemory } from '../../observability/explain/call-memory.ts'
import { CallRecorder } from '../../runtime/explain/call-recorder.ts'
import { DebugKeys } from '../../runtime/explain/debug-keys.ts'
import { Gateway, type GatewayServices } from '../../runtime/gateway.ts'
import type { HttpChallenges } from '../../runtime/http-challenges.ts'
import {
  type OverloadChange,
  OverloadGuard,
  type OverloadSample,
} from '../../runtime/overload/overload-guard.ts'
import { TrustedProxies } from '../../runtime/routing/trusted-proxies.ts'
import { type CompileDeps, compileConfiguration } from '../../runtime/snapshot/compile.ts'
import { Snapshot } from '../../runtime/snapshot/snapshot.ts'
import type { ClientLimitCompiler } from '../../runtime/snapshot/stage-throttle.ts'
import { asksForBalancing } from '../balancing/asks-for-balancing.ts'
import { type OpenWorkerLinks, PlaneLinks } from '../links/plane-links.ts'
import type { TlsMaterial } from '../messages.ts'
import type { ClientShare } from '../usage/client-memory.ts'
import type { Authorization } from './authorization.ts'
import type { IamAuthorization } from './iam-authorization.ts'
import { cappedLimits, type OriginCaps, originLimits } from './origin-limits.ts'
import { TlsPorts } from './tls-ports.ts'

export interface DataPlaneOptions {
  readonly limits: Limits
  readonly clock?: Clock
  readonly accessLog?: {
    /** The line of every call; undefined: only stages with their own settings are logged. */
    readonly format: ((source: ContextSource) => string) | undefined
    /** Its format has one of the ids that AWS's services give their responses. */
    readonly keepsEndpointIds?: boolean
    readonly write: (line: string, source: ContextSource) => void
    /** Where the lines of a stage go whose settings name that ARN; undefined: to `write`. Throws LogDestinationError. */
    readonly writerFor?: (
      destinationArn: string | undefined,
    ) => (line: string, source: ContextSource) => void
  }
  readonly stageMetrics?: (stage: HttpApiStage) => StageRecorder | undefined
  /** Undefined, or undefined for a stage: its calls are not traced. */
  readonly tracer?: ((stage: HttpApiStage) => CallTracer | undefined) | undefined
  /** Where what `postern explain` tells is kept; undefined: nothing is. */
  readonly explain?: CallMemory
  /** SHA-256 of each debug key, in hexadecimal digits. */
  readonly debugKeys?: readonly string[]
  /** By which explain records name a stage. */
  readonly stageNumber?: (stage: HttpApiStage) => number
  /** Where the tokens of its limits are; a stage that has a limit and no memory for it is refused. */
  readonly buckets?: (stage: HttpApiStage) => StageBuckets | undefined
  /** What threads share about targets, with the configuration that is being prepared; undefined: nothing is balanced. */
  readonly targets?: () => DeployedTargets | undefined
  readonly workerIndex?: number
  /** The tables of clients; asked for with the first stage that needs them. */
  readonly clients?: () => ClientShare | undefined
  /** Makes the hub that agents of VPC links connect to; undefined: none may. */
  readonly links?: OpenWorkerLinks
  /** PEM of the certificate for names that have none of their own. */
  readonly tls?: { readonly certificate: string; readonly privateKey: string }
  /** PEM of authorities that origins are verified by, instead of the public ones. */
  readonly originAuthorities?: string | undefined
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
  /** Calls under way to single origins, shared by so many workers. */
  readonly originCaps?: OriginCaps
  readonly workers?: number
  /** Hears of every stage of overload that begins or ends. */
  readonly onOverload?: (change: OverloadChange) => void
  /** Hears of bugs that cost one call. */
  readonly fatal?: (error: unknown, requestId: string) => void
}

/** What only the thread itself knows of how much it has to do. */
export type WorkerPressure = Omit<OverloadSample, 'connections' | 'requests'>

/** Connections of one listener that are asked to end at one look. */
const SPARED_PER_LOOK = 500

export interface DataPlane {
  /** Compiles everything, then swaps one pointer. Throws CompileError and keeps what was there. */
  apply(configuration: Configuration): void
  /** Loads the code that a configuration needs and others do not; before `prepare`. */
  load(configuration: Configuration): Promise<void>
  /** Compiles and holds; `commit` swaps it in. For a change that all workers make or none. */
  prepare(configuration: Configuration): void
  commit(): void
  /** Forgets what was prepared. */
  discard(): void
  /** Targets of a group that were discovered; what is under way goes on. */
  useTargets(targetGroupArn: string, targets: DeployedTargets): void
  /** From now on every call is shown to `tap`; undefined: to nobody. */
  tail(tap: ((source: ContextSource) => void) | undefined): void
  /** What the keys of session tickets are derived from, from now on. */
  useTicketSecret(secret: Uint8Array): void
  /** From now on an authority that looks for this challenge finds it, or no more. */
  challenge(challenge: AcmeChallenge, on: boolean): Promise<void>
  listenHttp(address: ListenAddress): Promise<number>
  listenHttps(address: ListenAddress): Promise<number>
  /** Where agents of VPC links dial in. */
  listenLink(address: ListenAddress, tls: TlsMaterial): Promise<number>
  /** One for each listener. */
  readonly stats: readonly ServerStats[]
  /** Calls that have a route and no log line yet. */
  readonly inFlight: number
  /** How much the worker can take. */
  readonly overload: Pick<OverloadGuard, 'stage' | 'refused'>
  /** Looks at the figures of this moment, and sheds what is too much; ten times a second. */
  look(figures: WorkerPressure): void
  /** Serves on, but every connection ends with its next response: clients are to come back to somebody else. */
  leave(): void
  drain(): Promise<void>
  destroy(): void
}

export function createDataPlane(options: DataPlaneOptions): DataPlane {
  return new WorkerDataPlane(options)
}

class WorkerDataPlane implements DataPlane {
  readonly stats: ServerStats[] = []
  readonly #options: DataPlaneOptions
  readonly #timers: TimerWheel
  readonly #services: GatewayServices
  readonly #gateway: Gateway
  readonly #listeners: HttpListener[] = []
  readonly #contexts: ServerContext[] = []
  readonly overload: OverloadGuard
  readonly #pools = new Map<string, OriginPool>()
  readonly #links: PlaneLinks
  /** Undefined until a stage has an authorizer. */
  #authorization: Authorization | undefined
  /** Undefined until there is a load balancer. */
  #balancing: Balancing | undefined
  /** Undefined until a stage has limits of clients. */
  #clients: typeof import('./client-limits.ts') | undefined
  #clientCompiler: ClientLimitCompiler | undefined
  /** Undefined until a stage asks for IAM. */
  #iam: IamAuthorization | undefined
  readonly #tls = new TlsPorts()
  #prepared: Snapshot | undefined
  /** Undefined while no order runs. */
  #challenges: HttpChallenges | undefined
  #leaving = false

  constructor(options: DataPlaneOptions) {
    const clock = options.clock ?? systemClock
    const { format, write } = options.accessLog ?? { format: undefined, write: () => {} }
    this.#options = options
    this.#timers = new TimerWheel(clock)
    this.#links = new PlaneLinks(options.links, this.#timers)
    this.overload = new OverloadGuard(options.limits)
    this.#services = {
      clock,
      overload: this.overload,
      limits: options.limits,
      calls: { inFlight: 0 },
      requestId,
      explain: recorderOf(options, clock),
      debug: debugKeysOf(options),
      fatal: options.fatal ?? (() => {}),
      accessLog: format === undefined ? undefined : (source) => write(format(source), source),
      tail: undefined,
    }
    const proxies = options.trustedProxies ?? []
    this.#gateway = new Gateway(
      this.#services,
      new Snapshot(0, new Map()),
      proxies.length === 0 ? undefined : new TrustedProxies(proxies),
    )
  }

  async load(configuration: Configuration): Promise<void> {
    await Promise.all([
      this.#loadAuthorization(configuration),
      this.#loadIam(configuration),
      this.#loadClients(configuration),
      this.#links.load(configuration.links),
      this.#tls.load(configuration.tls),
      this.#loadBalancing(configuration),
    ])
  }

  async #loadIam({ identities }: Configuration): Promise<void> {
    if (identities === undefined || this.#iam !== undefined) return
    const { IamAuthorization } = await import('./iam-authorization.ts')
    this.#iam ??= new IamAuthorization(this.#services.clock)
  }

  async #loadBalancing(configuration: Configuration): Promise<void> {
    if (this.#balancing !== undefined || !asksForBalancing(configuration)) return
    const { createBalancing } = await import('../balancing/balancing.ts')
    const { clock, limits } = this.#services
    this.#balancing ??= createBalancing({
      ...{ clock, limits, timers: this.#timers, random: systemRandom },
      worker: this.#options.workerIndex ?? 0,
      workers: this.#options.workers ?? 1,
      origin: (address) => this.#origin(address),
    })
  }

  async #loadClients({ stages }: Configuration): Promise<void> {
    if (this.#clients === undefined && stages.some(hasClientLimits)) {
      this.#clients = await import('./client-limits.ts')
    }
  }

  async #loadAuthorization({ stages }: Configuration): Promise<void> {
    if (this.#authorization !== undefined) return
    if (stages.every(({ authorizers }) => authorizers === undefined)) return
    const { createAuthorization } = await import('./authorization.ts')
    const { clock, limits } = this.#services
    const origin = originLimits(limits)
    this.#authorization ??= createAuthorization({ clock, limits, timers: this.#timers, origin })
  }

  apply(configuration: Configuration): void {
    this.prepare(configuration)
    this.commit()
  }

  prepare(configuration: Configuration): void {
    this.#iam?.prepare(configuration.identities)
    this.#links.prepare(configuration.links)
    this.#tls.prepare(configuration.tls)
    const targets = this.#options.targets?.()
    if (targets !== undefined) this.#balancing?.prepare(configuration, targets)
    this.#prepared = compileConfiguration(
      configuration,
      this.#compileDeps(),
      this.#gateway.snapshot,
    )
  }

  commit(): void {
    if (this.#prepared === undefined) return
    this.#iam?.commit()
    this.#links.commit()
    this.#tls.commit()
    this.#gateway.swap(this.#prepared)
    this.#prepared = undefined
    this.#balancing?.commit((origin) => this.#gateway.snapshot.uses(origin))
    this.#releaseUnused()
  }

  useTargets(targetGroupArn: string, targets: DeployedTargets): void {
    this.#balancing?.useTargets(targetGroupArn, targets)
    this.#releaseUnused()
  }

  discard(): void {
    this.#iam?.discard()
    this.#links.discard()
    this.#tls.discard()
    this.#balancing?.discard()
    this.#prepared = undefined
    this.#releaseUnused()
  }

  useTicketSecret(secret: Uint8Array): void {
    this.#tls.useTicketSecret(secret)
  }

  tail(tap: ((source: ContextSource) => void) | undefined): void {
    this.#services.tail = tap
  }

  async challenge(challenge: AcmeChallenge, on: boolean): Promise<void> {
    if (challenge.type === 'http-01') await this.#httpChallenge(challenge, on)
    else this.#tls.useChallenge(challenge.host, on ? challenge : undefined)
  }

  async #httpChallenge(challenge: HttpChallenge, on: boolean): Promise<void> {
    // Both wait for the same, so that what ends does not overtake its beginning.
    const { HttpChallenges } = await import('../../runtime/http-challenges.ts')
    if (on) {
      this.#challenges ??= new HttpChallenges(this.#services.clock)
      this.#challenges.show(challenge)
      return
    }
    this.#challenges?.hide(challenge)
    if (this.#challenges?.isEmpty) this.#challenges = undefined
  }

  listenHttp(address: ListenAddress): Promise<number> {
    return this.#listen(createHttpServer(this.#serverContext()), address)
  }

  listenLink(address: ListenAddress, tls: TlsMaterial): Promise<number> {
    return this.#links.listen(address, tls)
  }

  async listenHttps(address: ListenAddress): Promise<number> {
    const { tls } = this.#options
    if (tls === undefined) throw new Error('HTTPS needs a certificate')
    return this.#listen(await this.#tls.open(this.#serverContext(), tls), address)
  }

  look(figures: WorkerPressure): void {
    const connections = this.stats.reduce((sum, { connectionsOpen }) => sum + connectionsOpen, 0)
    const { inFlight: requests } = this
    const change = this.overload.look({ ...figures, connections, requests })
    const { stage } = this.overload
    if (stage > 0) for (const listener of this.#listeners) listener.spare(SPARED_PER_LOOK)
    if (change === undefined) return
    for (const context of this.#contexts) context.sparing = stage > 0 || this.#leaving
    for (const listener of this.#listeners) listener.admit(stage < 3)
    this.#options.onOverload?.(change)
  }

  leave(): void {
    this.#leaving = true
    for (const context of this.#contexts) context.sparing = true
  }

  get inFlight(): number {
    return this.#services.calls.inFlight
  }

  async drain(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.drain()))
    await this.#links.drain(this.#options.limits.drainTimeoutMs)
    this.#closeOrigins()
  }

  destroy(): void {
    this.#balancing?.close()
    for (const listener of this.#listeners) listener.destroy()
    this.#links.destroy()
    this.#closeOrigins()
    this.#timers.stop()
  }

  /** Origins and verifiers that no stage has any more; calls in flight keep theirs to the end. */
  #releaseUnused(): void {
    const { snapshot } = this.#gateway
    this.#authorization?.retain((verifier) => snapshot.verifiesBy(verifier))
    for (const [key, pool] of this.#pools) {
      if (snapshot.uses(pool) || this.#balancing?.uses(pool)) continue
      this.#pools.delete(key)
      pool.close()
    }
  }

  #closeOrigins(): void {
    for (const pool of this.#pools.values()) pool.close()
  }

  async #listen(listener: HttpListener, address: ListenAddress): Promise<number> {
    const port = await listener.listen(address)
    this.#listeners.push(listener)
    return port
  }

  #serverContext(): ServerContext {
    const stats = new ServerStats()
    this.stats.push(stats)
    const context: ServerContext = {
      limits: httpLimits(this.#options.limits),
      handle: (exchange) => this.#handle(exchange),
      refusal: (error) => this.#refusal(error),
      timers: this.#timers,
      stats,
      connections: new Set(),
      draining: false,
      sparing: this.overload.stage > 0 || this.#leaving,
    }
    this.#contexts.push(context)
    return context
  }

  /** The engine answers itself. */
  #refusal(error: WireError): Refusal {
    const { clock, explain } = this.#services
    const id = requestId()
    explain?.keepUnread(id, reasonOfClientError(error), error)
    return engineRefusal(error, id, clock.epochMs())
  }

  /** A bug costs the call that met it, not the others. */
  #handle(exchange: Exchange): void {
    try {
      if (this.#challenges?.answer(exchange) === true) return
      this.#gateway.handle(exchange)
    } catch (error) {
      this.#services.fatal(error, '')
      exchange.abort()
    }
  }

  #compileDeps(): CompileDeps {
    return {
      services: this.#services,
      origin: (address) => this.#origin(address),
      via: (stage, vpcLinkId) => this.#links.via(stage, vpcLinkId),
      identity: ({ accountId, region }, id) =>
        this.#tls.identity(clientCertificateKey(accountId, region, id)),
      originAuthorities: this.#options.originAuthorities,
      balanced: (listenerArn, way) => {
        assert(this.#balancing !== undefined, 'load comes before prepare')
        return this.#balancing.origin(listenerArn, way)
      },
      authorize: (guard, stage, used) => {
        if (guard.authorizationType === 'AWS_IAM') {
          assert(this.#iam !== undefined, 'load comes before prepare')
          return this.#iam.compile(stage)
        }
        assert(this.#authorization !== undefined, 'load comes before prepare')
        return this.#authorization.compile(guard, stage, used)
      },
      metrics: (stage) => this.#options.stageMetrics?.(stage),
      stageNumber: (stage) => this.#options.stageNumber?.(stage) ?? -1,
      buckets: (stage) => this.#options.buckets?.(stage),
      clients: this.#compilerOfClients(),
      accessLog: (stage) => this.#stageLog(stage),
      tracer: (stage) => this.#options.tracer?.(stage),
      keepsEndpointIds: this.#options.accessLog?.keepsEndpointIds ?? false,
    }
  }

  /** Its memory is there before the first configuration that needs it is prepared. */
  #compilerOfClients(): ClientLimitCompiler | undefined {
    const share = this.#clients && this.#options.clients?.()
    if (share === undefined) return undefined
    this.#clientCompiler ??= this.#clients!.createClientLimits(share, this.#services.clock)
    return this.#clientCompiler
  }

  #stageLog(stage: HttpApiStage): ((source: ContextSource) => void) | undefined {
    const { accessLog } = this.#options
    if (stage.accessLogSettings === undefined || accessLog === undefined) return undefined
    const { format: template, destinationArn } = stage.accessLogSettings
    const format = compileAccessLogFormat(template)
    const write = accessLog.writerFor?.(destinationArn) ?? accessLog.write
    return (source) => write(format(source), source)
  }

  /** Through the link's agents, or by the networks of the gateway. */
  #origin(address: OriginAddress): Origin {
    return this.#links.origin(address) ?? this.#pool(address)
  }

  #pool(address: OriginAddress): OriginPool {
    const { host, port, tls } = address
    const key = `${host} ${port} ${tls === undefined ? '' : originTlsKey(tls)}`
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      const { limits, originCaps = {}, workers = 1 } = this.#options
      const cap = originCaps[`${host.includes(':') ? `[${host}]` : host}:${port}`]
      pool = new OriginPool(address, cappedLimits(originLimits(limits), cap, workers), this.#timers)
      this.#pools.set(key, pool)
    }
    return pool
  }
}

function debugKeysOf({ debugKeys = [] }: DataPlaneOptions): DebugKeys | undefined {
  return debugKeys.length === 0 ? undefined : new DebugKeys(debugKeys)
}

function recorderOf({ explain, limits }: DataPlaneOptions, clock: Clock): CallRecorder | undefined {
  return explain === undefined ? undefined : new CallRecorder({ memory: explain, clock, limits })
}

function httpLimits(limits: Limits): HttpServerLimits {
  return {
    headBytes: limits.requestHeadBytes,
    headerCount: limits.requestHeaderCount,
    bodyBytes: limits.requestBodyBytes,
    chunkHeadBytes: limits.chunkHeadBytes,
    chunkExtensionBytes: limits.chunkExtensionBytes,
    trailerBytes: limits.trailerBytes,
    headTimeoutMs: limits.headTimeoutMs,
    bodyTimeoutMs: limits.bodyTimeoutMs,
    bodyBytesPerSecondMin: limits.bodyBytesPerSecondMin,
    writeTimeoutMs: limits.writeTimeoutMs,
    keepAliveTimeoutMs: limits.keepAliveTimeoutMs,
    halfClosedTimeoutMs: limits.halfClosedTimeoutMs,
    connections: limits.clientConnections,
  }
}
