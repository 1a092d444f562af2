// hot path — see STYLE §8
/**
 * From a header block to the fields of an HTTP/2 response (RFC 9113 §8.3.2): a flat list of names and values, as
 * `respond` of a `node:http2` stream takes it.
 */

/** RFC 9113 §8.2.2, and the length, which the exchange adds. */
const DROPPED = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Statuses as nghttp2 takes them, made once. */
const STATUS_TEXTS: string[] = []

/** `block`: lines `name: value` CRLF. `bodyBytes` -1: no content-length. */
export function responseFields(status: number, block: string, bodyBytes: number): string[] {
  STATUS_TEXTS[status] ??= String(status)
  const fields: string[] = [':status', STATUS_TEXTS[status]!]
  let start = 0
  while (start < block.length) {
    const colon = block.indexOf(':', start)
    const end = block.indexOf('\r\n', colon)
    const name = block.slice(start, colon).toLowerCase()
    if (!DROPPED.has(name)) fields.push(name, block.slice(colon + 2, end))
    start = end + 2
  }
  if (bodyBytes >= 0) fields.push('content-length', String(bodyBytes))
  return fields
}
