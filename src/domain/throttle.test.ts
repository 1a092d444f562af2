import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from './limits.ts'
import { accountThrottle, throttleOf } from './throttle.ts'

const AWS = { ratePerSecond: 10_000, burst: 5_000 }

test('the account has a limit under --limits aws, or where one of its figures is given', () => {
  const cases = [
    [limitsOf('extended'), undefined],
    [limitsOf('aws'), AWS],
    [limitsOf('extended', { accountRatePerSecond: 7 }), { ratePerSecond: 7, burst: 5_000 }],
    [limitsOf('extended', { accountBurst: 3 }), { ratePerSecond: 10_000, burst: 3 }],
    [limitsOf('aws', { accountBurst: 3, accountRatePerSecond: 0 }), { ratePerSecond: 0, burst: 3 }],
  ] as const
  for (const [limits, expected] of cases) assert.deepEqual(accountThrottle(limits), expected)
})

test('a figure that is not given is that of the account, or of AWS', () => {
  const cases = [
    [undefined, undefined, 'extended', undefined],
    [1, 2, 'extended', { ratePerSecond: 1, burst: 2 }],
    [0, 0, 'extended', { ratePerSecond: 0, burst: 0 }],
    [undefined, 2, 'extended', { ratePerSecond: 10_000, burst: 2 }],
    [0.5, undefined, 'extended', { ratePerSecond: 0.5, burst: 5_000 }],
    [0.5, undefined, 'aws', { ratePerSecond: 0.5, burst: 5_000 }],
  ] as const
  for (const [rate, burst, profile, expected] of cases) {
    assert.deepEqual(throttleOf(rate, burst, limitsOf(profile)), expected)
  }
  const limits = limitsOf('extended', { accountRatePerSecond: 60, accountBurst: 70 })
  assert.deepEqual(throttleOf(undefined, 2, limits), { ratePerSecond: 60, burst: 2 })
  assert.deepEqual(throttleOf(2, undefined, limits), { ratePerSecond: 2, burst: 70 })
})
