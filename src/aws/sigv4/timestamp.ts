/**
 * The two forms of time that a signature may carry: ISO 8601 basic (`20150830T123600Z`) and, in a Date field, the form
 * of HTTP (RFC 9110 §5.6.7). Both are read exactly: what would be written differently is not a time.
 */

export function formatTimestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** Milliseconds since the epoch; undefined: not a time in the basic form. */
export function parseTimestamp(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hours, minutes, seconds] = parts.slice(1)
  const epochMs = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`)
  // 30 February and 24:00:00 are read by Date.parse as another day.
  return Number.isNaN(epochMs) || formatTimestamp(epochMs) !== text ? undefined : epochMs
}

/** Milliseconds since the epoch; undefined: not `Sun, 30 Aug 2015 12:36:00 GMT`. */
export function parseHttpDate(text: string): number | undefined {
  const epochMs = Date.parse(text)
  return Number.isNaN(epochMs) || new Date(epochMs).toUTCString() !== text ? undefined : epochMs
}
