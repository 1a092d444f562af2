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
