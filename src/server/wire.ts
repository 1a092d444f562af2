/**
 * The whole program in one file: what is made, in which thread, and who is given to whom.
 *
 *   definition files ─┐
 *   control port ─────┴→ services → WriteQueue → Store; LiveStages → Publisher → Supervisor ⇉ workers   (main thread)
 *   control port ← Program ← metrics in shared memory ← workers
 *   connections → DataPlane → pipeline → origins; access log; figures                                  (each worker)
 *
 * Each thread imports its own half, when it is known which thread this is: the time from start to first answer is one
 * of the figures that Postern promises.
 */

import { randomUUID } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import module from 'node:module'
import os from 'node:os'
import path from 'node:path'
import type { Worker } from 'node:worker_threads'
import { processClock, systemClock } from '../base/clock.ts'
import { messageOf } from '../base/message-of.ts'
import type { TimerWheel } from '../base/timer-wheel.ts'
import { type Limits, limitsOf } from '../domain/limits.ts'
import type { MetricsRegistry } from '../observability/metrics/metrics-registry.ts'
import { discoveryOf } from './balancing/discovered-groups.ts'
import type { TargetDiscoveryParts, UseTargets } from './balancing/target-discovery.ts'
import type { AcmeInput } from './certificates/acme.ts'
import { failure, usageFailure } from './failure.ts'
import type { LinkAnswer } from './links/link-messages.ts'
import type { Links, LinksParts } from './links/links.ts'
import type { WorkerLinks } from './links/worker-links.ts'
import type { Deployment, NumberedAnswer } from './messages.ts'
import { workersFor } from './ports.ts'
import type { Program, ServingCertificate } from './program.ts'
import type { ProgramLog } from './program-log.ts'
import { type LogPlan, placesOf, planLogs } from './settings/log-destinations.ts'
import type { Settings } from './settings/settings.ts'
import type { WorkerObserver } from './supervisor.ts'
import type { StageMemory } from './usage/stage-memory.ts'
import type { AccessLogBirth, WorkerBirth } from './worker/worker-birth.ts'
import type { StartWorker } from './worker/worker-slot.ts'
import type { WorkerReport } from './worker/worker-tail.ts'

export interface ProgramInput {
  readonly settings: Settings
  /** Definition files, as the user named them. */
  readonly files: readonly string[]
  readonly log: ProgramLog
  /** Access-log lines may have colors. */
  readonly colors: boolean
  /** Workers cannot be kept alive. */
  readonly onGiveUp: (reason: string) => void
}

/** The main thread: everything that `postern up` needs, ready to boot. Throws a Failure. */
export async function createProgram(input: ProgramInput): Promise<Program> {
  const { settings, files, log } = input
  const compileCache = await prepareDataFolder(settings.data)
  const { Supervisor, Program, Publisher, LiveTail, StageMemory, ...rest } = await loadMainThread()
  const { MetricsRegistry, processFacts, readVersion } = rest
  const limits = limitsOf(settings.limits, settings.limit)
  const logs = planLogs(settings)
  const accessLog = await accessLogFor(input, limits, logs)
  const workers = countWorkers(settings, log)
  const version = readVersion()
  const registry = new MetricsRegistry(workers, processFacts(version))
  const memory = new StageMemory(registry, limits, workers)
  registry.useTargetGroups(() => memory.targets.figures())
  registry.useLinks(() => links?.figures() ?? new Map())
  const exports = await openExports({ ...input, limits, version, logs, registry })
  const common = { limits, accessLog, logs, workers, compileCache }
  const birth = { ...(await settingsOfWorkers(settings)), ...common }
  // Undefined until the control port is open: no worker has agents before.
  let links: Links | undefined
  const supervisor = new Supervisor({
    workers,
    startWorker: await threadStarter((index) => ({
      ...birth,
      index,
      gauges: registry.workerShare(index),
      telemetry: exports?.birthOf(index),
      explain: memory.callMemory(index),
    })),
    clock: systemClock,
    after: later,
    log,
    observer: observerOf(registry, memory, (worker) => links?.forget(worker)),
    onReport: (report) =>
      report.kind === 'tail'
        ? tail.receive(report)
        : report.kind === 'items'
          ? exports?.receive(report)
          : links?.receive(report),
    onGiveUp: input.onGiveUp,
  })
  const tail = new LiveTail((on) => supervisor.tail(on))
  const publisher = new Publisher({ supervisor, memory })
  const use: UseTargets = (arn, targets) =>
    supervisor.broadcast(memory.targets.discovered(arn, targets))
  publisher.onServed = discoveryFor({ settings, limits, environment: process.env, use, log })
  return new Program({
    settings,
    version,
    workers,
    supervisor,
    storedApis: async (served, ports) => {
      const { openStoredApis } = await import('./open-stored-apis.ts')
      const parts = { settings, limits, files, version, publisher, memory, served, ports, log }
      return openStoredApis(parts)
    },
    certificate: () => localCertificate(settings.data),
    certificateWork: (apis) =>
      lookAfterCertificates({ settings, limits, apis, supervisor, log, registry }),
    controlPort: async (source, apis) => {
      const { openControlCalls } = await import('./control/control-calls.ts')
      links = await openLinks({ settings, supervisor, workers, apis, log })
      return openControlCalls({ settings, limits, source, apis, tail, memory, links, log })
    },
    metrics: () => registry.render(),
    linksReady: () => links?.ready() ?? true,
    closeTelemetry: exports?.close,
    uptimeMs: () => systemClock.now(),
    log,
  })
}

