/**
 * Which series of shared memory belongs to which route of one stage, across deployments.
 *
 * A route keeps its series, and so its totals, as long as the stage lives, even while it is not deployed. The number
 * of series is bounded: when it is reached, the route that left longest ago gives its series up.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import { CHUNK_SERIES, SERIES_LAYOUT, type StageShare, seriesCells } from './stage-metrics.ts'

/** With more routes than this, a stage is counted as a whole (AWS counts every route; a scrape could not carry it). */
export const DETAILED_ROUTES_MAX = 1_000

/** Series 0: the stage, or with detailed metrics what no route counts. */
const STAGE_SERIES = 0

const SERIES_CELLS = SERIES_LAYOUT.cells

export class StageSeries {
  readonly apiId: string
  readonly stageName: string
  readonly #workers: number
  readonly #chunks: SharedArrayBuffer[] = []
  /** Series by route key; those of routes that left come first, the longest gone at the front. */
  readonly #byRouteKey = new Map<string, number>()
  #share: StageShare

  constructor(stage: HttpApiStage, workers: number) {
    this.apiId = stage.apiId
    this.stageName = stage.stageName
    this.#workers = workers
    this.#addChunk()
    this.#share = this.#shareOf([])
  }

  /** The memory for this deployment of the stage; series of routes that stay are the same as before. */
  deploy(stage: HttpApiStage): StageShare {
    const isDetailed = stage.detailedMetricsEnabled && stage.routes.length <= DETAILED_ROUTES_MAX
    const keys = isDetailed ? stage.routes.map(({ routeKey }) => routeKey) : []
    this.#keepRecent(keys)
    const series = keys.map((key) => this.#byRouteKey.get(key) ?? this.#assign(key))
    this.#share = this.#shareOf(isDetailed ? series : stage.routes.map(() => STAGE_SERIES))
    return this.#share
  }

  /** The sum over all workers of every series, with the route that it belongs to. */
  *totals(): Generator<{ routeKey: string | undefined; cells: Float64Array }> {
    yield { routeKey: undefined, cells: this.#sum(STAGE_SERIES) }
    for (const [routeKey, series] of this.#byRouteKey) {
      yield { routeKey, cells: this.#sum(series) }
    }
  }

  /** Moves the keys to the end of the order, where they are safe from losing their series. */
  #keepRecent(keys: readonly string[]): void {
    for (const key of keys) {
      const series = this.#byRouteKey.get(key)
      if (series === undefined) continue
      this.#byRouteKey.delete(key)
      this.#byRouteKey.set(key, series)
    }
  }

  #assign(key: string): number {
    const series =
      this.#byRouteKey.size < DETAILED_ROUTES_MAX ? this.#byRouteKey.size + 1 : this.#reclaim()
    if (series >= this.#chunks.length * CHUNK_SERIES) this.#addChunk()
    this.#byRouteKey.set(key, series)
    return series
  }

  #reclaim(): number {
    const [oldest, series] = this.#byRouteKey.entries().next().value!
    this.#byRouteKey.delete(oldest)
    for (let worker = 0; worker < this.#workers; worker++) {
      seriesCells(this.#shareOf([]), worker, series).fill(0)
    }
    return series
  }

  #addChunk(): void {
    const cells = this.#workers * CHUNK_SERIES * SERIES_CELLS
    this.#chunks.push(new SharedArrayBuffer(cells * Float64Array.BYTES_PER_ELEMENT))
  }

  #shareOf(seriesOfRoute: readonly number[]): StageShare {
    return { workers: this.#workers, chunks: [...this.#chunks], seriesOfRoute }
  }

  #sum(series: number): Float64Array {
    const sum = new Float64Array(SERIES_CELLS)
    for (let worker = 0; worker < this.#workers; worker++) {
      const cells = seriesCells(this.#share, worker, series)
      for (let i = 0; i < SERIES_CELLS; i++) sum[i]! += cells[i]!
    }
    return sum
  }
}
