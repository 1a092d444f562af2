import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeJson, escapePlain } from './escape.ts'

const CASES: [value: string, plain: string, json: string][] = [
  ['', '', ''],
  ['curl/8.5.0', 'curl/8.5.0', 'curl/8.5.0'],
  ['a"b\\c', 'a\\"b\\\\c', 'a\\"b\\\\c'],
  ['a\r\nb', 'a\\x0D\\x0Ab', 'a\\u000D\\u000Ab'],
  ['\x1b[2J\x9b1m\x7f\0', '\\x1B[2J\\x9B1m\\x7F\\x00', '\\u001B[2J\\u009B1m\\u007F\\u0000'],
  ['a\u2028b\u202ec\u2066', 'a\\u2028b\\u202Ec\\u2066', 'a\\u2028b\\u202Ec\\u2066'],
  ['é€ 😀', 'é€ 😀', 'é€ 😀'],
  ['\ud83d\0', '\\uD83D\\x00', '\\uD83D\\u0000'],
]

for (const [value, plain, json] of CASES) {
  test(JSON.stringify(value), () => {
    assert.equal(escapePlain(value), plain)
    assert.equal(escapeJson(value), json)
  })
}

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\r', '\n', '\x1b', '\x9b', '"', '\\', '\0', '\u2028', '\u202e', '\ud800', 'a'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('nothing that ends a line, a quote or an escape comes out of plain escaping', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const escaped = escapePlain(value)
      assert.doesNotMatch(escaped, /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/)
      assert.doesNotMatch(escaped.replace(/\\(?:["\\]|x..|u....)/g, ''), /["\\]/)
      assert.ok(escaped.isWellFormed())
    }),
  )
})

test('JSON gives the value back', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const escaped = escapeJson(value)
      assert.equal(JSON.parse(`"${escaped}"`), value)
      assert.doesNotMatch(escaped, /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/)
    }),
  )
})
