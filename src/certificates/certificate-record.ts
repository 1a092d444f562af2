/**
 * A certificate as it is kept: record kind `certificate`, no parent, the last part of its ARN as id.
 *
 * It is there from the request on, before there is anything to serve; what has been issued or imported stands in `issued`
 * and is replaced as a whole, while the ARN stays. The private key is sealed (`identity/installation-key.ts`) for this ARN.
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
 */

import type { RecordKey } from '../storage/store.ts'
import type { FailureReason } from './acme/acme-problem.ts'

export const CERTIFICATE = 'certificate'
export type KeyAlgorithm =
  | 'RSA_1024'
  | 'RSA_2048'
  | 'RSA_3072'
  | 'RSA_4096'
  | 'EC_prime256v1'
  | 'EC_secp384r1'
  | 'EC_secp521r1'

/** EXPIRED is none of them: it follows from the time. */
type StoredStatus = 'PENDING_VALIDATION' | 'ISSUED' | 'FAILED' | 'VALIDATION_TIMED_OUT'

/** Who signs it, and so who renews it. */
type CertificateIssuer = 'import' | 'local' | 'private' | 'acme'

/** Times are ISO 8601. */
export interface CertificateRecord {
  readonly CertificateArn: string
  readonly Type: 'IMPORTED' | 'AMAZON_ISSUED' | 'PRIVATE'
  readonly issuer: CertificateIssuer
  readonly DomainName: string
  /** With the domain name. */
  readonly SubjectAlternativeNames: readonly string[]
  readonly KeyAlgorithm: KeyAlgorithm
  readonly Status: StoredStatus
  /** A word of AWS's, and a sentence for operators. */
  readonly failure?: { readonly reason: FailureReason; readonly message: string }
  readonly CreatedAt: string
  readonly IssuedAt?: string
  readonly ImportedAt?: string
  readonly ValidationMethod?: 'DNS' | 'EMAIL' | 'HTTP'
  readonly CertificateAuthorityArn?: string
  readonly Options?: CertificateOptions
  readonly Tags: readonly CertificateTag[]
  readonly IdempotencyToken?: string
  /** A private one that has been exported. */
  readonly exported?: true
  readonly issued?: IssuedCertificate
  readonly renewal?: CertificateRenewal
}

export interface CertificateOptions {
  readonly CertificateTransparencyLoggingPreference?: 'ENABLED' | 'DISABLED'
  readonly Export?: 'ENABLED' | 'DISABLED'
}

export interface CertificateTag {
  readonly Key: string
  readonly Value?: string
}

/** PEM, but the key, which is PKCS #8 in DER, sealed. */
export interface IssuedCertificate {
  readonly certificate: string
  /** The certificates above it, the nearest first; '' when there is none. */
  readonly chain: string
  readonly sealedKey: string
  readonly notBefore: string
  readonly notAfter: string
}

export interface CertificateRenewal {
  readonly status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED'
  readonly updatedAt: string
  /** Why it has failed. */
  readonly message?: string
}

export function certificateKey(arn: string): RecordKey {
  return { kind: CERTIFICATE, parent: '', id: arn.slice(arn.lastIndexOf('/') + 1) }
}
