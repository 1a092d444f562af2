// hot path — see STYLE §8
/**
 * A token bucket that all threads share, exact and without a lock: two 32-bit cells of shared memory.
 *
 * The rate makes units, so many of which are one token; `made` counts them since the machine started, and is a function
 * of the time alone. The first cell says up to where they are spent, so `made − spent` are in the bucket, never more
 * than its capacity. The cell has the low 32 bits only, which is enough while somebody looks before they come round
 * again; the second cell says in which era somebody last did. A bucket that nobody has looked at for a whole era is full.
 *
 * Invariant: over all threads, no more than burst + rate × t tokens are taken in any time t, to one unit (a microsecond
 * of the rate, or a 2²⁹th of the burst where that is more), and nobody is refused while a whole token is there. That
 * is, as long as no thread sleeps for most of a minute between looking at the clock and taking.
 */

import type { Throttle } from '../../domain/http-api.ts'

/** Where a bucket lies. */
export interface BucketPlace {
  readonly memory: SharedArrayBuffer
  /** First of its cells. */
  readonly at: number
}

/** Its own cache line: threads that take from different buckets do not wait for each other. */
const BUCKET_BYTES = 64
const BUCKET_CELLS = BUCKET_BYTES / Int32Array.BYTES_PER_ELEMENT

/** Two eras and a full bucket are less than 2³¹ units, so differences of the low 32 bits mean what they say. */
const ERA_UNITS = 2 ** 29
/** A bucket that nobody has looked at for an era is full. */
const CAPACITY_MAX = ERA_UNITS
/** More than any machine serves: beyond it an era would be over too soon. */
const RATE_MAX = 10_000_000
const UNITS_PER_SECOND = 1_000_000

/** Memory for so many buckets, all of them full. */
export function allocateBuckets(count: number): BucketPlace[] {
  const memory = new SharedArrayBuffer(count * BUCKET_BYTES)
  return Array.from({ length: count }, (_, i) => ({ memory, at: i * BUCKET_CELLS }))
}

export class TokenBucket {
  readonly #cells: Int32Array
  readonly #spentAt: number
  readonly #eraAt: number
  readonly #unitsPerMs: number
  /** Units of one token. */
  readonly #cost: number
  /** Units of a full bucket. */
  readonly #capacity: number

  /** A rate or a burst of 0 makes a bucket that is always empty. */
  constructor({ memory, at }: BucketPlace, { ratePerSecond, burst }: Throttle) {
    const rate = Math.min(ratePerSecond, RATE_MAX)
    const tokens = rate === 0 ? 0 : Math.min(Math.floor(burst), CAPACITY_MAX)
    this.#cells = new Int32Array(memory)
    this.#spentAt = at
    this.#eraAt = at + 1
    this.#cost = tokens === 0 ? 1 : unitsOfToken(rate, tokens)
    this.#capacity = tokens * this.#cost
    this.#unitsPerMs = (rate * this.#cost) / 1_000
  }

  /**
   * Takes a token; false: there is none. The time is that of a clock that all threads share; an older time than others
   * have used finds fewer tokens, never more.
   */
  // 42 → 22 ns, bench/token-bucket.ts, Node 24: not one 64-bit cell, whose numbers would be objects.
  take(nowMs: number): boolean {
    const made = Math.floor(nowMs * this.#unitsPerMs)
    const era = eraOf(made)
    for (;;) {
      // In this order: whoever sees what was spent in an era sees that era.
      const spent = Atomics.load(this.#cells, this.#spentAt)
      const seen = Atomics.load(this.#cells, this.#eraAt)
      if (seen < era) {
        this.#renew(made, spent, seen)
        continue
      }
      // So old a time says nothing about what is left now.
      if (seen > era + 1) return false
      const left = Math.min((made - spent) | 0, this.#capacity)
      if (left < this.#cost) {
        if (Atomics.load(this.#cells, this.#spentAt) === spent) return false
      } else if (this.#move(spent, made - left + this.#cost)) return true
    }
  }

  /** Undoes one `take`. */
  giveBack(): void {
    Atomics.sub(this.#cells, this.#spentAt, this.#cost)
  }

  /** Tokens that are there, with fractions. */
  tokens(nowMs: number): number {
    const made = Math.floor(nowMs * this.#unitsPerMs)
    const spent = Atomics.load(this.#cells, this.#spentAt)
    const seen = Atomics.load(this.#cells, this.#eraAt)
    if (isForgotten(seen, eraOf(made))) return this.#capacity / this.#cost
    return Math.max(0, Math.min((made - spent) | 0, this.#capacity)) / this.#cost
  }

  /** From now on it holds so many tokens, at most its burst. Only while no other thread uses it. */
  fill(tokens: number, nowMs: number): void {
    const made = Math.floor(nowMs * this.#unitsPerMs)
    const left = Math.min(Math.floor(tokens * this.#cost), this.#capacity)
    Atomics.store(this.#cells, this.#spentAt, (made - left) | 0)
    Atomics.store(this.#cells, this.#eraAt, eraOf(made))
  }

  /**
   * Brings the era up to date; the caller then reads again. The era is written only over a bucket that is understood or
   * full, and no token leaves before it is; so whoever still sees the era of before writes "full" over "full" at most.
   */
  #renew(made: number, spent: number, seen: number): void {
    const era = eraOf(made)
    if (isForgotten(seen, era) && !this.#move(spent, made - this.#capacity)) return
    Atomics.compareExchange(this.#cells, this.#eraAt, seen, era)
  }

  #move(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#cells, this.#spentAt, from, to | 0) === from
  }
}

/** As fine as microseconds of the rate, where the capacity leaves room for it. */
function unitsOfToken(rate: number, tokens: number): number {
  return Math.min(Math.ceil(UNITS_PER_SECOND / rate), Math.floor(CAPACITY_MAX / tokens))
}

/** From 1: a cell that is 0 was never written. */
function eraOf(made: number): number {
  return Math.floor(made / ERA_UNITS) + 1
}

/** Too long ago for the low bits to mean anything; the bucket has been full ever since, or is new. */
function isForgotten(seen: number, era: number): boolean {
  return seen === 0 || era - seen > 1
}
