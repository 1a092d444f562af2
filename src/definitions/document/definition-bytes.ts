/** From the bytes of a file to its text: UTF-8 or nothing, so that no character is silently replaced by another. */

import type { Limits } from '../../domain/limits.ts'
import type { Problem } from '../../domain/problem.ts'

export type DecodedDefinition =
  | { readonly text: string; readonly problem?: never }
  | { readonly text?: never; readonly problem: Problem }

/** Refuses before decoding what is beyond the size limit. A byte order mark is dropped. */
export function decodeDefinition(
  file: string,
  bytes: Uint8Array,
  limits: Limits,
): DecodedDefinition {
  if (bytes.length > limits.definitionBytes) {
    return refuse(file, {
      code: 'definition-too-large',
      message: `${file} holds ${bytes.length} bytes; at most ${limits.definitionBytes} are read.`,
      mend: 'Split the API, drop examples and descriptions, or raise --limit definitionBytes.',
    })
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return refuse(file, {
      code: 'definition-not-utf8',
      message: notUtf8(file, bytes),
      mend: 'Save it as UTF-8.',
    })
  }
}

function refuse(
  file: string,
  problem: { code: string; message: string; mend: string },
): DecodedDefinition {
  return { problem: { severity: 'error', ...problem, file, line: 0, column: 0, pointer: '' } }
}

function notUtf8(file: string, bytes: Uint8Array): string {
  const mark = (bytes[0]! << 8) | bytes[1]!
  if (mark === 0xfeff || mark === 0xfffe) return `${file} is UTF-16.`
  return `${file} is not UTF-8: byte ${firstBadByte(bytes) + 1} begins no character.`
}

/** Longest prefix that decodes, by halving; a character cut at its end does not count as bad. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodes(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function decodes(prefix: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(prefix, { stream: true })
    return true
  } catch {
    return false
  }
}