/** Side by side: each is a file and what it needs. */
async function loadMainThread() {
  const modules = await Promise.all([
    import('./supervisor.ts'),
    import('./program.ts'),
    import('./publisher.ts'),
    import('./control/live-tail.ts'),
    import('./usage/stage-memory.ts'),
    import('../observability/metrics/metrics-registry.ts'),
    import('./version.ts'),
  ])
  const [supervisor, program, publisher, tail, memory, registry, version] = modules
  return { ...supervisor, ...program, ...publisher, ...tail, ...memory, ...registry, ...version }
}

/** Resolves to how to end it. */
async function lookAfterCertificates(input: AcmeInput & CertificatesInput) {
  const { settings, apis, registry, log } = input
  const [{ startCertificateWork }, { keepCertificates }] = await Promise.all([
    import('./certificates/certificate-work.ts'),
    import('./certificates/certificate-keeping.ts'),
  ])
  const keeping = await keepCertificates(input)
  const folder = settings.data
  const end = await startCertificateWork({ folder, apis, registry, clock: systemClock, log })
  return () => {
    end()
    return keeping.close()
  }
}

interface CertificatesInput {
  readonly registry: MetricsRegistry
  readonly log: ProgramLog
}

/** Loads what discovers, with the first group that asks for it. */
function discoveryFor(parts: TargetDiscoveryParts) {
  return discoveryOf(async () => {
    const { openTargetDiscovery } = await import('./balancing/target-discovery.ts')
    return openTargetDiscovery(parts)
  })
}

interface ExportsInput extends ProgramInput {
  readonly limits: Limits
  readonly version: string
  readonly logs: LogPlan
  readonly registry: MetricsRegistry
}

/** Loads what exports, when the settings ask for it. */
async function openExports(input: ExportsInput) {
  const { asksForTelemetry } = await import('./telemetry/asks-for-telemetry.ts')
  if (!asksForTelemetry(input.settings, input.logs, process.env)) return undefined
  const { openTelemetry } = await import('./telemetry/open-telemetry.ts')
  return openTelemetry({ ...input, environment: process.env })
}

/** The link port is open when there is something to dial in for. */
async function openLinks(parts: LinksParts): Promise<Links> {
  const { Links } = await import('./links/links.ts')
  const links = new Links(parts)
  await links.begin()
  return links
}

/** Counts the lives of workers, and frees what a dead one was about to write. */
function observerOf(
  registry: MetricsRegistry,
  memory: StageMemory,
  ended: (worker: number) => void,
): WorkerObserver {
  return {
    workerStarted: (index) => registry.workerStarted(index),
    workerEnded: (index) => {
      registry.workerEnded(index)
      memory.release(index)
      ended(index)
    },
    workerRestarted: (index) => registry.workerRestarted(index),
  }
}

async function originAuthoritiesOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const { readOriginAuthorities } = await import('./origin-authorities.ts')
  return readOriginAuthorities(file)
}

async function settingsOfWorkers(settings: Settings) {
  const gatewayId = randomUUID()
  const { trustedProxies, originLimit: originCaps, debugKey: debugKeys, json } = settings
  const originAuthorities = await originAuthoritiesOf(settings.originCa)
  return { trustedProxies, originCaps, debugKeys, json, gatewayId, originAuthorities }
}

