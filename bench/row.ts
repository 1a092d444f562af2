/**
 * One row of the bench: a question, the way it is measured, and what came out.
 *
 * A row yields figures (a quantity of one subject, one sample per run) and claims (a ratio or a bound drawn from them,
 * with the bar it must keep). Everything that is printed, drawn or written is made from these two.
 */
import type { Bench } from './bench.ts'

export interface Row {
  /** `P2`, or a word for rows without a number. */
  readonly id: string
  readonly title: string
  /** How it is measured, for the reader of docs/performance.md. */
  readonly method: string
  /** The quantities that the picture shows. */
  readonly shown: readonly string[]
  run(bench: Bench): Promise<Outcome>
}

export interface Outcome {
  readonly figures: readonly Figure[]
  readonly claims: readonly Claim[]
}

export interface Figure {
  readonly subject: string
  readonly quantity: string
  readonly unit: Unit
  /** One per run. */
  readonly samples: readonly number[]
}

export type Unit = 'µs' | 'ms' | 'per s' | 'MB' | 'MB/s' | 'KB' | '×' | 'count'

export interface Claim {
  readonly sentence: string
  readonly value: number
  readonly unit: Unit
  /** Absent: told, not judged. */
  readonly atMost?: number
  readonly atLeast?: number
}

/** Whether the claim keeps its bar; undefined when it has none. */
export function holds(claim: Claim): boolean | undefined {
  if (claim.atMost !== undefined) return claim.value <= claim.atMost
  if (claim.atLeast !== undefined) return claim.value >= claim.atLeast
  return undefined
}

/** A row's result as it is kept in bench/results. */
export interface RowResult extends Outcome {
  readonly id: string
  readonly title: string
  readonly method: string
  readonly shown: readonly string[]
  readonly measuredAt: string
  readonly runs: number
  readonly seconds: number
  /** Percent of all cores that other work used just before. */
  readonly busyPercent: number
}
