// hot path — see STYLE §8
/**
 * What each client of each limit has used: a table of fixed size in memory that all threads share.
 *
 * An entry has three counters that only grow (let pass, throttled, over quota), the use of the current period of its
 * quota, and the name of its client. Workers make entries and count; the main thread reads the counters, keeps them in
 * the store, and takes away what nobody needs any more. Clients that find no place are counted together, as `*`, and
 * share one quota.
 *
 * Invariant: over all threads no more calls pass in a period than the quota and what was granted. A clock that goes back
 * does not begin a period again: the later one stays.
 */

import { allocateSlots, NO_SLOT, SharedSlots, type SlotMemory } from '../../base/shared-slots.ts'
import { CLIENT_NAME_MAX } from '../../domain/usage.ts'

export interface UsageMemory {
  readonly slots: SlotMemory
  /** Counters and names. */
  readonly cells: SharedArrayBuffer
  /** Period and use, period and grant. */
  readonly words: SharedArrayBuffer
  /** Shared entries, one for each meter, behind the others. */
  readonly meters: number
}

/** A counter of an entry. */
const ALLOWED = 1
const THROTTLED = 2
const OVER_QUOTA = 3
const METER = 0
const NAME_UNITS = 4
const NAME_AT = 5
const CELLS = NAME_AT + CLIENT_NAME_MAX / 2
const WORDS = 2
const GRANT = 1
const PERIOD_BITS = 40n
const COUNT_MASK = (1n << PERIOD_BITS) - 1n
/** Grants may be negative. */
const GRANT_ZERO = 2 ** 39

export function allocateUsage(count: number, meters: number): UsageMemory {
  const slots = allocateSlots(count)
  const places = new SharedSlots(slots, 1).count + meters
  return {
    slots,
    cells: new SharedArrayBuffer(places * CELLS * Int32Array.BYTES_PER_ELEMENT),
    words: new SharedArrayBuffer(places * WORDS * BigInt64Array.BYTES_PER_ELEMENT),
    meters,
  }
}

/** The use of a quota: period, calls in it, and how many more were granted for it. */
export interface QuotaUse {
  readonly period: number
  readonly used: number
  readonly granted: number
}

export interface UsageCounters {
  readonly allowed: number
  readonly throttled: number
  readonly overQuota: number
}

export class UsageTable {
  readonly places: number
  readonly #slots: SharedSlots
  readonly #cells: Int32Array
  readonly #words: BigInt64Array
  /** Of the entry that is being made. */
  #meter = 0
  #name = ''

  constructor(memory: UsageMemory, owner: number) {
    this.#slots = new SharedSlots(memory.slots, owner)
    this.#cells = new Int32Array(memory.cells)
    this.#words = new BigInt64Array(memory.words)
    this.places = this.#slots.count + memory.meters
  }

  /** The entry of a client, made if need be; that of all others where there is no room. */
  entry(lo: number, hi: number, meter: number, name: string): number {
    const slot = this.#slots.find(lo, hi)
    return slot === NO_SLOT ? this.#enter(lo, hi, meter, name) : slot
  }

