/**
 * What answers a certificate authority that wants to see that a host name leads here (RFC 8555 §8.3, RFC 8737): from the
 * main thread to every worker, for as long as an order runs. Plain data.
 */

export type AcmeChallenge = HttpChallenge | TlsAlpnChallenge

/** GET `/.well-known/acme-challenge/{token}` on the plain port. */
export interface HttpChallenge {
  readonly type: 'http-01'
  /** A host name in lower case. */
  readonly host: string
  readonly token: string
  readonly keyAuthorization: string
}

/** A handshake that asks for `acme-tls/1` and this name. PEM, both. */
export interface TlsAlpnChallenge {
  readonly type: 'tls-alpn-01'
  readonly host: string
  readonly certificate: string
  readonly privateKey: string
}
