// hot path — see STYLE §8
/**
 * Scanner of header lines, shared by requests and responses (RFC 9112 §5): bytes in, offsets and ids out.
 */

import { FIELD_VALUE, TOKEN } from './characters.ts'
import { scanFieldName } from './field-name.ts'
import type { HeaderFields } from './header-fields.ts'

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09
const COLON = 0x3a

/** Every byte of a word. */
const ALL = 0x01010101
const HIGH_BITS = 0x80808080 | 0

/** Results of `scanFieldLines` that are not an offset. */
export const LINES_INCOMPLETE = 0
export const LINE_MALFORMED = -1
export const LINES_TOO_MANY = -2

/**
 * Reads lines from `from` until the empty one, into `fields`, with offsets relative to `start`. Returns the offset
 * behind the empty line, or one of the results above. Refused: bare CR or LF, folded lines, white space before the
 * colon, empty names, control characters.
 */
export function scanFieldLines(
  bytes: Uint8Array,
  start: number,
  from: number,
  limit: number,
  fields: HeaderFields,
): number {
  const { bounds, ids } = fields
  let count = 0
  let i = from
  for (;;) {
    if (i === limit) return LINES_INCOMPLETE
    if (bytes[i] === CR) {
      if (i + 1 === limit) return LINES_INCOMPLETE
      if (bytes[i + 1] !== LF) return LINE_MALFORMED
      fields.count = count
      return i + 2
    }
    const nameStart = i
    while (i < limit && TOKEN[bytes[i]!] === 1) i++
    if (i === limit) return LINES_INCOMPLETE
    if (bytes[i] !== COLON || i === nameStart) return LINE_MALFORMED
    const nameEnd = i++
    while (i < limit && (bytes[i] === SPACE || bytes[i] === TAB)) i++
    const valueStart = i
    i = skipPlain(bytes, i, limit)
    while (i < limit && FIELD_VALUE[bytes[i]!] === 1) i++
    if (i === limit) return LINES_INCOMPLETE
    if (bytes[i] !== CR) return LINE_MALFORMED
    if (i + 1 === limit) return LINES_INCOMPLETE
    if (bytes[i + 1] !== LF) return LINE_MALFORMED
    let valueEnd = i
    while (
      valueEnd > valueStart &&
      (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)
    ) {
      valueEnd--
    }
    i += 2
    if (count === ids.length) return LINES_TOO_MANY
    const at = count * 4
    bounds[at] = nameStart - start
    bounds[at + 1] = nameEnd - start
    bounds[at + 2] = valueStart - start
    bounds[at + 3] = valueEnd - start
    ids[count] = scanFieldName(bytes, nameStart, nameEnd)
    count++
  }
}

/** The view of the buffer that was asked for last: nearly always the one that all connections of a thread share. */
let view: DataView = new DataView(new ArrayBuffer(0))

/**
 * Skips bytes of a value four at a time, as long as none of the four is a control character; returns where the bytes
 * have to be looked at one by one. A request with a token of 660 characters: 2.5 → 0.9 µs on a busy machine, Node 24.
 *
 * A word has a byte below n where `(word - n * ALL) & ~word` has the high bit of a byte set, for n up to 128; a byte that
 * is DEL is 0 in `word ^ DEL * ALL`, so below 1.
 */
function skipPlain(bytes: Uint8Array, from: number, limit: number): number {
  const { buffer, byteOffset } = bytes
  if (view.buffer !== buffer) view = new DataView(buffer)
  const last = byteOffset + limit - 4
  let at = byteOffset + from
  for (; at <= last; at += 4) {
    const word = view.getInt32(at, true)
    const other = word ^ (0x7f * ALL)
    const control = (word - SPACE * ALL) & ~word
    if (((control | ((other - ALL) & ~other)) & HIGH_BITS) !== 0) break
  }
  return at - byteOffset
}
