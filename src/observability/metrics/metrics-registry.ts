/**
 * All figures of the process, kept in the main thread and rendered for Prometheus without asking a worker.
 *
 * Labels come from definitions and from closed lists alone, never from what a client sends; so clients cannot make a
 * series, and the number of series has a bound.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import { STEP_NAMES } from '../explain/steps.ts'
import { HISTOGRAM_CELLS } from './histogram.ts'
import {
  EXPORT_METRICS,
  LINK_METRICS,
  LINK_REFUSAL_REASONS,
  LINK_REFUSALS,
  type LinkFigures,
  PROCESS_METRICS,
  REFUSAL_KINDS,
  STAGE_METRICS,
  TARGET_GROUP_METRICS,
  type TargetGroupFigures,
  WORKER_METRIC_NAMES,
  WORKER_METRICS,
} from './metric-table.ts'
import { type Labels, type MetricsWriter, PrometheusText } from './prometheus-text.ts'
import { SERIES_LAYOUT, type StageShare } from './stage-metrics.ts'
import { StageSeries } from './stage-series.ts'
import { WORKER_SHARE_BYTES, WorkerGauges, type WorkerShare } from './worker-gauges.ts'

/** What the registry says about the process; tests pass their own. */
export interface ProcessFacts {
  readonly version: string
  readonly nodeVersion: string
  /** Seconds since 1970. */
  readonly startTimeSeconds: number
  residentMemoryBytes(): number
}

const STAGE_COUNTERS = [
  [STAGE_METRICS.count, SERIES_LAYOUT.count],
  [STAGE_METRICS.clientErrors, SERIES_LAYOUT.clientErrors],
  [STAGE_METRICS.serverErrors, SERIES_LAYOUT.serverErrors],
  [STAGE_METRICS.throttled, SERIES_LAYOUT.throttled],
  [STAGE_METRICS.dataProcessed, SERIES_LAYOUT.dataProcessed],
] as const

const STAGE_HISTOGRAMS = [
  [STAGE_METRICS.latency, SERIES_LAYOUT.latency],
  [STAGE_METRICS.integrationLatency, SERIES_LAYOUT.integrationLatency],
  [STAGE_METRICS.gatewayLatency, SERIES_LAYOUT.gatewayLatency],
] as const

/** Of one exporter. */
export interface ExportFigures {
  readonly sent: number
  readonly dropped: number
  readonly failures: number
}

const EXPORT_FIGURES = [
  [EXPORT_METRICS.exported, 'sent'],
  [EXPORT_METRICS.exportDropped, 'dropped'],
  [EXPORT_METRICS.exportFailures, 'failures'],
] as const

/** One labelled series, summed over the workers. */
export interface Series {
  readonly labels: Labels
  readonly cells: Float64Array
}

interface WorkerRecord {
  readonly share: WorkerShare
  readonly gauges: WorkerGauges
  up: boolean
  restarts: number
}

export class MetricsRegistry {
  readonly #workers: readonly WorkerRecord[]
  readonly #facts: ProcessFacts
  /** By API and stage. */
  #exports: (() => Iterable<readonly [signal: string, figures: ExportFigures]>) | undefined
  #certificates: (() => Iterable<readonly [labels: Labels, days: number]>) | undefined
  #truststores: (() => ReadonlyMap<string, boolean>) | undefined
  #targetGroups: (() => ReadonlyMap<string, TargetGroupFigures>) | undefined
  #links: (() => ReadonlyMap<string, LinkFigures>) | undefined
  readonly #stages = new Map<string, StageSeries>()

  constructor(workers: number, facts: ProcessFacts = processFacts('unknown')) {
    this.#workers = Array.from({ length: workers }, (_, worker) => newWorkerRecord(worker))
    this.#facts = facts
  }

  /** Memory for one deployment of a stage. The same stage and routes keep their totals across deployments. */
  share(stage: HttpApiStage): StageShare {
    const key = stageKey(stage)
    const series = this.#stages.get(key) ?? new StageSeries(stage, this.#workers.length)
    this.#stages.set(key, series)
    return series.deploy(stage)
  }

