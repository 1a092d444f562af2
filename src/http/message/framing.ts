// hot path — see STYLE §8
/**
 * How long a message body is (RFC 9112 §6), read so that no two implementations can disagree.
 */

/** Fifteen digits stay below 2^53. */
const LENGTH_DIGITS_MAX = 15

/**
 * Body bytes from the values of Content-Length and Transfer-Encoding: a length, -1 for chunked, or undefined when the
 * two stand together, a length is not plain digits, or a coding is anything but one `chunked`.
 */
export function readFraming(
  length: string | undefined,
  coding: string | undefined,
): number | undefined {
  if (coding !== undefined) {
    return length === undefined && coding.toLowerCase() === 'chunked' ? -1 : undefined
  }
  return length === undefined ? 0 : parseContentLength(length)
}

/** Digits only (RFC 9110 §8.6); undefined for signs, lists, spaces, hex or more than fifteen digits. */
export function parseContentLength(value: string): number | undefined {
  if (value.length === 0 || value.length > LENGTH_DIGITS_MAX) return undefined
  let bytes = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    bytes = bytes * 10 + digit
  }
  return bytes
}
