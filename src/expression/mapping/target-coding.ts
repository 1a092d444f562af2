/**
 * How a value becomes part of a header field, a query, a path or a status.
 *
 * Field values off the wire are strings of bytes (latin1); bodies, query values and texts of a definition are Unicode.
 * Bringing both to the target's form here keeps UTF-8 whole in both directions, and no character above U+00FF can
 * turn into a line feed when a head is written as latin1.
 */

import { encodePathText } from '../query-string/percent-coding.ts'

/** What a mapping sets. */
export type Target = 'header' | 'query' | 'path' | 'status'

/** `bytes`: each character is a byte. `text`: Unicode. `literal`: Unicode that an author wrote, escapes included. */
export type Coding = 'bytes' | 'text' | 'literal'

export type Recode = (value: string) => string

/** The function that brings a value of that coding into the form of the target. */
export function recodeFor(target: Target, coding: Coding): Recode {
  if (target === 'header') return coding === 'bytes' ? bytesAsTheyAre : textToBytes
  if (target === 'path') {
    if (coding === 'literal') return encodeLiteralPath
    return coding === 'bytes' ? (value) => encodePathText(bytesToText(value)) : encodePathText
  }
  return coding === 'bytes' ? bytesToText : textAsItIs
}

function textAsItIs(value: string): string {
  return value
}

function bytesAsTheyAre(value: string): string {
  return highestCharacter(value) <= 0xff ? value : textToBytes(value)
}

function textToBytes(value: string): string {
  return highestCharacter(value) <= 0x7f ? value : Buffer.from(value, 'utf8').toString('latin1')
}

function bytesToText(value: string): string {
  const highest = highestCharacter(value)
  return highest <= 0x7f || highest > 0xff ? value : Buffer.from(value, 'latin1').toString('utf8')
}

/** The author's own escapes stay. */
function encodeLiteralPath(value: string): string {
  return value.split('%').map(encodePathText).join('%')
}

function highestCharacter(value: string): number {
  let highest = 0
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code > highest) highest = code
  }
  return highest
}
