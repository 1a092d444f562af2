/** Random numbers that a seed repeats, for scenarios that print their seed when they fail. */

/** Each call of what it returns gives a whole number from 0 to below its argument (xorshift32). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
