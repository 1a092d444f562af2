import assert from 'node:assert/strict'
import test from 'node:test'
import { FIELD_VALUE } from './characters.ts'
import { LINE_MALFORMED, LINES_INCOMPLETE, scanFieldLines } from './field-lines.ts'
import { HeaderFields } from './header-fields.ts'

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13]
const BEFORE = 'name: '

/** Whole fields in a buffer of their own, at an offset that is no multiple of four. */
function scan(value: Uint8Array, cut = 0): { end: number; fields: HeaderFields } {
  const text = Buffer.concat([Buffer.from(`_${BEFORE}`), value, Buffer.from('\r\n\r\n')])
  const fields = new HeaderFields(4)
  return { end: scanFieldLines(text, 1, 1, text.length - cut, fields), fields }
}

test('any byte at any place of a value passes or not as the table says', () => {
  for (const length of LENGTHS) {
    for (let at = 0; at < length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        // High bytes around it would hide a carry from one byte of a word to the next.
        const value = Buffer.alloc(length, at % 2 === 0 ? 0x61 : 0xff)
        value[at] = byte
        const { end } = scan(value)
        const isGood = FIELD_VALUE[byte] === 1
        const what = `byte ${byte} at ${at} of ${length}`
        if (isGood) assert.equal(end, 1 + BEFORE.length + length + 4, what)
        // A line end inside the value begins another line, which has no colon.
        else assert.equal(end, LINE_MALFORMED, what)
      }
    }
  }
})

test('a value that is not all there is awaited, and read to its end when it is', () => {
  for (const length of LENGTHS) {
    const value = Buffer.alloc(length, 0x61)
    for (let cut = 1; cut < length + 4; cut++) assert.equal(scan(value, cut).end, LINES_INCOMPLETE)
    const { fields } = scan(value)
    const [, , start, end] = fields.bounds
    assert.deepEqual([start, end], [BEFORE.length, BEFORE.length + length])
  }
})
