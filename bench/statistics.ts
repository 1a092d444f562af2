/**
 * The few statistics that the bench reports: medians, percentiles, and ratios of paired samples.
 *
 * Machines drift by a factor of two within minutes. A ratio is therefore taken inside each run, where both sides saw
 * the same machine, and only then the median over the runs.
 */

/** The middle value; the mean of the two middle ones for an even count. */
export function median(samples: readonly number[]): number {
  const sorted = Float64Array.from(samples).sort()
  if (sorted.length === 0) throw new Error('bench: no samples')
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest sample that at least `fraction` of all samples do not exceed (nearest rank). */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) throw new Error('bench: no samples')
  const rank = Math.max(1, Math.ceil(fraction * sorted.length))
  return sorted[rank - 1]!
}

/** Median of `samples[i] / base[i]`. */
export function pairedRatio(samples: readonly number[], base: readonly number[]): number {
  return median(pair(samples, base, (sample, other) => sample / other))
}

/** Median of `samples[i] - base[i]`. */
export function pairedDifference(samples: readonly number[], base: readonly number[]): number {
  return median(pair(samples, base, (sample, other) => sample - other))
}

function pair(
  samples: readonly number[],
  base: readonly number[],
  combine: (sample: number, other: number) => number,
): number[] {
  if (samples.length !== base.length) throw new Error('bench: the runs do not pair up')
  return samples.map((sample, i) => combine(sample, base[i]!))
}
