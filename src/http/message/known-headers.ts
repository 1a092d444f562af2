// hot path — see STYLE §8
/**
 * The header fields that a gateway treats specially, each with a small integer.
 *
 * The parser classifies a field once; everybody after it compares integers. The table says per field what happens to
 * it on the way to an origin and back (RFC 9110 §7.6, adversarial tests 14 and 15).
 */

/** Concerns one connection only: never forwarded, in either direction (RFC 9110 §7.6.1). */
export const HOP = 1
/** A client may not say this about itself: dropped on the way in, whatever its spelling. */
export const IDENTITY = 2
/** Written by the gateway on the way to an origin: what the client sent is dropped. */
export const REWRITTEN = 4
/** CORS response fields, dropped from an integration's response when the API has its own CORS. */
export const CORS = 8
/** Written by the gateway on the way back: what the integration sent is dropped. */
export const ANSWERED = 16
/** Says where a call stands in a trace: where calls are traced, the gateway writes it anew for the origin. */
export const TRACE = 32

interface KnownHeader {
  readonly name: string
  readonly flags: number
}

/** Position in this list is the id. 0 is "any other field". */
const KNOWN = [
  { name: '', flags: 0 },
  { name: 'host', flags: REWRITTEN },
  { name: 'connection', flags: HOP },
  { name: 'content-length', flags: HOP },
  { name: 'transfer-encoding', flags: HOP },
  { name: 'keep-alive', flags: HOP },
  { name: 'proxy-connection', flags: HOP },
  { name: 'proxy-authenticate', flags: HOP },
  { name: 'proxy-authorization', flags: HOP },
  { name: 'te', flags: HOP },
  { name: 'trailer', flags: HOP },
  { name: 'upgrade', flags: HOP },
  { name: 'http2-settings', flags: HOP },
  { name: 'expect', flags: REWRITTEN },
  { name: 'forwarded', flags: IDENTITY },
  { name: 'x-forwarded-for', flags: IDENTITY },
  { name: 'x-forwarded-proto', flags: IDENTITY },
  { name: 'x-forwarded-host', flags: IDENTITY },
  { name: 'x-forwarded-port', flags: IDENTITY },
  { name: 'x-real-ip', flags: IDENTITY },
  { name: 'via', flags: 0 },
  { name: 'origin', flags: 0 },
  { name: 'user-agent', flags: 0 },
  { name: 'authorization', flags: 0 },
  { name: 'cookie', flags: 0 },
  { name: 'date', flags: 0 },
  { name: 'content-type', flags: 0 },
  { name: 'content-encoding', flags: 0 },
  { name: 'access-control-request-method', flags: 0 },
  { name: 'access-control-request-headers', flags: 0 },
  { name: 'access-control-allow-origin', flags: CORS },
  { name: 'access-control-allow-methods', flags: CORS },
  { name: 'access-control-allow-headers', flags: CORS },
  { name: 'access-control-allow-credentials', flags: CORS },
  { name: 'access-control-expose-headers', flags: CORS },
  { name: 'access-control-max-age', flags: CORS },
  { name: 'apigw-requestid', flags: IDENTITY | ANSWERED },
  // A secret of the gateway's own, and what it is answered with.
  { name: 'x-postern-debug', flags: IDENTITY },
  { name: 'x-postern-why', flags: IDENTITY | ANSWERED },
  { name: 'x-amzn-trace-id', flags: TRACE },
  { name: 'traceparent', flags: TRACE },
  { name: 'tracestate', flags: TRACE },
  { name: 'b3', flags: TRACE },
  // Families: any name with the prefix that is not listed above.
  { name: 'x-forwarded-*', flags: IDENTITY },
  { name: 'x-amzn-*', flags: IDENTITY },
  { name: 'x-envoy-*', flags: IDENTITY },
  { name: 'x-b3-*', flags: TRACE },
  // Another spelling (`_` or `.` for `-`) of a field that is dropped or written by the gateway.
  { name: 'alias', flags: IDENTITY | HOP },
  // Named by the Connection field of its message.
  { name: 'nominated', flags: HOP },
  // Any other name with `_` or `.` in it, which some servers read as `-`.
  { name: 'odd', flags: 0 },
] as const satisfies readonly KnownHeader[]