  /** Forgets the stages that are not served any more, with their totals. */
  retain(stages: readonly HttpApiStage[]): void {
    const kept = new Set(stages.map(stageKey))
    for (const key of this.#stages.keys()) if (!kept.has(key)) this.#stages.delete(key)
  }

  /** Memory of one worker's figures; the same for the thread that takes a dead one's place. */
  workerShare(worker: number): WorkerShare {
    return this.#workers[worker]!.share
  }

  workerStarted(worker: number): void {
    this.#workers[worker]!.up = true
  }

  /** The worker is gone: what was open in it is not any more. */
  workerEnded(worker: number): void {
    const record = this.#workers[worker]!
    record.up = false
    const gauges = WORKER_METRIC_NAMES.filter((name) => WORKER_METRICS[name].type === 'gauge')
    record.gauges.clearGauges(gauges)
  }

  /** Counts that a dead worker was started again. */
  workerRestarted(worker: number): void {
    this.#workers[worker]!.restarts++
  }

  /** Everything in the Prometheus text format 0.0.4. */
  render(): string {
    const text = new PrometheusText()
    this.write(text)
    return text.toString()
  }

  /** Everything, in whatever form the writer makes of it. */
  write(text: MetricsWriter): void {
    this.#renderStages(text)
    this.#renderTargetGroups(text)
    this.#renderLinks(text)
    this.#renderWorkers(text)
    this.#renderExports(text)
    this.#renderCertificates(text)
    this.#renderTruststores(text)
    this.#renderProcess(text)
  }

  /** The figures of API Gateway, of every stage and of its routes that have been called. */
  stageSeries(): Series[] {
    return [...this.#stages.values()].flatMap(seriesOf)
  }

  /** From now on the figures of these are there too. */
  useExports(exports: () => Iterable<readonly [signal: string, figures: ExportFigures]>): void {
    this.#exports = exports
  }

  /** From now on the days of each certificate are there too. */
  useCertificates(certificates: () => Iterable<readonly [labels: Labels, days: number]>): void {
    this.#certificates = certificates
  }

  /** From now on it is there for each of these domain names whether its truststore is stale. */
  useTruststores(truststores: () => ReadonlyMap<string, boolean>): void {
    this.#truststores = truststores
  }

  #renderStages(text: MetricsWriter): void {
    const all = this.stageSeries()
    for (const [metric, cell] of STAGE_COUNTERS) {
      text.metric(metric)
      for (const { labels, cells } of all) text.sample(metric.name, labels, cells[cell]!)
    }
    text.metric(STAGE_METRICS.refused)
    for (const { labels, cells } of all) {
      for (const [i, step] of STEP_NAMES.entries()) {
        const count = cells[SERIES_LAYOUT.refused + i]!
        if (count > 0) text.sample(STAGE_METRICS.refused.name, [...labels, ['step', step]], count)
      }
    }
    for (const [metric, start] of STAGE_HISTOGRAMS) {
      text.metric(metric)
      for (const { labels, cells } of all) {
        text.histogram(metric.name, labels, cells.subarray(start, start + HISTOGRAM_CELLS))
      }
    }
  }

  /** From now on the figures of these are there too, by ARN of the group. */
  useTargetGroups(groups: () => ReadonlyMap<string, TargetGroupFigures>): void {
    this.#targetGroups = groups
  }

  /** From now on the figures of these are there too, by id of the link. */
  useLinks(links: () => ReadonlyMap<string, LinkFigures>): void {
    this.#links = links
  }

  #renderLinks(text: MetricsWriter): void {
    const all = [...(this.#links?.() ?? [])]
    if (all.length === 0) return
    for (const [figure, metric] of Object.entries(LINK_METRICS)) {
      text.metric(metric)
      for (const [link, figures] of all) {
        text.sample(metric.name, [['vpc_link', link]], figures[figure as keyof LinkFigures])
      }
    }
    const { refused } = LINK_REFUSALS
    text.metric(refused)
    for (const [link, figures] of all) {
      for (const [figure, reason] of Object.entries(LINK_REFUSAL_REASONS)) {
        const labels = [
          ['vpc_link', link],
          ['reason', reason],
        ] as const
        text.sample(refused.name, labels, figures[figure as keyof LinkFigures])
      }
    }
  }

  #renderTargetGroups(text: MetricsWriter): void {
    const all = [...(this.#targetGroups?.() ?? [])]
    if (all.length === 0) return
    for (const [figure, metric] of Object.entries(TARGET_GROUP_METRICS)) {
      text.metric(metric)
      for (const [arn, figures] of all) {
        const labels = [['target_group', shortName(arn)]] as const
        text.sample(metric.name, labels, figures[figure as keyof TargetGroupFigures])
      }
    }
  }

  #renderExports(text: MetricsWriter): void {
    const all = [...(this.#exports?.() ?? [])]
    if (all.length === 0) return
    for (const [metric, figure] of EXPORT_FIGURES) {
      text.metric(metric)
      for (const [signal, figures] of all) {
        text.sample(metric.name, [['signal', signal]], figures[figure])
      }
    }
  }

  #renderCertificates(text: MetricsWriter): void {
    const all = [...(this.#certificates?.() ?? [])]
    if (all.length === 0) return
    const { certificateExpiryDays: metric } = PROCESS_METRICS
    text.metric(metric)
    for (const [labels, days] of all) text.sample(metric.name, labels, days)
  }

  #renderTruststores(text: MetricsWriter): void {
    const all = this.#truststores?.() ?? new Map<string, boolean>()
    if (all.size === 0) return
    const { truststoreStale: metric } = PROCESS_METRICS
    text.metric(metric)
    for (const [name, isStale] of all) {
      text.sample(metric.name, [['domain_name', name]], isStale ? 1 : 0)
    }
  }

  #renderWorkers(text: MetricsWriter): void {
    const each = (name: string, value: (record: WorkerRecord) => number): void => {
      for (const [worker, record] of this.#workers.entries()) {
        text.sample(name, [['worker', String(worker)]], value(record))
      }
    }
    for (const name of WORKER_METRIC_NAMES) {
      text.metric(WORKER_METRICS[name])
      each(WORKER_METRICS[name].name, ({ gauges }) => gauges.get(name))
    }
    text.metric(PROCESS_METRICS.workerUp)
    each(PROCESS_METRICS.workerUp.name, ({ up }) => (up ? 1 : 0))
    text.metric(PROCESS_METRICS.workerRestarts)
    each(PROCESS_METRICS.workerRestarts.name, ({ restarts }) => restarts)
  }

  #renderProcess(text: MetricsWriter): void {
    const { refusals, buildInfo, startTime, residentMemory } = PROCESS_METRICS
    text.metric(refusals)
    for (const kind of REFUSAL_KINDS) {
      const total = this.#workers.reduce((sum, { gauges }) => sum + gauges.refusals(kind), 0)
      text.sample(refusals.name, [['kind', kind]], total)
    }
    text.metric(buildInfo)
    const { version, nodeVersion } = this.#facts
    text.sample(
      buildInfo.name,
      [
        ['version', version],
        ['node', nodeVersion],
      ],
      1,
    )
    text.metric(startTime)
    text.sample(startTime.name, [], this.#facts.startTimeSeconds)
    text.metric(residentMemory)
    text.sample(residentMemory.name, [], this.#facts.residentMemoryBytes())
  }
}

/** The facts of this process. */
export function processFacts(version: string): ProcessFacts {
  return {
    version,
    nodeVersion: process.versions.node,
    startTimeSeconds: performance.timeOrigin / 1000,
    residentMemoryBytes: () => process.memoryUsage.rss(),
  }
}

function newWorkerRecord(worker: number): WorkerRecord {
  const share = { worker, memory: new SharedArrayBuffer(WORKER_SHARE_BYTES) }
  return { share, gauges: new WorkerGauges(share), up: false, restarts: 0 }
}

function stageKey({ apiId, stageName }: HttpApiStage): string {
  return `${apiId}/${stageName}`
}

/** The stage itself, and its routes that have been called. */
function seriesOf(stage: StageSeries): Series[] {
  const found: Series[] = []
  for (const { routeKey, cells } of stage.totals()) {
    const labels: [string, string][] = [
      ['api_id', stage.apiId],
      ['stage', stage.stageName],
    ]
    if (routeKey !== undefined) {
      if (cells[SERIES_LAYOUT.count] === 0) continue
      labels.push(['route', routeKey])
    }
    found.push({ labels, cells })
  }
  return found
}

/** `targetgroup/name/73e2d6bc24d8a067`, as AWS has it in the dimension TargetGroup. */
function shortName(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}
