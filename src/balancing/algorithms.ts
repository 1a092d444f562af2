// hot path — see STYLE §8
/**
 * Which of several targets gets the next request: four algorithms over the same candidates.
 *
 * Candidates and their weights are set when something about them has changed, not for each request; a pick allocates
 * nothing. `without` leaves out one that was tried already. Round robin with weights is smooth: nobody gets its share in
 * one run (each pick raises everybody by its weight and lowers the winner by the sum).
 */

import type { Random } from '../base/random.ts'
import type { TargetGroup } from '../domain/target-group.ts'

export interface Candidate {
  /** Over 0; grows during a slow start. */
  effectiveWeight: number
  /** For round robin. */
  current: number
  /** Requests under way, of all workers. */
  readonly load: number
  /** It cannot take this request: tried already, or as many under way as it may have. */
  readonly closed: boolean
}

export interface Picker<Target extends Candidate> {
  use(candidates: readonly Target[]): void
  /** Undefined: all of them are closed. */
  pick(): Target | undefined
}

export function pickerFor<Target extends Candidate>(
  algorithm: TargetGroup['algorithm'],
  random: Random,
): Picker<Target> {
  switch (algorithm) {
    case 'round_robin':
      return new RoundRobin()
    case 'least_outstanding_requests':
      return new LeastOutstanding()
    case 'weighted_random':
      return new WeightedRandom(random)
    case 'power_of_two_choices':
      return new PowerOfTwo(random)
  }
}

class RoundRobin<Target extends Candidate> implements Picker<Target> {
  #candidates: readonly Target[] = []
  #equal = true
  #next = 0

  use(candidates: readonly Target[]): void {
    this.#candidates = candidates
    this.#equal = candidates.every(
      ({ effectiveWeight }) => effectiveWeight === candidates[0]!.effectiveWeight,
    )
    if (!this.#equal) for (const candidate of candidates) candidate.current = 0
  }

  pick(): Target | undefined {
    return this.#equal ? this.#inTurn() : this.#smoothly()
  }

  #inTurn(): Target | undefined {
    const candidates = this.#candidates
    for (let tried = 0; tried < candidates.length; tried++) {
      if (this.#next >= candidates.length) this.#next = 0
      const candidate = candidates[this.#next++]!
      if (!candidate.closed) return candidate
    }
    return undefined
  }

  #smoothly(): Target | undefined {
    let best: Target | undefined
    let sum = 0
    for (const candidate of this.#candidates) {
      if (candidate.closed) continue
      sum += candidate.effectiveWeight
      candidate.current += candidate.effectiveWeight
      if (best === undefined || candidate.current > best.current) best = candidate
    }
    if (best !== undefined) best.current -= sum
    return best
  }
}

class LeastOutstanding<Target extends Candidate> implements Picker<Target> {
  #candidates: readonly Target[] = []
  /** Where the search begins: those with the same load take turns. */
  #first = 0

  use(candidates: readonly Target[]): void {
    this.#candidates = candidates
  }

  pick(): Target | undefined {
    const candidates = this.#candidates
    const count = candidates.length
    let best: Target | undefined
    let bestLoad = 0
    if (this.#first >= count) this.#first = 0
    for (let i = this.#first, left = count; left > 0; left--, i = i + 1 === count ? 0 : i + 1) {
      const candidate = candidates[i]!
      if (candidate.closed) continue
      const load = loadWith(candidate)
      if (best !== undefined && load >= bestLoad) continue
      best = candidate
      bestLoad = load
    }
    this.#first++
    return best
  }
}

class WeightedRandom<Target extends Candidate> implements Picker<Target> {
  readonly #draw: Draw<Target>

  constructor(random: Random) {
    this.#draw = new Draw(random)
  }

  use(candidates: readonly Target[]): void {
    this.#draw.use(candidates)
  }

  pick(): Target | undefined {
    return this.#draw.open()
  }
}

class PowerOfTwo<Target extends Candidate> implements Picker<Target> {
  readonly #draw: Draw<Target>

  constructor(random: Random) {
    this.#draw = new Draw(random)
  }

  use(candidates: readonly Target[]): void {
    this.#draw.use(candidates)
  }

  pick(): Target | undefined {
    const one = this.#draw.open()
    if (one === undefined) return undefined
    const other = this.#draw.openBut(one)
    return other !== undefined && loadWith(other) < loadWith(one) ? other : one
  }
}

/** Draws by weight. */
class Draw<Target extends Candidate> {
  readonly #random: Random
  #candidates: readonly Target[] = []
  /** Sums of the weights up to each. */
  #sums: Float64Array = new Float64Array(0)

  constructor(random: Random) {
    this.#random = random
  }

  use(candidates: readonly Target[]): void {
    this.#candidates = candidates
    this.#sums = new Float64Array(candidates.length)
    let sum = 0
    for (const [i, { effectiveWeight }] of candidates.entries()) {
      sum += effectiveWeight
      this.#sums[i] = sum
    }
  }

  open(): Target | undefined {
    const count = this.#candidates.length
    if (count === 0) return undefined
    const drawn = this.#candidates[this.#place(this.#random() * this.#sums[count - 1]!)]!
    return drawn.closed ? this.openBut(drawn) : drawn
  }

  /** By weight among all the others that are open. */
  openBut(left: Target): Target | undefined {
    let sum = 0
    for (const candidate of this.#candidates) {
      if (candidate !== left && !candidate.closed) sum += candidate.effectiveWeight
    }
    let rest = this.#random() * sum
    let last: Target | undefined
    for (const candidate of this.#candidates) {
      if (candidate === left || candidate.closed) continue
      last = candidate
      rest -= candidate.effectiveWeight
      if (rest < 0) break
    }
    return last
  }

  /** The first whose sum is beyond it. */
  #place(at: number): number {
    let low = 0
    let high = this.#sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sums[middle]! > at) high = middle
      else low = middle + 1
    }
    return low
  }
}

function loadWith({ load, effectiveWeight }: Candidate): number {
  return (load + 1) / effectiveWeight
}
