import assert from 'node:assert/strict'
import test from 'node:test'
import { parseJsonBody } from './json-body.ts'

test('JSON is parsed, the last of two equal keys counts', () => {
  const cases: [string, unknown][] = [
    ['{"a":1,"a":2}', { a: 2 }],
    ['\ufeff{"a":"[[[\\""}', { a: '[[["' }],
    [' [1, "ü😀"] ', [1, 'ü😀']],
    [`${'['.repeat(64)}${']'.repeat(64)}`, JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`)],
  ]
  for (const [text, expected] of cases) assert.deepEqual(parseJsonBody(Buffer.from(text)), expected)
  assert.deepEqual(Object.keys(parseJsonBody(Buffer.from('{"__proto__":1}')) as object), [
    '__proto__',
  ])
})

test('what is no JSON is refused with what is wrong', () => {
  const cases: [string | Uint8Array, RegExp][] = [
    ['{"a":', /not valid JSON: /],
    ['{a:1}', /not valid JSON: /],
    ['nonsense', /not valid JSON: /],
    [new Uint8Array([0x22, 0xff, 0x22]), /it is not UTF-8/],
    ['['.repeat(65) + ']'.repeat(65), /nested deeper than 64 levels/],
    ['[{"a":'.repeat(5_000_000), /nested deeper than 64 levels/],
  ]
  for (const [text, message] of cases) {
    assert.throws(() => parseJsonBody(Buffer.from(text)), {
      code: 'SerializationException',
      message,
    })
  }
})
