/**
 * Certificates as they are served, and whom a listener trusts: the document that crosses from the control plane to the
 * data plane. Plain data; it holds private keys, so it goes to no log, no file and no answer.
 */

export interface TlsDocument {
  /** Grows with every change. */
  readonly revision: number
  readonly hosts: readonly TlsHost[]
  /** Certificates that the gateway shows to origins, by `clientCertificateKey`. */
  readonly clientCertificates: Readonly<Record<string, TlsPair>>
}

/** PEM, both; the certificate is followed by its chain. */
export interface TlsPair {
  readonly certificate: string
  readonly privateKey: string
}

/** What clients get who ask for one of these names. */
export interface TlsHost extends TlsPair {
  /** Host names in lower case, or `*.` and one. */
  readonly serverNames: readonly string[]
  /** A name of AWS's: `TLS_1_2`, `SecurityPolicy_TLS13_1_3_2025_09` … */
  readonly securityPolicy: string
  /** A response of its authority that it has not been revoked, in base64 (RFC 6960). */
  readonly ocspResponse?: string
  /** Clients have to show a certificate that this leads to. */
  readonly clientTrust?: ClientTrust
}

export interface ClientTrust {
  /** Certificates of authorities, in PEM. */
  readonly authorities: string
  /** Revocation lists, in PEM. */
  readonly revocationLists: readonly string[]
  /** Changes with every change of the above: no session outlives it. */
  readonly version: string
}

/** What a client has proved that such a trust lets in; equal keys are equal proofs. */
export function trustKey({ version }: ClientTrust): string {
  return `truststore ${version}`
}

/** `id` is that of a generated certificate, or the ARN of one of ACM's. */
export function clientCertificateKey(accountId: string, region: string, id: string): string {
  return `${accountId}/${region}/${id}`
}
