/**
 * From a client's certificate up to a root, by the certificates of a truststore alone.
 *
 * OpenSSL has verified the certificate; here only the length of its chain is looked at, and that the truststore holds
 * all of it but the client's own: what a client sends along lengthens no chain. Both are AWS's rules.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
 */

import { X509Certificate } from 'node:crypto'

/** The client's own certificate and its authorities. */
const CHAIN_LENGTH_MAX = 4
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

export class TrustChain {
  readonly #pem: string
  /** By subject; parsed with the first handshake. */
  #authorities: Map<string, X509Certificate[]> | undefined

  constructor(pem: string) {
    this.#pem = pem
  }

  /** A code in OpenSSL's manner; '': the chain is complete and short enough. */
  findFault(leaf: X509Certificate): string {
    let certificate = leaf
    for (let length = 1; ; length++) {
      if (length > CHAIN_LENGTH_MAX) return 'CERT_CHAIN_TOO_LONG'
      if (certificate.checkIssued(certificate)) return ''
      const issuer = this.#issuerOf(certificate)
      if (issuer === undefined) return 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'
      certificate = issuer
    }
  }

  #issuerOf(certificate: X509Certificate): X509Certificate | undefined {
    this.#authorities ??= bySubject(this.#pem)
    const candidates = this.#authorities.get(certificate.issuer) ?? []
    return candidates.find((candidate) => certificate.checkIssued(candidate))
  }
}

function bySubject(pem: string): Map<string, X509Certificate[]> {
  const authorities = new Map<string, X509Certificate[]>()
  for (const text of pem.match(CERTIFICATE) ?? []) {
    const certificate = new X509Certificate(text)
    const { subject } = certificate
    authorities.set(subject, [...(authorities.get(subject) ?? []), certificate])
  }
  return authorities
}
