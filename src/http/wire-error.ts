/**
 * Failures on the wire, as values.
 *
 * Whatever can go wrong between two HTTP peers is one of these kinds, on one side, with one answer to "may the
 * request be sent again?". The hot path passes them around; nothing throws them.
 */

export type WireErrorKind =
  | 'connect-refused'
  | 'connect-timeout'
  | 'name-not-resolved'
  | 'tls-handshake'
  | 'head-invalid'
  | 'head-too-large'
  | 'target-too-long'
  | 'too-many-headers'
  | 'version-unsupported'
  | 'body-framing'
  | 'body-too-large'
  | 'head-timeout'
  | 'body-timeout'
  | 'response-timeout'
  | 'idle-timeout'
  | 'write-timeout'
  | 'pool-exhausted'
  | 'overloaded'
  | 'misdirected'
  | 'no-target'
  | 'targets-busy'
  | 'no-agent'
  | 'not-allowed'
  | 'closed'

/** Whose fault it is: the client's, the origin's, or our own. */
export type WireErrorSide = 'client' | 'origin' | 'gateway'

/**
 * May the request be sent once more?
 * `always`: nothing reached the peer. `if-reused`: a kept-alive connection died before a response byte, so an
 * idempotent request may be repeated (RFC 9110 §9.2.2). `elsewhere`: a new one did, so that another peer may be asked, but
 * not this one again. `never`: the peer may have acted on it.
 */
export type WireErrorRetry = 'never' | 'if-reused' | 'elsewhere' | 'always'

export interface WireError {
  readonly kind: WireErrorKind
  readonly side: WireErrorSide
  readonly retry: WireErrorRetry
  /** What exactly was seen, for logs and explain; never sent to a client. */
  readonly detail: string
}

export function wireError(
  kind: WireErrorKind,
  side: WireErrorSide,
  retry: WireErrorRetry,
  detail: string,
): WireError {
  return { kind, side, retry, detail }
}
