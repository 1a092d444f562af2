/**
 * What a client may do for free on one HTTP/2 connection, and how often: leaky buckets.
 *
 * A frame costs the client nothing and us a little; floods of resets, pings, settings and the like live off the
 * difference. Legitimate clients stay far below the numbers of `h2-limits.ts`. The connection pours time in; there is
 * no clock here.
 */

import { ALLOWANCES, type AllowanceName } from './h2-limits.ts'

export class H2Allowances {
  readonly #spent: Record<AllowanceName, number> = {
    reset: 0,
    ping: 0,
    settings: 0,
    priority: 0,
    empty: 0,
  }

  /** Counts one; false when there have been too many. */
  spend(name: AllowanceName): boolean {
    this.#spent[name]++
    return this.#spent[name] <= ALLOWANCES[name].burst
  }

  /** Forgives what may happen in that time. */
  refill(elapsedMs: number): void {
    for (const name of NAMES) {
      const left = this.#spent[name] - (ALLOWANCES[name].perSecond * elapsedMs) / 1000
      this.#spent[name] = Math.max(left, 0)
    }
  }

  /** Nothing is counted against the client. */
  get full(): boolean {
    return NAMES.every((name) => this.#spent[name] === 0)
  }
}

const NAMES = Object.keys(ALLOWANCES) as AllowanceName[]
