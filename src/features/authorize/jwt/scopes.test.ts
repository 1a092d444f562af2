import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasOneOf } from './scopes.ts'

const CASES: [scopes: string[], asked: string[], expected: boolean][] = [
  [['read'], ['read'], true],
  [['a', 'read'], ['write', 'read'], true],
  [[], ['read'], false],
  [['reader'], ['read'], false],
  [['read'], ['reader'], false],
  [['Read'], ['read'], false],
  [['read write'], ['read'], false],
  [['*'], ['read'], false],
]

for (const [scopes, asked, expected] of CASES) {
  test(`${JSON.stringify(scopes)} for ${JSON.stringify(asked)}: ${expected}`, () => {
    assert.equal(hasOneOf(scopes, asked), expected)
  })
}
