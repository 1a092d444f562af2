/**
 * Guesses, slowed down: after some that failed, each further one has to wait twice as long as the one before.
 *
 * Counted by name (a user, whether he exists or not; a code; an address) in memory that is bounded. What is under way
 * counts as well, so that a burst of guesses is no way around it. A wait that is not over refuses and counts nothing.
 */

const WAIT_MS = 1_000
const WAIT_MAX_MS = 900_000
const FORGET_MS = 3_600_000
const ENTRIES_MAX = 100_000
/** Sign-ins of one user at the same time, while none has failed. */
const UNDER_WAY_MAX = 32

interface Entry {
  failures: number
  underWay: number
  openAt: number
  lastAt: number
}

/** What was taken has to end in one of the three. */
export interface Attempt {
  succeeded(): void
  /** It says nothing either way. */
  released(): void
  failed(): void
}

export class Attempts {
  /** The one that was touched longest ago comes first. */
  readonly #entries = new Map<string, Entry>()

  /** `free`: so many may fail before anybody waits. Undefined: not now. */
  take(name: string, free: number, nowMs: number): Attempt | undefined {
    const entry = this.#entryOf(name, nowMs)
    if (nowMs < entry.openAt) return undefined
    const most = entry.failures === 0 ? UNDER_WAY_MAX : Math.max(free - entry.failures, 1)
    if (entry.underWay >= most) return undefined
    entry.underWay++
    return {
      succeeded: () => {
        entry.underWay--
        entry.failures = 0
        if (entry.underWay === 0) this.#entries.delete(name)
      },
      released: () => {
        entry.underWay--
      },
      failed: () => {
        entry.underWay--
        entry.failures++
        entry.lastAt = nowMs
        const beyond = entry.failures - free
        if (beyond >= 0) entry.openAt = nowMs + Math.min(WAIT_MS * 2 ** beyond, WAIT_MAX_MS)
      },
    }
  }

  #entryOf(name: string, nowMs: number): Entry {
    let entry = this.#entries.get(name)
    if (entry !== undefined && entry.underWay === 0 && nowMs > entry.lastAt + FORGET_MS) {
      entry = undefined
    }
    entry ??= { failures: 0, underWay: 0, openAt: 0, lastAt: nowMs }
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    if (this.#entries.size > ENTRIES_MAX) this.#forgetOldest()
    return entry
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}

/** Of an IPv6 client the network counts: he has 2^64 addresses. */
export function addressName(sourceIp: string): string {
  const plain = sourceIp.replace(/^::ffff:(?=\d+\.)/, '')
  if (!plain.includes(':')) return `address ${plain}`
  const [head = '', tail = ''] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const filled = plain.includes('::')
    ? [...groups, ...Array(Math.max(8 - groups.length - tail.split(':').length, 0)).fill('0')]
    : groups
  return `address ${filled.slice(0, 4).join(':')}::/64`
}
