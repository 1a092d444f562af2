/**
 * Reader of DER (ITU-T X.690), as far as OCSP needs it: walks values without copying them.
 *
 * Definite lengths in their shortest form, tags of one byte, everything inside its surroundings; anything else throws a
 * DerError. What is read comes from servers elsewhere.
 */

export class DerError extends Error {
  override name = 'DerError'
}

export interface DerValue {
  readonly tag: number
  /** Without tag and length. */
  readonly content: Buffer
  /** With them. */
  readonly whole: Buffer
}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  enumerated: 0x0a,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const

/** Four bytes of length are 4 GB: no document here is longer. */
const LENGTH_BYTES_MAX = 4

/** The values one after the other. */
export function readValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readValue(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The parts of the one value that stands there, which has this tag. */
export function readParts(bytes: Buffer, tag: number = TAG.sequence): DerValue[] {
  const value = readValue(bytes, 0)
  if (value.whole.length !== bytes.length) throw new DerError('something follows the value')
  return readValues(contentOf(value, tag))
}

/** The content of a value that has this tag. */
export function contentOf(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag === tag) return value.content
  throw new DerError(`there is no value with the tag ${tag}`)
}

/** Dotted form of an object identifier. */
export function objectIdText(content: Buffer): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...rest] = arcs
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}

/** Milliseconds since the epoch of a GeneralizedTime (RFC 5280 §4.1.2.5.2: UTC, whole seconds). */
export function epochMsOf(content: Buffer): number {
  const text = content.toString('latin1')
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  const [, year, month, day, hour, minute, second] = parts ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(ms)) throw new DerError('a time is none')
  return ms
}

function readValue(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new DerError('it ends in a value')
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag is too long')
  const extra = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + extra
  const length = extra === 0 ? first : longLength(bytes, at + 2, extra)
  if (start + length > bytes.length) throw new DerError('a value is longer than its surroundings')
  const content = bytes.subarray(start, start + length)
  return { tag, content, whole: bytes.subarray(at, start + length) }
}

function longLength(bytes: Buffer, at: number, count: number): number {
  if (count > LENGTH_BYTES_MAX || count === 0 || at + count > bytes.length) {
    throw new DerError('a length cannot be read')
  }
  const length = bytes.readUIntBE(at, count)
  if (length < 0x80 || bytes[at] === 0) throw new DerError('a length is longer than it has to be')
  return length
}
