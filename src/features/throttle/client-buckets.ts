// hot path — see STYLE §8
/**
 * Token buckets of clients: a table of fixed size in memory that all threads share, addressed by a keyed hash.
 *
 * A bucket is one 64-bit word: the time at which it will be full again, in steps of 10 ns since the table was made. A
 * take moves that time ahead by what a token takes to flow in, in one compare-and-exchange.
 * A bucket that is full says nothing that a new one would not say, so its place may go to another client. That is the
 * only way to lose an entry; who finds no place takes from a bucket that all such clients of a limit share.
 *
 * Invariant: over all threads, a client with an entry takes no more than burst + rate × t tokens in any time t. An
 * evictor first hides the entry, then moves the word by one step, and it never comes back to where it was; who takes first reads the word, then looks whether the entry is
 * still its own, then exchanges: a take is either seen by the evictor or fails.
 */

import { allocateSlots, NO_SLOT, SharedSlots, type SlotMemory } from '../../base/shared-slots.ts'
import type { Throttle } from '../../domain/http-api.ts'

/** A limit, counted in steps of time. */
export interface Allowance {
  /** What one token takes to flow in. */
  readonly cost: number
  /** What a whole bucket takes; 0: it is always empty. */
  readonly capacity: number
  /** Which of the shared buckets clients without an entry take from; the same for all of one limit. */
  readonly shared: number
}

export interface ClientBucketMemory {
  readonly slots: SlotMemory
  readonly words: SharedArrayBuffer
  /** Time 0, by the clock of the process. */
  readonly startMs: number
}

const STEPS_PER_MS = 100_000
const STEPS_PER_SECOND = STEPS_PER_MS * 1_000
/** 260 days: what takes longer to fill is full earlier. */
const CAPACITY_MAX = 2 ** 51
/** Buckets for clients that find no place: which one, follows from the limit. */
const SHARED_BUCKETS = 64
/** Beyond what limits of before may have left in a bucket, and what the clocks of threads may differ. */
const SLACK = STEPS_PER_SECOND

const REFUSED = 0
const TAKEN = 1
const NOT_OURS = 2
type Take = typeof REFUSED | typeof TAKEN | typeof NOT_OURS

export function allocateClientBuckets(count: number, startMs: number): ClientBucketMemory {
  const slots = allocateSlots(count)
  const places = new SharedSlots(slots, 1).count + SHARED_BUCKETS
  const words = new SharedArrayBuffer(places * BigInt64Array.BYTES_PER_ELEMENT)
  return { slots, words, startMs }
}

export function allowanceOf({ ratePerSecond, burst }: Throttle, shared: number): Allowance {
  const tokens = Math.floor(burst)
  if (!(ratePerSecond > 0) || tokens < 1) return { cost: 1, capacity: 0, shared }
  const cost = Math.min(Math.ceil(STEPS_PER_SECOND / ratePerSecond), CAPACITY_MAX)
  return { cost, capacity: Math.min(tokens, Math.floor(CAPACITY_MAX / cost)) * cost, shared }
}

/** What a token takes to flow in. */
export function secondsOf({ cost }: Allowance): number {
  return cost / STEPS_PER_SECOND
}

export class ClientBuckets {
  readonly #slots: SharedSlots
  readonly #words: BigInt64Array
  readonly #startMs: number
  readonly #now: () => number
  /** Who is taking. */
  #lo = 0
  #hi = 0

  /** `now` is the clock that all threads share; `owner` as for `SharedSlots`. */
  constructor(memory: ClientBucketMemory, now: () => number, owner: number) {
    this.#slots = new SharedSlots(memory.slots, owner)
    this.#words = new BigInt64Array(memory.words)
    this.#startMs = memory.startMs
    this.#now = now
  }

  /** False: there is no token. An older time than others have used finds fewer tokens, never more. */
  take(lo: number, hi: number, allowance: Allowance, nowMs: number): boolean {
    this.#lo = lo
    this.#hi = hi
    let slot = this.#slots.find(lo, hi)
    if (slot !== NO_SLOT) {
      // Only who would be refused looks at the clock.
      let outcome = this.#takeAt(slot, allowance, this.#stepsAt(nowMs))
      if (outcome === REFUSED) outcome = this.#takeAt(slot, allowance, this.#present())
      if (outcome !== NOT_OURS) return outcome === TAKEN
    }
    for (;;) {
      // By the present time: that of the call may lie before the one at which a bucket was given away.
      slot = this.#slots.enter(lo, hi, this)
      if (slot === NO_SLOT) return this.#takeShared(allowance, this.#present())
      const outcome = this.#takeAt(slot, allowance, this.#present())
      if (outcome !== NOT_OURS) return outcome === TAKEN
    }
  }

  /** Undoes one `take`. Where the entry is gone, its bucket was full. */
  giveBack(lo: number, hi: number, { cost }: Allowance): void {
    const slot = this.#slots.find(lo, hi)
    if (slot === NO_SLOT) return
    for (;;) {
      const word = Atomics.load(this.#words, slot)
      if (!this.#slots.holds(slot, lo, hi)) return
      if (this.#swap(slot, word, Number(word) - cost)) return
    }
  }

  isIdle(slot: number): boolean {
    return Number(Atomics.load(this.#words, slot)) <= this.#present()
  }

  /** Called while the entry is hidden: only a full bucket is given away. */
  vacate(slot: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#words, slot)
      if (Number(word) > this.#present()) return false
      if (this.#swap(slot, word, Number(word) + 1)) return true
    }
  }

  /** A full bucket is as good as a new one. */
  settle(): void {}

  #takeAt(slot: number, limit: Allowance, now: number): Take {
    for (;;) {
      const word = Atomics.load(this.#words, slot)
      if (!this.#slots.holds(slot, this.#lo, this.#hi)) return NOT_OURS
      const fullAt = Number(word)
      const next = Math.max(fullAt, now) + limit.cost
      if (next - now <= limit.capacity) {
        if (this.#swap(slot, word, next)) return TAKEN
      } else if (!this.#isDeeper(fullAt, limit, now)) return REFUSED
      else if (this.#swap(slot, word, now + limit.capacity + SLACK)) return REFUSED
    }
  }

  /** Emptier than this limit can make it: a slower limit was in force before, and would hold the client for its time. */
  #isDeeper(fullAt: number, { capacity }: Allowance, now: number): boolean {
    return fullAt > now + capacity + SLACK && now >= this.#present() - SLACK / 2
  }

  #takeShared({ cost, capacity, shared }: Allowance, now: number): boolean {
    const at = this.#slots.count + (shared & (SHARED_BUCKETS - 1))
    for (;;) {
      const word = Atomics.load(this.#words, at)
      const next = Math.max(Number(word), now) + cost
      if (next - now > capacity) return false
      if (this.#swap(at, word, next)) return true
    }
  }

  #swap(slot: number, word: bigint, fullAt: number): boolean {
    return Atomics.compareExchange(this.#words, slot, word, BigInt(fullAt)) === word
  }

  #present(): number {
    return this.#stepsAt(this.#now())
  }

  #stepsAt(nowMs: number): number {
    return Math.floor((nowMs - this.#startMs) * STEPS_PER_MS)
  }
}