  countAllowed(entry: number): void {
    Atomics.add(this.#cells, entry * CELLS + ALLOWED, 1)
  }

  countThrottled(entry: number): void {
    Atomics.add(this.#cells, entry * CELLS + THROTTLED, 1)
  }

  countOverQuota(entry: number): void {
    Atomics.add(this.#cells, entry * CELLS + OVER_QUOTA, 1)
  }

  /** One call more in the period; false: the quota is used up. */
  takeQuota(entry: number, period: number, limit: number): boolean {
    const at = entry * WORDS
    for (;;) {
      const word = Atomics.load(this.#words, at)
      const known = Number(word >> PERIOD_BITS)
      const current = Math.max(known, period)
      const used = known < period ? 0 : Number(word & COUNT_MASK)
      if (used >= limit + this.#granted(entry, current)) return false
      if (this.#swap(at, word, current, used + 1)) return true
    }
  }

  /** Undoes one `takeQuota`. */
  giveQuotaBack(entry: number): void {
    const at = entry * WORDS
    for (;;) {
      const word = Atomics.load(this.#words, at)
      const used = Number(word & COUNT_MASK)
      if (used === 0 || this.#swap(at, word, Number(word >> PERIOD_BITS), used - 1)) return
    }
  }

  /** Of the period that was counted last. */
  quotaUse(entry: number): QuotaUse {
    const word = Atomics.load(this.#words, entry * WORDS)
    const period = Number(word >> PERIOD_BITS)
    const used = Number(word & COUNT_MASK)
    return { period, used, granted: this.#granted(entry, period) }
  }

  /** So many calls more, or fewer, in this period. Main thread only. */
  grant(entry: number, period: number, calls: number): void {
    const word = (BigInt(period) << PERIOD_BITS) | BigInt(calls + GRANT_ZERO)
    Atomics.store(this.#words, entry * WORDS + GRANT, word)
  }

  /** What the store remembers of before; never less than what was counted since. Main thread only. */
  restore(entry: number, { period, used, granted }: QuotaUse): void {
    const at = entry * WORDS
    for (;;) {
      const word = Atomics.load(this.#words, at)
      if (Number(word >> PERIOD_BITS) > period) return
      const more = Number(word >> PERIOD_BITS) === period ? Number(word & COUNT_MASK) : 0
      if (this.#swap(at, word, period, used + more)) break
    }
    if (granted !== 0) this.grant(entry, period, granted)
  }

  /** Since the entry was made; they come round at 2³². */
  counters(entry: number): UsageCounters {
    const at = entry * CELLS
    return {
      allowed: Atomics.load(this.#cells, at + ALLOWED) >>> 0,
      throttled: Atomics.load(this.#cells, at + THROTTLED) >>> 0,
      overQuota: Atomics.load(this.#cells, at + OVER_QUOTA) >>> 0,
    }
  }

  meterOf(entry: number): number {
    return Atomics.load(this.#cells, entry * CELLS + METER)
  }

  nameOf(entry: number): string {
    if (entry >= this.#slots.count) return OTHERS
    const first = entry * CELLS + NAME_AT
    const length = this.#cells[entry * CELLS + NAME_UNITS]!
    let name = ''
    for (let i = 0; i < length; i++) {
      name += String.fromCharCode((this.#cells[first + (i >> 1)]! >>> ((i & 1) * 16)) & 0xffff)
    }
    return name
  }

  isUsed(entry: number): boolean {
    return entry >= this.#slots.count || !this.#slots.isEmpty(entry)
  }

  /** Takes the entry away; `last` runs when nobody finds it any more. Main thread only. False: try again later. */
  remove(entry: number, last: (entry: number) => void): boolean {
    return this.#slots.remove(entry, last)
  }

  isIdle(): boolean {
    return false
  }

  /** Entries go when the main thread has kept what is in them. */
  vacate(): boolean {
    return false
  }

  settle(entry: number): void {
    this.#describe(entry, this.#meter, this.#name)
  }

  #enter(lo: number, hi: number, meter: number, name: string): number {
    this.#meter = meter
    this.#name = name
    const slot = this.#slots.enter(lo, hi, this)
    return slot === NO_SLOT ? this.#slots.count + meter : slot
  }

  #describe(entry: number, meter: number, name: string): void {
    const at = entry * CELLS
    const length = Math.min(name.length, CLIENT_NAME_MAX)
    this.#cells.fill(0, at, at + CELLS)
    this.#words.fill(0n, entry * WORDS, (entry + 1) * WORDS)
    Atomics.store(this.#cells, at + METER, meter)
    for (let i = 0; i < length; i++) {
      this.#cells[at + NAME_AT + (i >> 1)]! |= name.charCodeAt(i) << ((i & 1) * 16)
    }
    Atomics.store(this.#cells, at + NAME_UNITS, length)
  }

  #granted(entry: number, period: number): number {
    const word = Atomics.load(this.#words, entry * WORDS + GRANT)
    return Number(word >> PERIOD_BITS) === period && word !== 0n
      ? Number(word & COUNT_MASK) - GRANT_ZERO
      : 0
  }

  #swap(at: number, word: bigint, period: number, count: number): boolean {
    const next = (BigInt(period) << PERIOD_BITS) | BigInt(count)
    return Atomics.compareExchange(this.#words, at, word, next) === word
  }
}

/** The name of all clients for whom there was no room. */
export const OTHERS = '*'
