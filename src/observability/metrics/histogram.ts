// hot path — see STYLE §8
/**
 * Histograms as ranges of cells in shared memory: the count of each bucket, not yet cumulated, and the sum.
 */

/** Upper bounds in milliseconds; one more bucket takes what is longer. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
]

const BUCKETS = LATENCY_BOUNDS_MS.length + 1
/** Cells of one histogram: the buckets, then the sum in milliseconds. */
export const HISTOGRAM_CELLS = BUCKETS + 1

const bounds = Float64Array.from(LATENCY_BOUNDS_MS)

/** Counts one value in the histogram that begins at `start`. What is no duration counts as none. */
export function observe(cells: Float64Array, start: number, ms: number): void {
  let duration = 0
  if (ms > 0) duration = ms
  let bucket = 0
  while (bucket < bounds.length && duration > bounds[bucket]!) bucket++
  cells[start + bucket]! += 1
  cells[start + BUCKETS]! += duration
}
