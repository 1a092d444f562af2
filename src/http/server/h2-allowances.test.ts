import assert from 'node:assert/strict'
import { test } from 'node:test'
import { H2Allowances } from './h2-allowances.ts'
import { ALLOWANCES, type AllowanceName } from './h2-limits.ts'

/** Spends until refused; how often it was granted. */
function exhaust(allowances: H2Allowances, name: AllowanceName): number {
  let granted = 0
  while (allowances.spend(name)) granted++
  return granted
}

for (const name of Object.keys(ALLOWANCES) as AllowanceName[]) {
  const { burst, perSecond } = ALLOWANCES[name]

  test(`${name}: ${burst} at once, then ${perSecond} a second`, () => {
    const allowances = new H2Allowances()
    assert.equal(exhaust(allowances, name), burst)
    // The one that was refused counts too.
    allowances.refill(1_000)
    assert.equal(exhaust(allowances, name), perSecond - 1)
  })

  test(`${name}: a steady rate below the allowance never ends`, () => {
    const allowances = new H2Allowances()
    for (let second = 0; second < 1_000; second++) {
      for (let i = 0; i < perSecond; i++) assert.ok(allowances.spend(name))
      allowances.refill(1_000)
    }
    assert.ok(allowances.full)
  })
}

test('the allowances do not know each other', () => {
  const allowances = new H2Allowances()
  exhaust(allowances, 'ping')
  assert.ok(allowances.spend('reset'))
  assert.equal(allowances.full, false)
})
