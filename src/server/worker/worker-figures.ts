/**
 * The figures of one worker: who counts the calls of a stage, and what the worker publishes about itself once a second.
 *
 * All of it lives in memory that the main thread shares and reads when `/metrics` is asked for. Totals go on from what
 * a dead worker left in the same place.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { WireErrorKind } from '../../http/wire-error.ts'
import type { WorkerMetricName } from '../../observability/metrics/metric-table.ts'
import { StageMetrics, type StageShare } from '../../observability/metrics/stage-metrics.ts'
import { WorkerGauges } from '../../observability/metrics/worker-gauges.ts'
import { startWorkerSampler } from '../../observability/metrics/worker-sampler.ts'
import type { Deployment } from '../messages.ts'
import type { DataPlane } from './data-plane.ts'
import type { WorkerBirth } from './worker-birth.ts'

const PUBLISH_MS = 1_000

/** What is published about a worker besides its calls. */
export interface FigureSources {
  readonly plane: Pick<DataPlane, 'stats' | 'inFlight' | 'overload'>
  readonly sink: { readonly dropped: number }
  /** Recorded calls that did not leave the worker. */
  readonly spansDropped: () => number
}

export class WorkerFigures {
  readonly #index: number
  readonly #gauges: WorkerGauges
  /** By stage, of the deployment that was prepared last. */
  readonly #shares = new Map<string, StageShare>()
  /** Totals that earlier workers in this place have reached. */
  readonly #before = new Map<WorkerMetricName | WireErrorKind, number>()

  constructor(birth: WorkerBirth) {
    this.#index = birth.index
    this.#gauges = new WorkerGauges(birth.gauges)
  }

  /** From now on stages are counted in the memory that comes with this deployment. */
  use({ configuration, shares }: Deployment): void {
    this.#shares.clear()
    for (const [i, stage] of configuration.stages.entries()) {
      this.#shares.set(keyOfStage(stage), shares[i]!)
    }
  }

  recorder(stage: HttpApiStage): StageMetrics | undefined {
    const share = this.#shares.get(keyOfStage(stage))
    return share === undefined ? undefined : new StageMetrics(share, this.#index)
  }

  /** Publishes now and then once a second; keeps no thread alive. */
  start(sources: FigureSources): void {
    startWorkerSampler(this.#gauges)
    setInterval(() => this.publish(sources), PUBLISH_MS).unref()
  }

  /** Writes what is true at this moment. */
  publish({ plane, sink, spansDropped }: FigureSources): void {
    let open = 0
    let accepted = 0
    let requests = 0
    const refused = new Map<WireErrorKind, number>()
    for (const stats of plane.stats) {
      open += stats.connectionsOpen
      accepted += stats.connectionsAccepted
      requests += stats.requests
      for (const [kind, count] of stats.refused) refused.set(kind, (refused.get(kind) ?? 0) + count)
    }
    this.#gauges.set('connections', open)
    this.#gauges.set('requestsInFlight', plane.inFlight)
    this.#gauges.set('overloadStage', plane.overload.stage)
    this.#setTotal('overloadRefusals', plane.overload.refused)
    this.#setTotal('connectionsAccepted', accepted)
    this.#setTotal('requests', requests)
    this.#setTotal('logLinesDropped', sink.dropped)
    this.#setTotal('spansDropped', spansDropped())
    for (const [kind, count] of refused) this.#setRefusals(kind, count)
  }

  #setTotal(name: WorkerMetricName, total: number): void {
    const before = this.#before.get(name) ?? this.#gauges.get(name)
    this.#before.set(name, before)
    this.#gauges.set(name, before + total)
  }

  #setRefusals(kind: WireErrorKind, total: number): void {
    const before = this.#before.get(kind) ?? this.#gauges.refusals(kind)
    this.#before.set(kind, before)
    this.#gauges.setRefusals(kind, before + total)
  }
}

function keyOfStage(stage: HttpApiStage): string {
  return `${stage.apiId} ${stage.stageName}`
}
