import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileMatcher } from './status-matcher.ts'

test('codes, lists and ranges', () => {
  const cases: [string, number, boolean][] = [
    ['200', 200, true],
    ['200', 201, false],
    ['200,202', 202, true],
    ['200-299', 204, true],
    ['200-299, 404', 404, true],
    ['200-299', 300, false],
  ]
  for (const [text, status, matches] of cases) assert.equal(compileMatcher(text)!(status), matches)
})

test('what cannot be read is undefined', () => {
  for (const text of ['', '20', '200-', 'ok', '200;201', '2000']) {
    assert.equal(compileMatcher(text), undefined, text)
  }
})
