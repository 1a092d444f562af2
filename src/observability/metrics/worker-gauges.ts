/**
 * The figures of one worker that belong to no stage: connections, event loop, memory, refusals. The worker writes
 * them, the main thread reads them, through the same memory.
 */

import type { WireErrorKind } from '../../http/wire-error.ts'
import { REFUSAL_KINDS, WORKER_METRIC_NAMES, type WorkerMetricName } from './metric-table.ts'

/** The memory of one worker's figures; crosses to the worker by message. */
export interface WorkerShare {
  readonly worker: number
  readonly memory: SharedArrayBuffer
}

const FIRST_REFUSAL = WORKER_METRIC_NAMES.length

const CELL_OF_METRIC = new Map(WORKER_METRIC_NAMES.map((name, cell) => [name, cell]))
const CELL_OF_REFUSAL = new Map(REFUSAL_KINDS.map((kind, i) => [kind, FIRST_REFUSAL + i]))

export const WORKER_SHARE_BYTES =
  (FIRST_REFUSAL + REFUSAL_KINDS.length) * Float64Array.BYTES_PER_ELEMENT

/** Both ends use it: a worker to set its figures, the registry to get them. */
export class WorkerGauges {
  readonly #cells: Float64Array

  constructor(share: WorkerShare) {
    this.#cells = new Float64Array(share.memory)
  }

  get(name: WorkerMetricName): number {
    return this.#cells[CELL_OF_METRIC.get(name)!]!
  }

  set(name: WorkerMetricName, value: number): void {
    this.#cells[CELL_OF_METRIC.get(name)!] = value
  }

  add(name: WorkerMetricName, by: number): void {
    this.#cells[CELL_OF_METRIC.get(name)!]! += by
  }

  refusals(kind: WireErrorKind): number {
    return this.#cells[CELL_OF_REFUSAL.get(kind)!]!
  }

  /** Publishes the worker's own total of one kind of refusal. */
  setRefusals(kind: WireErrorKind, total: number): void {
    this.#cells[CELL_OF_REFUSAL.get(kind)!] = total
  }

  /** Back to nothing, for the worker that takes the place of one that died: what was open is not open any more. */
  clearGauges(names: readonly WorkerMetricName[]): void {
    for (const name of names) this.set(name, 0)
  }
}
