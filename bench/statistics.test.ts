import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { median, pairedDifference, pairedRatio, percentile } from './statistics.ts'

describe('statistics', () => {
  for (const [samples, expected] of [
    [[5], 5],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ] as const) {
    it(`the median of ${samples.join(', ')} is ${expected}`, () => {
      assert.equal(median(samples), expected)
    })
  }

  for (const [fraction, expected] of [
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
    [0, 1],
  ] as const) {
    it(`of 1 to 100, the percentile ${fraction} is ${expected}`, () => {
      const sorted = Array.from({ length: 100 }, (_, i) => i + 1)
      assert.equal(percentile(sorted, fraction), expected)
    })
  }

  it('a ratio is taken inside each run, before the median', () => {
    assert.equal(pairedRatio([10, 40, 90], [10, 20, 30]), 2)
    assert.equal(pairedDifference([10, 40, 90], [10, 20, 30]), 20)
  })

  it('drift that hits both sides of a run leaves the ratio alone', () => {
    const drift = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(drift, (factors) => {
        const base = factors.map((factor) => 20 * factor)
        const samples = factors.map((factor) => 30 * factor)
        assert.ok(Math.abs(pairedRatio(samples, base) - 1.5) < 1e-9)
      }),
    )
  })

  it('refuses to make a figure of nothing, or of runs that do not pair', () => {
    assert.throws(() => median([]), /no samples/)
    assert.throws(() => percentile([], 0.5), /no samples/)
    assert.throws(() => pairedRatio([1, 2], [1]), /pair/)
  })
})
