/**
 * Percent-coding of query components (form encoding) and of paths (RFC 3986 §2.1).
 *
 * Decoding never fails: what is not a valid escape stays as it is written, and bytes that are not UTF-8 become U+FFFD.
 */

const PERCENT = 0x25
const PLUS = 0x2b
const HEX = '0123456789ABCDEF'

const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'
const QUERY_SAFE = characterSet(UNRESERVED)
/** What a path may hold as it is: pchar and `/` (RFC 3986 §3.3). */
const PATH_SAFE = characterSet(`${UNRESERVED}!$&'()*+,;=:@/`)

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** One name or value of a query as text: `+` is a space, `%XX` a byte of UTF-8. */
export function decodeQueryComponent(raw: string): string {
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i)
    if (code === PERCENT || code === PLUS) return decodeSlowly(raw)
  }
  return raw
}

/** Text as one name or value of a query; decodes back to the same text in every reader of form encoding. */
export function encodeQueryComponent(text: string): string {
  return encode(text, QUERY_SAFE)
}

/** Text as part of a path; `/` stays, `?`, `#`, `%` and everything outside ASCII is escaped. */
export function encodePathText(text: string): string {
  return encode(text, PATH_SAFE)
}

function decodeSlowly(raw: string): string {
  const spaced = raw.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  const source = encoder.encode(spaced)
  let length = 0
  for (let i = 0; i < source.length; i++) {
    const high = source[i] === PERCENT ? hexValue(source[i + 1]) : -1
    const low = high === -1 ? -1 : hexValue(source[i + 2])
    if (low === -1) {
      source[length++] = source[i]!
    } else {
      source[length++] = high * 16 + low
      i += 2
    }
  }
  return decoder.decode(source.subarray(0, length))
}

function hexValue(code: number | undefined): number {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

function encode(text: string, safe: Uint8Array): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f || safe[code] === 0) return encodeSlowly(text, safe)
  }
  return text
}

function encodeSlowly(text: string, safe: Uint8Array): string {
  let encoded = ''
  for (const byte of encoder.encode(text)) {
    if (byte < 0x80 && safe[byte] === 1) encoded += String.fromCharCode(byte)
    else encoded += `%${HEX[byte >> 4]}${HEX[byte & 15]}`
  }
  return encoded
}

function characterSet(characters: string): Uint8Array {
  const set = new Uint8Array(128)
  for (const character of characters) set[character.charCodeAt(0)] = 1
  return set
}