export type KnownHeaderName = (typeof KNOWN)[number]['name']

function idOf(name: KnownHeaderName): number {
  return KNOWN.findIndex((known) => known.name === name)
}

export const HOST = idOf('host')
export const CONNECTION = idOf('connection')
export const CONTENT_LENGTH = idOf('content-length')
export const TRANSFER_ENCODING = idOf('transfer-encoding')
export const TE = idOf('te')
export const EXPECT = idOf('expect')
export const ORIGIN = idOf('origin')
export const USER_AGENT = idOf('user-agent')
export const AUTHORIZATION = idOf('authorization')
export const DATE = idOf('date')
export const ACCESS_CONTROL_REQUEST_METHOD = idOf('access-control-request-method')
export const X_AMZN_TRACE_ID = idOf('x-amzn-trace-id')
export const TRACEPARENT = idOf('traceparent')
export const TRACESTATE = idOf('tracestate')
export const B3 = idOf('b3')
export const X_POSTERN_DEBUG = idOf('x-postern-debug')
const X_FORWARDED_FAMILY = idOf('x-forwarded-*')
const X_AMZN_FAMILY = idOf('x-amzn-*')
const X_ENVOY_FAMILY = idOf('x-envoy-*')
export const X_B3_FAMILY = idOf('x-b3-*')
export const ALIAS = idOf('alias')
export const NOMINATED = idOf('nominated')
export const ODD = idOf('odd')

/** Names by id, in lower case; the families at the end have none that can stand on the wire. */
export const HEADER_NAMES: readonly string[] = KNOWN.slice(0, X_FORWARDED_FAMILY).map(
  (known) => known.name,
)

/** Flags by id. */
export const HEADER_FLAGS = Uint8Array.from(KNOWN, (known) => known.flags)

const ID_BY_NAME = new Map<string, number>(
  KNOWN.slice(1, X_FORWARDED_FAMILY).map((known, index) => [known.name, index + 1]),
)
ID_BY_NAME.set('x-forwarded-client-cert', X_FORWARDED_FAMILY)
ID_BY_NAME.set('x-original-url', X_FORWARDED_FAMILY)
ID_BY_NAME.set('x-rewrite-url', X_FORWARDED_FAMILY)
ID_BY_NAME.set('x-client-ip', X_FORWARDED_FAMILY)
ID_BY_NAME.set('true-client-ip', X_FORWARDED_FAMILY)
ID_BY_NAME.set('x-cluster-client-ip', X_FORWARDED_FAMILY)

/**
 * Id of a field name in lower case. Spellings that a CGI-like origin would read as a guarded field
 * (`X_Forwarded_For`, `content.length`) are aliases, which never pass.
 */
export function knownHeaderId(lowerName: string): number {
  const exact = ID_BY_NAME.get(lowerName)
  if (exact !== undefined) return exact
  if (lowerName.startsWith('x-forwarded-')) return X_FORWARDED_FAMILY
  if (lowerName.startsWith('x-amzn-')) return X_AMZN_FAMILY
  if (lowerName.startsWith('x-envoy-')) return X_ENVOY_FAMILY
  if (lowerName.startsWith('x-b3-')) return X_B3_FAMILY
  if (lowerName.includes('_') || lowerName.includes('.')) {
    const flags = HEADER_FLAGS[knownHeaderId(dashedName(lowerName))]!
    return flags & (HOP | IDENTITY | REWRITTEN | TRACE) ? ALIAS : ODD
  }
  return 0
}

/** What a CGI-like origin makes of the name: to it, `_`, `.` and `-` are the same. */
export function dashedName(lowerName: string): string {
  return lowerName.replaceAll('_', '-').replaceAll('.', '-')
}
