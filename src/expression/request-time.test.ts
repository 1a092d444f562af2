import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatRequestTime } from './request-time.ts'

const CASES: [epochMs: number, text: string][] = [
  [0, '01/Jan/1970:00:00:00 +0000'],
  [999, '01/Jan/1970:00:00:00 +0000'],
  [1000, '01/Jan/1970:00:00:01 +0000'],
  [1_583_348_638_390, '04/Mar/2020:19:03:58 +0000'],
  [1_709_251_199_999, '29/Feb/2024:23:59:59 +0000'],
]

for (const [epochMs, text] of CASES) {
  test(`${epochMs} is ${text}`, () => assert.equal(formatRequestTime(epochMs), text))
}

test('agrees with Date.toUTCString, in any order of times', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (epochMs) => {
      const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ')
      assert.equal(formatRequestTime(epochMs), `${day}/${month}/${year}:${time} +0000`)
    }),
  )
})
