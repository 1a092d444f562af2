/**
 * Percent-encoding as signatures use it (RFC 3986 §2.1): every byte of UTF-8 but letters, digits and `-._~` is escaped,
 * in upper case. Nothing here fails: what is no valid escape is text.
 */

const UNRESERVED = /[A-Za-z0-9\-._~]/

const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  if (UNRESERVED.test(character)) return character
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

export function encodeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ENCODED[byte]
  return text
}

/** Escapes what stands between the slashes, escapes included: a path that is escaped already is escaped twice. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeBytes(Buffer.from(segment)))
    .join('/')
}

/** The bytes of one name or value of a query. `+` is a space, as it is to those who act on the query. */
export function decodeComponent(raw: string): Buffer {
  const bytes = Buffer.from(raw.replaceAll('+', ' ')).toString('latin1')
  const decoded = bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
  return Buffer.from(decoded, 'latin1')
}
