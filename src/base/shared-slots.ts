// hot path — see STYLE §8
/**
 * Which slot of a shared table belongs to which 64-bit identity: open addressing within groups of sixteen.
 *
 * Looking up is without a lock. Making an entry takes the ticket of its group, so that two threads cannot give one identity
 * two slots; who does not get the ticket within some microseconds is told that there is no room. A thread that dies
 * with a ticket blocks new entries of one group until `release` is called for it; entries that are there are not concerned.
 */

const GROUP = 16
const GROUP_SHIFT = 4
const ATTEMPTS_MAX = 4_096
/** There is no such slot. */
export const NO_SLOT = -1

export interface SlotMemory {
  readonly memory: SharedArrayBuffer
  readonly groups: number
}

/** Room for at least so many entries, up to twice as many. */
export function allocateSlots(count: number): SlotMemory {
  let groups = 1
  while (groups * GROUP < count) groups *= 2
  const cells = groups * GROUP * 2 + groups
  return { memory: new SharedArrayBuffer(cells * Int32Array.BYTES_PER_ELEMENT), groups }
}

/** What an owner of slots does when an entry is made; all of it while the ticket is held. */
export interface SlotTenants {
  /** Whether it is worth hiding the entry to ask `vacate`. */
  isIdle(slot: number): boolean
  /** May this slot, which has an entry, be given to another? True: it has been made ready for that. */
  vacate(slot: number): boolean
  /** It has been given to a new entry, which nobody finds yet. */
  settle(slot: number): void
}

export class SharedSlots {
  readonly count: number
  readonly #cells: Int32Array
  readonly #mask: number
  readonly #ticketsAt: number
  readonly #owner: number

  /** `owner`: a number over 0 that no other thread alive has. */
  constructor({ memory, groups }: SlotMemory, owner: number) {
    this.#cells = new Int32Array(memory)
    this.#mask = groups - 1
    this.count = groups * GROUP
    this.#ticketsAt = this.count * 2
    this.#owner = owner
  }

  find(lo: number, hi: number): number {
    const identity = hi === 0 ? 1 : hi
    const first = (lo & this.#mask) << GROUP_SHIFT
    for (let i = 0; i < GROUP; i++) {
      const slot = first + ((identity + i) & (GROUP - 1))
      if (this.holds(slot, lo, identity)) return slot
    }
    return NO_SLOT
  }

  holds(slot: number, lo: number, hi: number): boolean {
    const at = slot * 2
    return (
      Atomics.load(this.#cells, at + 1) === (hi === 0 ? 1 : hi) &&
      Atomics.load(this.#cells, at) === lo
    )
  }

  isEmpty(slot: number): boolean {
    return Atomics.load(this.#cells, slot * 2 + 1) === 0
  }

  /** Nobody finds it any more. While the ticket is held, or when nobody else makes entries. */
  hide(slot: number): number {
    return Atomics.exchange(this.#cells, slot * 2 + 1, 0)
  }

  /** Undoes `hide`. */
  show(slot: number, hi: number): void {
    Atomics.store(this.#cells, slot * 2 + 1, hi)
  }

  /** The slot of an identity that has none yet, or may have got one meanwhile. */
  enter(lo: number, hi: number, tenants: SlotTenants): number {
    const ticket = this.#ticketsAt + (lo & this.#mask)
    if (!this.#take(ticket)) return NO_SLOT
    const known = this.find(lo, hi)
    const slot = known === NO_SLOT ? this.#fill(lo, hi, tenants) : known
    Atomics.store(this.#cells, ticket, 0)
    return slot
  }

  /** Takes an entry away; `last` runs when nobody finds it any more and nobody else can have it yet. */
  remove(slot: number, last: (slot: number) => void): boolean {
    const ticket = this.#ticketsAt + (slot >> GROUP_SHIFT)
    if (!this.#take(ticket)) return false
    this.hide(slot)
    last(slot)
    Atomics.store(this.#cells, ticket, 0)
    return true
  }

  /** A thread has ended; what tickets it had are free. */
  release(owner: number): void {
    for (let i = 0; i <= this.#mask; i++) {
      Atomics.compareExchange(this.#cells, this.#ticketsAt + i, owner, 0)
    }
  }

  #fill(lo: number, hi: number, tenants: SlotTenants): number {
    const identity = hi === 0 ? 1 : hi
    const first = (lo & this.#mask) << GROUP_SHIFT
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < GROUP; i++) {
        const slot = first + ((identity + i) & (GROUP - 1))
        const free = pass === 0 ? this.isEmpty(slot) : this.#vacate(slot, tenants)
        if (!free) continue
        tenants.settle(slot)
        Atomics.store(this.#cells, slot * 2, lo)
        Atomics.store(this.#cells, slot * 2 + 1, identity)
        return slot
      }
    }
    return NO_SLOT
  }

  #vacate(slot: number, tenants: SlotTenants): boolean {
    if (!tenants.isIdle(slot)) return false
    const before = this.hide(slot)
    if (tenants.vacate(slot)) return true
    this.show(slot, before)
    return false
  }

  #take(ticket: number): boolean {
    for (let i = 0; i < ATTEMPTS_MAX; i++) {
      if (Atomics.compareExchange(this.#cells, ticket, 0, this.#owner) === 0) return true
    }
    return false
  }
}