async function localCertificate(folder: string): Promise<ServingCertificate> {
  const { ensureLocalCertificate } = await import('../certificates/local-ca.ts')
  return ensureLocalCertificate(folder, systemClock)
}

/** Returns how to call it off. */
function later(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs)
  return () => clearTimeout(timer)
}

function countWorkers(settings: Settings, log: ProgramLog): number {
  const machine = { platform: process.platform, cores: os.availableParallelism() }
  const { workers, note } = workersFor(settings.workers, machine)
  if (note !== undefined) log.warn(note)
  return workers
}

/** Everything that Postern keeps is in here; so is the code it has compiled, for the next start. */
async function prepareDataFolder(folder: string): Promise<string> {
  const compileCache = path.resolve(folder, 'compile-cache')
  try {
    await mkdir(compileCache, { recursive: true, mode: 0o700 })
  } catch (thrown) {
    const message = `The data folder ${folder} cannot be made: ${messageOf(thrown)}`
    throw failure(message, 'Choose another with --data DIR.')
  }
  module.enableCompileCache(compileCache)
  return compileCache
}

/** Checks here, once, what each worker would otherwise stumble over. */
async function accessLogFor(
  { settings, colors, log }: ProgramInput,
  limits: Limits,
  logs: LogPlan,
): Promise<AccessLogBirth | undefined> {
  const { accessLogFile: file, accessLogUrl: url, json } = settings
  // The lines of `postern dev` are for people; --json asks for lines for programs.
  const format = settings.accessLog === 'dev' && json ? 'json' : settings.accessLog
  if (format === 'none' && (file ?? url) !== undefined) {
    const setting = file === undefined ? '--access-log-url' : '--access-log-file'
    log.warn(`nothing is written to ${setting}: --access-log is none (try json)`)
  }
  for (const place of placesOf(logs)) {
    const isUsed = place !== logs.own || format !== 'none'
    if (place.kind === 'file' && isUsed) await checkLogFile(place.path)
  }
  if (format === 'none') return undefined
  if (format !== 'dev') await checkLogFormat(format, limits.accessLogFormatBytes)
  return { format, colors: colors && logs.own.kind === 'stdout' }
}

async function checkLogFormat(format: string, bytesMax: number): Promise<void> {
  const { SETTINGS } = await import('./settings/settings.ts')
  if (!format.includes('$') && !SETTINGS.accessLog.type.words.includes(format)) {
    throw usageFailure(
      `--access-log: There is no format named ${format}`,
      'There are json, clf, dev and none, or write a text with $context variables.',
    )
  }
  const { compileAccessLogFormat, FormatError } = await import(
    '../observability/access-log/access-log-format.ts'
  )
  try {
    compileAccessLogFormat(format, bytesMax)
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown
    const place = `at character ${thrown.position + 1}`
    throw usageFailure(`--access-log: ${thrown.message}, ${place}`, thrown.mend)
  }
}

async function checkLogFile(file: string): Promise<void> {
  try {
    await (await open(file, 'a')).close()
  } catch (thrown) {
    const message = `The access log ${file} cannot be written: ${messageOf(thrown)}`
    throw failure(
      message,
      'Choose another file with --access-log-file or --access-log-destination.',
    )
  }
}

const WORKER = './worker/worker.ts'

async function threadStarter(birthOf: (index: number) => WorkerBirth): Promise<StartWorker> {
  const { Worker } = await import('node:worker_threads')
  // A checkout runs the sources, a published package the compiled files: the worker is of the same kind as this file.
  const entry = new URL(WORKER.replace('.ts', path.extname(import.meta.url)), import.meta.url)
  return (index, events) => {
    const worker: Worker = new Worker(entry, {
      name: `worker ${index}`,
      workerData: birthOf(index),
    })
    worker.on('message', (message: NumberedAnswer | WorkerReport) =>
      // Answers have the number of their order; reports answer nothing.
      'id' in message ? events.onAnswer(message) : events.onReport(message),
    )
    worker.on('error', (error) => events.onFault(describeFault(error)))
    worker.on('exit', events.onExit)
    return {
      post: (order) => worker.postMessage(order),
      terminate: () => void worker.terminate(),
    }
  }
}

/** The first lines of the stack: enough to find the bug, little enough for a log line. */
function describeFault(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.split('\n').slice(0, 4).join('\n')
}

