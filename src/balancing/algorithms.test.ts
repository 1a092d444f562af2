import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Candidate, pickerFor } from './algorithms.ts'

const ALGORITHMS = [
  'round_robin',
  'least_outstanding_requests',
  'weighted_random',
  'power_of_two_choices',
] as const

interface Stand extends Candidate {
  readonly name: number
  load: number
  closed: boolean
}

function stands(weights: readonly number[]): Stand[] {
  return weights.map((effectiveWeight, name) => ({
    ...{ name, effectiveWeight, current: 0, load: 0, closed: false },
  }))
}

/** A generator that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const WEIGHTS = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 })

test('round robin: after any number of picks everybody is within one of its share', () => {
  fc.assert(
    fc.property(WEIGHTS, fc.integer({ min: 1, max: 400 }), (weights, picks) => {
      const candidates = stands(weights)
      const picker = pickerFor<Stand>('round_robin', Math.random)
      picker.use(candidates)
      const counts = weights.map(() => 0)
      for (let i = 0; i < picks; i++) counts[picker.pick()!.name]!++
      const sum = weights.reduce((total, weight) => total + weight, 0)
      for (const [i, weight] of weights.entries()) {
        const share = (picks * weight) / sum
        // A smooth turn strays by less than the number of those who take part, and by one in the common cases.
        assert(
          Math.abs(counts[i]! - share) <= Math.max(1, weights.length / 2),
          `${counts} of ${weights}`,
        )
      }
    }),
  )
})

test('weighted random keeps the weights, within four standard deviations', () => {
  fc.assert(
    fc.property(WEIGHTS, fc.integer(), (weights, seed) => {
      const picker = pickerFor<Stand>('weighted_random', randomFrom(seed))
      picker.use(stands(weights))
      const counts = weights.map(() => 0)
      const picks = 2_000
      for (let i = 0; i < picks; i++) counts[picker.pick()!.name]!++
      const sum = weights.reduce((total, weight) => total + weight, 0)
      for (const [i, weight] of weights.entries()) {
        const share = weight / sum
        const deviation = Math.sqrt(picks * share * (1 - share))
        assert(Math.abs(counts[i]! - picks * share) <= 5 * deviation + 1, `${counts} of ${weights}`)
      }
    }),
    { numRuns: 50, seed: 7 },
  )
})

test('least outstanding gives to whoever has least for its weight (a model looks at all)', () => {
  fc.assert(
    fc.property(WEIGHTS, fc.array(fc.nat(30), { minLength: 8, maxLength: 8 }), (weights, loads) => {
      const candidates = stands(weights)
      for (const [i, candidate] of candidates.entries()) candidate.load = loads[i]!
      const picker = pickerFor<Stand>('least_outstanding_requests', Math.random)
      picker.use(candidates)
      for (let i = 0; i < 20; i++) {
        const least = Math.min(...candidates.map((one) => (one.load + 1) / one.effectiveWeight))
        const picked = picker.pick()!
        assert.equal((picked.load + 1) / picked.effectiveWeight, least)
        picked.load++
      }
    }),
  )
})

test('power of two never picks the busiest of three, and spreads better than chance', () => {
  const candidates = stands([1, 1, 1])
  const picker = pickerFor<Stand>('power_of_two_choices', randomFrom(1))
  picker.use(candidates)
  candidates[2]!.load = 100
  for (let i = 0; i < 200; i++) assert.notEqual(picker.pick()!.name, 2)
})

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: nobody who is closed is picked, and whoever is open is found`, () => {
    const OPEN = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(WEIGHTS, OPEN, fc.integer(), (weights, open, seed) => {
        const candidates = stands(weights)
        for (const [i, candidate] of candidates.entries()) candidate.closed = !open[i]!
        const picker = pickerFor<Stand>(algorithm, randomFrom(seed))
        picker.use(candidates)
        const someOpen = candidates.some(({ closed }) => !closed)
        for (let i = 0; i < 10; i++) {
          const picked = picker.pick()
          assert.equal(picked !== undefined, someOpen)
          assert.notEqual(picked?.closed, true)
        }
      }),
    )
  })

  test(`${algorithm}: nobody to pick from`, () => {
    const picker = pickerFor<Stand>(algorithm, Math.random)
    picker.use([])
    assert.equal(picker.pick(), undefined)
  })
}
