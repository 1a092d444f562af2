// hot path — see STYLE §8
/**
 * Character classes of RFC 9110 §5.6.2 and RFC 3986 as byte tables.
 */

/** `table[byte] === 1`: a token character (names of methods and fields). */
export const TOKEN = new Uint8Array(256)
/** A byte that may stand in a field value: VCHAR, SP, HTAB, obs-text. */
export const FIELD_VALUE = new Uint8Array(256)
/** A byte that may stand in a path: pchar, `/`, `%` (its two digits are checked apart). */
export const PATH = new Uint8Array(256)
/** A byte that may stand in a query. Laxer than RFC 3986 in what browsers send unescaped: `[ ] { } | \ ^ " < >` and backtick. */
export const QUERY = new Uint8Array(256)
/** A byte of a registered name or IPv4 address in lower or upper case. */
export const HOST_NAME = new Uint8Array(256)
/** Value of a hexadecimal digit, 255 for anything else. */
export const HEX = new Uint8Array(256).fill(255)

const LETTERS_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function allow(table: Uint8Array, characters: string): void {
  for (const character of characters) table[character.charCodeAt(0)] = 1
}

allow(TOKEN, `${LETTERS_AND_DIGITS}!#$%&'*+-.^_\`|~`)
allow(PATH, `${LETTERS_AND_DIGITS}-._~!$&'()*+,;=:@/%`)
allow(QUERY, `${LETTERS_AND_DIGITS}-._~!$&'()*+,;=:@/%?[]{}|\\^"<>\``)
allow(HOST_NAME, `${LETTERS_AND_DIGITS}-._~`)
for (let byte = 0x20; byte <= 0xff; byte++) if (byte !== 0x7f) FIELD_VALUE[byte] = 1
FIELD_VALUE[0x09] = 1
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16)
  HEX[text.charCodeAt(0)] = digit
  HEX[text.toUpperCase().charCodeAt(0)] = digit
}

/** True when the text may stand as a field value as it is: no control characters, nothing above latin1. */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff || FIELD_VALUE[code] === 0) return false
  }
  return true
}

/** True for a non-empty token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff || TOKEN[code] === 0) return false
  }
  return text.length > 0
}
