/** On what grounds the certificate of a client was refused: what OpenSSL, or AWS's rules, did not like about it. */

import type { Exchange } from '../../http/exchange.ts'
import { type Evidence, shortText } from '../../observability/explain/evidence.ts'

/** Code → what would have passed. */
const PASSES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'a certificate, and authorities in the truststore, that have not expired',
  CERT_NOT_YET_VALID: 'a certificate that is valid already; clocks that agree',
  INVALID_PURPOSE:
    'a certificate for client authentication (extended key usage clientAuth, or none)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'a certificate whose whole chain, up to its root, is in the truststore',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'a certificate that an authority in the truststore has signed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'a certificate of an authority, or this one in the truststore',
  SELF_SIGNED_CERT_IN_CHAIN: 'a certificate whose root is in the truststore',
  CERT_REVOKED: 'a certificate that its authority has not revoked',
  CRL_HAS_EXPIRED: 'a newer revocation list beside the truststore',
  UNABLE_TO_GET_CRL: 'a revocation list of each authority of the chain beside the truststore',
  CERT_CHAIN_TOO_LONG: 'a chain of at most four certificates, root and client among them',
}

export function clientCertificateEvidence({ request, connection }: Exchange): Evidence {
  const certificate = connection.tls?.clientCertificate
  // One that was accepted is refused when its time is over.
  const code = certificate?.refusal || 'CERT_HAS_EXPIRED'
  const subject = certificate === undefined ? 'none' : shortText(certificate.subject, 80)
  return {
    rule: `the truststore of ${request.host}`,
    seen: `certificate ${subject}: ${code}`,
    passes: PASSES[code] ?? 'a certificate that OpenSSL verifies; openssl verify says more',
  }
}
