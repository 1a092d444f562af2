import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimText } from './claims.ts'

const CASES: [value: unknown, text: string | undefined][] = [
  ['jo', 'jo'],
  ['', ''],
  [1_800_000_000, '1800000000'],
  [1.5, '1.5'],
  [true, 'true'],
  [false, 'false'],
  [null, undefined],
  [['a', 'b c'], '[a b c]'],
  [[], '[]'],
  [['a', ['b', 1], true], '[a [b 1] true]'],
  [{ a: ['b'] }, '{"a":["b"]}'],
  ['line\r\nfeed\0', 'line\r\nfeed\0'],
]

for (const [value, text] of CASES) {
  test(`${JSON.stringify(value)} is ${JSON.stringify(text)}`, () => {
    assert.equal(claimText({ claim: value }, 'claim'), text)
  })
}

test('claims are the own members of the token', () => {
  assert.equal(claimText({}, 'constructor'), undefined)
  assert.equal(claimText({}, '__proto__'), undefined)
  assert.equal(claimText(JSON.parse('{"__proto__":"a"}'), '__proto__'), 'a')
})
