// hot path — see STYLE §8
/**
 * From a header block to the field block of an HTTP/2 response (RFC 9113 §8.3.2, RFC 7541 §6).
 *
 * Names of the static table, everything else as plain literals that nobody indexes: a block then says the same on every
 * connection, and no table has to be kept for it. Names are written in lower case as they pass.
 */

import { STATIC_TABLE } from '../h2/static-table.ts'

const COLON = 0x3a
const CR = 0x0d

const STATUS_NAME = 8
const CONTENT_LENGTH_NAME = 28
/** What a prefix of four and of seven bits can hold no more (RFC 7541 §5.1). */
const PREFIX_4 = 0x0f
const PREFIX_7 = 0x7f

/** RFC 9113 §8.2.2, and the length, which the exchange adds. */
const DROPPED = [
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]

/** Of a name: its index in the static table, 0 for none. Dropped ones have none that counts. */
const INDEX_OF = new Map<string, number>()
for (let index = STATIC_TABLE.length - 1; index > 0; index--)
  INDEX_OF.set(STATIC_TABLE[index]![0], index)
const DROP = -1
for (const name of DROPPED) INDEX_OF.set(name, DROP)

/** Names that are looked for, and by length and first and last letter which of them it can be; SEVERAL share a slot. */
const NAMES = [...INDEX_OF.keys()]
const INDEXES = Int8Array.from(INDEX_OF.values())
const NAME_AT = new Uint8Array(32 * 32 * 32)
const NONE = 0
const SEVERAL = 255
for (const [i, name] of NAMES.entries()) {
  const slot = slotOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1))
  NAME_AT[slot] = NAME_AT[slot] === NONE ? i + 1 : SEVERAL
}

/** Statuses that the static table knows with their value. */
const STATUS_INDEXES = new Map<number, number>()
for (let index = STATUS_NAME; STATIC_TABLE[index]![0] === ':status'; index++) {
  STATUS_INDEXES.set(Number(STATIC_TABLE[index]![1]), index)
}

function slotOf(length: number, first: number, last: number): number {
  return ((length & 31) << 10) | ((first & 31) << 5) | (last & 31)
}

/** Room that `writeResponseFields` may need for a block. */
export function fieldBlockRoom(block: string): number {
  // A field has four characters around it in a header block, and three to nine bytes in a field block.
  return block.length + (block.length >>> 4) + 64
}

/** Writes status and header block (lines `name: value` CRLF, latin1) at `at`; returns where the fields end. */
export function writeResponseFields(
  target: Buffer,
  at: number,
  status: number,
  block: string,
): number {
  let end = writeStatus(target, at, status)
  let start = 0
  while (start < block.length) {
    const before = end
    const index = writeName(target, end, block, start)
    const valueEnd = writeValue(target, nameEnd, block, valueStart)
    end = index === DROP ? before : valueEnd
    start = lineEnd
  }
  return end
}

export function writeContentLength(target: Buffer, at: number, bodyBytes: number): number {
  return writeDigits(target, writeIndex(target, at, CONTENT_LENGTH_NAME), bodyBytes)
}

/** Results of `writeName` and `writeValue`: where the name ends in the target; the rest are positions in the block. */
let nameEnd = 0
let valueStart = 0
let lineEnd = 0

function writeStatus(target: Buffer, at: number, status: number): number {
  const index = STATUS_INDEXES.get(status)
  if (index !== undefined) {
    target[at] = 0x80 | index
    return at + 1
  }
  target[at] = STATUS_NAME
  return writeDigits(target, at + 1, status)
}

function writeDigits(target: Buffer, at: number, value: number): number {
  let digits = 1
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++
  target[at] = digits
  let rest = value
  for (let i = at + digits; i > at; i--) {
    target[i] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  return at + 1 + digits
}

/** The name at `start` of the block, in full or as an index, which is returned. */
function writeName(target: Buffer, at: number, block: string, start: number): number {
  // In full first, as if it were short: then it can be looked up.
  const from = at + 2
  let end = from
  let i = start
  for (; i < block.length; i++) {
    const code = block.charCodeAt(i)
    if (code === COLON) break
    target[end++] = code >= 0x41 && code <= 0x5a ? code | 0x20 : code
  }
  valueStart = i + 2
  const index = indexOf(target, from, end)
  if (index > 0) nameEnd = writeIndex(target, at, index)
  else {
    target[at] = 0
    nameEnd = closeString(target, at + 1, end)
  }
  return index
}

function indexOf(target: Buffer, from: number, end: number): number {
  const candidate = NAME_AT[slotOf(end - from, target[from]!, target[end - 1]!)]!
  if (candidate === NONE) return 0
  if (candidate === SEVERAL) return INDEX_OF.get(target.toString('latin1', from, end)) ?? 0
  const name = NAMES[candidate - 1]!
  if (name.length !== end - from) return 0
  for (let i = 0; i < name.length; i++) if (target[from + i] !== name.charCodeAt(i)) return 0
  return INDEXES[candidate - 1]!
}

/** The name of a literal that is not indexed, by its place in the static table. */
function writeIndex(target: Buffer, at: number, index: number): number {
  if (index < PREFIX_4) {
    target[at] = index
    return at + 1
  }
  target[at] = PREFIX_4
  target[at + 1] = index - PREFIX_4
  return at + 2
}

function writeValue(target: Buffer, at: number, block: string, start: number): number {
  let end = at + 1
  let i = start
  for (; i < block.length; i++) {
    const code = block.charCodeAt(i)
    if (code === CR) break
    target[end++] = code
  }
  lineEnd = i + 2
  return closeString(target, at, end)
}

/** Writes the length of a string that stands at `at + 1` until `end`, moving it if it is long. Returns its end. */
function closeString(target: Buffer, at: number, end: number): number {
  const length = end - at - 1
  if (length < PREFIX_7) {
    target[at] = length
    return end
  }
  let extra = 1
  for (let rest = length - PREFIX_7; rest >= 0x80; rest >>>= 7) extra++
  target.copyWithin(at + 1 + extra, at + 1, end)
  target[at] = PREFIX_7
  let rest = length - PREFIX_7
  for (let i = at + 1; i <= at + extra; i++) {
    target[i] = i < at + extra ? 0x80 | (rest & 0x7f) : rest
    rest >>>= 7
  }
  return end + extra
}
