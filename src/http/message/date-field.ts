// hot path — see STYLE §8
/** The Date field (RFC 9110 §6.6.1), made once a second. */

let second = -1
let line = ''

/** `date: Sun, 06 Nov 1994 08:49:37 GMT` CRLF. */
export function dateField(epochMs: number): string {
  const now = Math.floor(epochMs / 1000)
  if (now !== second) {
    second = now
    line = `date: ${new Date(now * 1000).toUTCString()}\r\n`
  }
  return line
}
