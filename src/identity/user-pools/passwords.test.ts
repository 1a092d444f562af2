import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPasswordProblem, hashPassword, isPassword, temporaryPassword } from './passwords.ts'

const POLICY = {
  ...{ MinimumLength: 8, RequireUppercase: true, RequireLowercase: true },
  ...{ RequireNumbers: true, RequireSymbols: true },
}

test("a policy says what it misses, in Cognito's words", () => {
  for (const [password, problem] of [
    ['Aa1!567', 'Password not long enough'],
    ['aa1!5678', 'Password must have uppercase characters'],
    ['AA1!5678', 'Password must have lowercase characters'],
    ['Aab!cdef', 'Password must have numeric characters'],
    ['Aab1cdef', 'Password must have symbol characters'],
    [' Aa1!5678', 'Password must not begin or end with a space'],
    [`Aa1!${'x'.repeat(253)}`, 'Password too long'],
    ['Aa1!5678', undefined],
    ['Aa1 x5678', undefined],
  ] as const) {
    const expected = problem && `Password did not conform with policy: ${problem}`
    assert.equal(findPasswordProblem(POLICY, password), expected, password)
  }
  assert.equal(findPasswordProblem({ MinimumLength: 6 }, 'simple'), undefined)
})

test('temporary passwords fit the policy and differ', () => {
  const made = new Set(Array.from({ length: 50 }, () => temporaryPassword({ MinimumLength: 20 })))
  assert.equal(made.size, 50)
  for (const password of made) {
    assert.equal(findPasswordProblem({ ...POLICY, MinimumLength: 20 }, password), undefined)
  }
})

test("a hash opens for its password, with a salt of its own; nobody's opens for none", async () => {
  const [one, other] = await Promise.all([hashPassword('Aa1!5678'), hashPassword('Aa1!5678')])
  assert.match(one, /^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
  assert.notEqual(one, other)
  assert.ok(await isPassword(one, 'Aa1!5678'))
  assert.ok(!(await isPassword(one, 'Aa1!5679')))
  assert.ok(!(await isPassword(undefined, 'Aa1!5678')))
})