/** What a worker thread gets from Node. */
export type OrderPort = Pick<import('node:worker_threads').MessagePort, 'on' | 'postMessage'>

/** A worker thread: a data plane, its log and its figures, obeying the main thread. */
export async function runWorker(birth: WorkerBirth, port: OrderPort): Promise<void> {
  const [
    { createDataPlane },
    { DataWorker },
    { WorkerLog },
    { WorkerFigures },
    { WorkerBuckets },
    { WorkerTail },
    { WorkerStageNumbers },
    { watchPressure, overloadLine },
  ] = await Promise.all([
    import('./worker/data-plane.ts'),
    import('./worker/data-worker.ts'),
    import('./worker/worker-log.ts'),
    import('./worker/worker-figures.ts'),
    import('./worker/worker-buckets.ts'),
    import('./worker/worker-tail.ts'),
    import('./worker/worker-stage-numbers.ts'),
    import('./worker/worker-pressure.ts'),
  ])
  const figures = new WorkerFigures(birth)
  const buckets = new WorkerBuckets(birth.index)
  const outlet = await openOutlet(birth, port)
  const numbers = new WorkerStageNumbers()
  const log = new WorkerLog(birth, outlet?.outlet)
  const agents = agentsOf(birth, port)
  const options: Mutable<Parameters<typeof createDataPlane>[0]> = {
    ...optionsOf(birth),
    targets: () => buckets.targets,
    accessLog: log,
    // Limits are kept by a time that is the same in every worker.
    clock: processClock,
    stageMetrics: (stage) => figures.recorder(stage),
    tracer: outlet?.tracer,
    buckets: (stage) => buckets.of(stage),
    clients: () => buckets.clients(),
    explain: birth.explain,
    links: agents.open,
    stageNumber: (stage) => numbers.of(stage),
    onOverload: (change) => log.warn(overloadLine(change)),
    fatal: (error, requestId) => log.fatal(error, requestId),
  }
  const plane = createDataPlane(options)
  figures.start({ plane, sink: log.sinks, spansDropped: () => outlet?.spansDropped() ?? 0 })
  watchPressure({ plane, limits: birth.limits, clock: processClock })
  const worker = new DataWorker({
    plane,
    sink: {
      reopen: () => log.sinks.reopen(),
      close: () => {
        outlet?.outlet.flush()
        return log.sinks.close()
      },
    },
    useShares: (deployment: Deployment) => {
      figures.use(deployment)
      buckets.use(deployment)
      numbers.use(deployment)
    },
    // The data plane reads it when HTTPS opens, which may be long after plain HTTP has.
    useCertificate: (material) => {
      options.tls = material
    },
    linkAnswered: (answer) => agents.answered(answer),
    answer: (answer) => port.postMessage(answer),
    tap: new WorkerTail((batch) => port.postMessage({ kind: 'tail', ...batch })).tap,
    warn: (message) => log.warn(message),
  })
  port.on('message', (order) => void worker.receive(order))
}

/** What a worker is told at its birth. */
function optionsOf(birth: WorkerBirth) {
  const { limits, trustedProxies, originCaps, debugKeys, workers, index: workerIndex } = birth
  const { originAuthorities } = birth
  return { limits, trustedProxies, originCaps, debugKeys, workers, workerIndex, originAuthorities }
}

/** The hub that agents of VPC links connect to, loaded when there is a link for them. */
function agentsOf(birth: WorkerBirth, port: OrderPort) {
  const { limits, index: worker, workers, gatewayId } = birth
  const post = (report: WorkerReport) => port.postMessage(report)
  let links: WorkerLinks | undefined
  return {
    open: async (timers: TimerWheel) => {
      const { WorkerLinks } = await import('./links/worker-links.ts')
      const facts = { timers, clock: processClock, limits, worker, workers, gatewayId, post }
      links = new WorkerLinks(facts)
      return links
    },
    answered: (answer: LinkAnswer) => links?.answered(answer),
  }
}

/** What the worker exports goes through here, if it exports anything. */
async function openOutlet({ telemetry, index, limits }: WorkerBirth, port: OrderPort) {
  if (telemetry === undefined) return undefined
  const { openWorkerOutlet } = await import('./worker/worker-tracing.ts')
  const { exportWorkerBytes } = limits
  return openWorkerOutlet(telemetry, exportWorkerBytes, (batch) =>
    port.postMessage({ kind: 'items', worker: index, ...batch }),
  )
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
