// hot path — see STYLE §8
/**
 * The figures of one stage as a worker counts them, in memory that the main thread reads.
 *
 * Each worker has its own cells, so a plain addition is enough: no cell ever has two writers. The main thread adds the
 * workers up when somebody asks for `/metrics`, and no worker notices.
 */

import { assert } from '../../base/assert.ts'
import { STEP_NAMES, type Step } from '../explain/steps.ts'
import { HISTOGRAM_CELLS, observe } from './histogram.ts'

const COUNT = 0
const CLIENT_ERRORS = 1
const SERVER_ERRORS = 2
const DATA_PROCESSED = 3
const THROTTLED = 4
const LATENCY = 5
const INTEGRATION_LATENCY = LATENCY + HISTOGRAM_CELLS
const GATEWAY_LATENCY = INTEGRATION_LATENCY + HISTOGRAM_CELLS
/** One cell for each step. */
const REFUSED = GATEWAY_LATENCY + HISTOGRAM_CELLS
const SERIES_CELLS = REFUSED + STEP_NAMES.length

const CELL_OF_STEP = Object.fromEntries(STEP_NAMES.map((step, i) => [step, REFUSED + i])) as Record<
  Step,
  number
>

/** Where the figures of one series lie; the latencies are the beginnings of histograms. */
export const SERIES_LAYOUT = {
  count: COUNT,
  clientErrors: CLIENT_ERRORS,
  serverErrors: SERVER_ERRORS,
  dataProcessed: DATA_PROCESSED,
  throttled: THROTTLED,
  latency: LATENCY,
  integrationLatency: INTEGRATION_LATENCY,
  gatewayLatency: GATEWAY_LATENCY,
  refused: REFUSED,
  cells: SERIES_CELLS,
} as const

/** Series of one chunk of memory. */
export const CHUNK_SERIES = 32

/** The memory of one stage's figures; crosses to the workers by message. */
export interface StageShare {
  readonly workers: number
  /** Each holds `CHUNK_SERIES` series for every worker, worker by worker. */
  readonly chunks: readonly SharedArrayBuffer[]
  /** Series of each route, in the order of the stage's routes; 0 is the series of the stage itself. */
  readonly seriesOfRoute: readonly number[]
}

/** The cells of one worker's series. */
export function seriesCells(share: StageShare, worker: number, series: number): Float64Array {
  const chunk = share.chunks[Math.floor(series / CHUNK_SERIES)]
  assert(chunk !== undefined && worker < share.workers, 'a series lies in its chunks')
  const position = worker * CHUNK_SERIES + (series % CHUNK_SERIES)
  const bytes = Float64Array.BYTES_PER_ELEMENT
  return new Float64Array(chunk, position * SERIES_CELLS * bytes, SERIES_CELLS)
}

export class StageMetrics {
  /** Cells for each route; the first for calls that no route counts. */
  readonly #cells: readonly Float64Array[]

  constructor(share: StageShare, worker: number) {
    const views = new Map<number, Float64Array>()
    const cellsOf = (series: number): Float64Array => {
      const cells = views.get(series) ?? seriesCells(share, worker, series)
      views.set(series, cells)
      return cells
    }
    this.#cells = [cellsOf(0), ...share.seriesOfRoute.map(cellsOf)]
  }

  /**
   * Counts one call that has ended. `routeIndex` is the place in the stage's routes, -1 when none matched;
   * `integrationLatencyMs` is -1 when no integration was called; `bytes` are those of both bodies. Five plain numbers
   * instead of an object, since an object would be allocated for each call.
   */
  record(
    routeIndex: number,
    status: number,
    latencyMs: number,
    integrationLatencyMs: number,
    bytes: number,
  ): void {
    const cells = this.#cellsOf(routeIndex)
    cells[COUNT]! += 1
    cells[DATA_PROCESSED]! += bytes
    if (status >= 400) cells[status < 500 ? CLIENT_ERRORS : SERVER_ERRORS]! += 1
    observe(cells, LATENCY, latencyMs)
    if (integrationLatencyMs < 0) {
      observe(cells, GATEWAY_LATENCY, latencyMs)
    } else {
      observe(cells, INTEGRATION_LATENCY, integrationLatencyMs)
      observe(cells, GATEWAY_LATENCY, latencyMs - integrationLatencyMs)
    }
  }

  /** Counts that a call found a token bucket empty; that it has ended is counted besides. */
  countThrottled(routeIndex: number): void {
    this.#cellsOf(routeIndex)[THROTTLED]! += 1
  }

  /** Counts that the gateway itself has answered a call, at that step. */
  countRefused(routeIndex: number, step: Step): void {
    this.#cellsOf(routeIndex)[CELL_OF_STEP[step]]! += 1
  }

  #cellsOf(routeIndex: number): Float64Array {
    return this.#cells[routeIndex + 1] ?? this.#cells[0]!
  }
}
