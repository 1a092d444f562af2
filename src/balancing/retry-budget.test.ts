import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RESERVE, RetryBudget } from './retry-budget.ts'

test('repetitions never exceed their share of all requests and what was saved before', () => {
  const STORY = fc.array(fc.boolean(), { maxLength: 500 })
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), STORY, (share, story) => {
      const budget = new RetryBudget(share)
      let requests = 0
      let repeated = 0
      for (const fails of story) {
        requests++
        budget.deposit()
        if (fails && budget.withdraw()) repeated++
        assert(repeated <= requests * share + (share === 0 ? 0 : RESERVE) + 1e-9)
      }
    }),
  )
})

test('in the long run of an outage one in five is repeated at 20 %', () => {
  const budget = new RetryBudget(0.2)
  let repeated = 0
  for (let i = 0; i < 10_000; i++) {
    budget.deposit()
    if (budget.withdraw()) repeated++
  }
  assert(repeated <= 2_000 + RESERVE && repeated >= 1_990, String(repeated))
})

test('a budget of nothing repeats nothing, also when it is set later', () => {
  const none = new RetryBudget(0)
  none.deposit()
  assert.equal(none.withdraw(), false)
  const cut = new RetryBudget(0.2)
  cut.share = 0
  assert.equal(cut.withdraw(), false)
})
