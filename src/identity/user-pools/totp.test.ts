import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeAt, newTotpSecret, stepOfCode } from './totp.ts'

/** RFC 6238 appendix B, the last six digits; the secret is `12345678901234567890`. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test('the vectors of RFC 6238', () => {
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ] as const) {
    assert.equal(codeAt(RFC_SECRET, Math.floor(seconds / 30)), code)
  }
})

test('a code is good one step early and one step late, and once', () => {
  const secret = newTotpSecret()
  assert.match(secret, /^[A-Z2-7]{52}$/)
  const step = 1_000
  const code = codeAt(secret, step)
  const at = (offset: number, usedStep?: number) =>
    stepOfCode(secret, code, { now: new Date((step + offset) * 30_000 + 15_000), usedStep })
  assert.deepEqual([at(-2), at(-1), at(0), at(1), at(2)], [undefined, step, step, step, undefined])
  assert.equal(at(0, step), undefined)
  assert.equal(at(0, step - 1), step)
})
