/** The claims that several rows make: a ratio of CPU or of throughput between two subjects. */
import type { Measured } from './alternate.ts'
import type { Claim } from './row.ts'
import { pairedRatio } from './statistics.ts'

export interface Comparison {
  readonly name: string
  readonly base: string
  readonly atMost?: number
  readonly atLeast?: number
}

/** CPU per request of one subject over another's; no claim when one of them did not run. */
export function cpuClaim(measured: readonly Measured[], comparison: Comparison): readonly Claim[] {
  return ratioClaim(measured, comparison, ['CPU per request', 'cpuMicrosPerRequest'])
}

/** Requests per second of one subject over another's. */
export function rateClaim(measured: readonly Measured[], comparison: Comparison): readonly Claim[] {
  return ratioClaim(measured, comparison, ['requests per second', 'requestsPerSecond'])
}

/** Response bytes per second of one subject over another's. */
export function throughputClaim(
  measured: readonly Measured[],
  comparison: Comparison,
): readonly Claim[] {
  return ratioClaim(measured, comparison, ['throughput', 'bytesPerSecond'])
}

function ratioClaim(
  measured: readonly Measured[],
  { name, base, ...bar }: Comparison,
  [quantity, key]: readonly [string, Exclude<keyof Measured, 'name'>],
): readonly Claim[] {
  const pair = pairOf(measured, name, base)
  if (pair === undefined) return []
  const value = pairedRatio(pair[0][key], pair[1][key])
  return [{ sentence: `${quantity}, ${name} ÷ ${base}`, value, unit: '×', ...bar }]
}

/** The sample sets of two subjects, or undefined when one was left out by `--peers`. */
function pairOf(
  measured: readonly Measured[],
  name: string,
  base: string,
): readonly [Measured, Measured] | undefined {
  const subject = measured.find((each) => each.name === name)
  const other = measured.find((each) => each.name === base)
  return subject && other ? [subject, other] : undefined
}
