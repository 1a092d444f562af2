// hot path — see STYLE §8
/**
 * From the bytes of a field name to its id in the table of known headers, without making a string for the common ones.
 */

import { HEADER_NAMES, knownHeaderId } from './known-headers.ts'

/** Candidate id by length, first and last letter; 255 where several known names share them. */
const CANDIDATES = new Uint8Array(32 * 32 * 32)
const SEVERAL = 255

for (let id = 1; id < HEADER_NAMES.length; id++) {
  const name = HEADER_NAMES[id]!
  const slot = slotOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1))
  CANDIDATES[slot] = CANDIDATES[slot] === 0 ? id : SEVERAL
}

function slotOf(length: number, first: number, last: number): number {
  return ((length & 31) << 10) | ((first & 31) << 5) | (last & 31)
}

/** Id of the field name at `[start, end)`; 0 for a name without a meaning here. */
export function scanFieldName(bytes: Uint8Array, start: number, end: number): number {
  const candidate = CANDIDATES[slotOf(end - start, bytes[start]!, bytes[end - 1]!)]!
  if (
    candidate !== 0 &&
    candidate !== SEVERAL &&
    equals(bytes, start, end, HEADER_NAMES[candidate]!)
  ) {
    return candidate
  }
  return candidate === SEVERAL || needsLook(bytes, start, end) ? lookUp(bytes, start, end) : 0
}

function equals(bytes: Uint8Array, start: number, end: number, lowerName: string): boolean {
  if (end - start !== lowerName.length) return false
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (lower !== lowerName.charCodeAt(i - start)) return false
  }
  return true
}

/** Families (`x-amzn-…`) and aliases (`x_forwarded_for`) need the table's full look-up. */
function needsLook(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]! | 0x20
  if (first === 0x78 /* x */ || first === 0x74 /* t */) return true
  for (let i = start; i < end; i++) {
    if (bytes[i] === 0x5f /* _ */ || bytes[i] === 0x2e /* . */) return true
  }
  return false
}

function lookUp(bytes: Uint8Array, start: number, end: number): number {
  let lower = ''
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    lower += String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
  }
  return knownHeaderId(lower)
}
