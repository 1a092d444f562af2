/** Time as a dependency, so that tests can move it. */

export interface Clock {
  /** Monotonic milliseconds with fractions; only differences mean something. */
  now(): number
  /** Milliseconds since the epoch. */
  epochMs(): number
}

export const systemClock: Clock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
}
