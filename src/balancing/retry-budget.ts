// hot path — see STYLE §8
/**
 * How many requests may be sent a second time: a share of all, saved up to a bound, so that targets in trouble are not
 * buried under repetitions. Requests that have reached nobody are not repeated but sent, and cost nothing here.
 */

/** Repetitions that a thread may have saved up, and has in the beginning. */
export const RESERVE = 10

export class RetryBudget {
  #share: number
  #saved: number

  /** `share`: 0 to 1; 0: nothing is repeated. */
  constructor(share: number) {
    this.#share = share
    this.#saved = share === 0 ? 0 : RESERVE
  }

  set share(share: number) {
    this.#share = share
    if (share === 0) this.#saved = 0
  }

  /** A request came from a client. */
  deposit(): void {
    this.#saved = Math.min(this.#saved + this.#share, RESERVE)
  }

  /** False: the budget is used up. */
  withdraw(): boolean {
    if (this.#saved < 1) return false
    this.#saved--
    return true
  }
}
