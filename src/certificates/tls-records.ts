/** What is kept besides certificates for listeners to serve by, and how private keys are sealed. */

import { createHash } from 'node:crypto'
import type { Sealer, SealPlace } from '../identity/installation-key.ts'

/** What the authority of a certificate last said of its revocation; the id is that of the certificate. */
export const OCSP_RESPONSE = 'ocsp-response'
/** Whom a domain name trusts in mutual TLS: a `ClientTrust`, under the domain name as id. */
export const TRUSTSTORE = 'truststore'

/** Body of an `ocsp-response`. */
export interface OcspResponseRecord {
  /** DER in base64 (RFC 6960). */
  readonly response: string
  readonly nextUpdate: string
  /** Which certificate it is about, see `markOf`: its successor has nothing of it. */
  readonly of: string
}

/** SHA-256 of a certificate as its record has it. */
export function markOf(certificate: string): string {
  return createHash('sha256').update(certificate).digest('base64url')
}

/** Where the installation key comes from, opened with the first thing that is sealed. */
export type OpenSealer = () => Promise<Sealer>

export function sealPlaceOf(arn: string): SealPlace {
  return { purpose: 'certificate-key', of: arn }
}
