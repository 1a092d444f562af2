/**
 * What an authority has issued for a certificate that was asked for, or that was to be renewed, goes into its record here:
 * checked as an imported one is, sealed, and live in every worker when the write returns.
 */

import type { WritableRecords } from '../storage/store.ts'
import { CertificateProblem } from './certificate-problem.ts'
import {
  CERTIFICATE,
  type CertificateRecord,
  certificateKey,
  type IssuedCertificate,
} from './certificate-record.ts'
import { type CheckedCertificate, checkCertificate } from './check-chain.ts'
import { coversName } from './server-names.ts'
import { type OpenSealer, sealPlaceOf } from './tls-records.ts'

export interface IssuedPem {
  readonly arn: string
  /** The certificate and the certificates above it. */
  readonly chain: string
  readonly privateKey: string
}

export interface CompletionParts {
  readonly records: WritableRecords
  readonly openSealer: OpenSealer
  readonly now: Date
}

/**
 * The records have to be those of the ARN's account and region. False: the certificate has been deleted meanwhile. Throws
 * a CertificateProblem when the authority has issued what cannot be served; the record is as it was.
 */
export async function completeCertificate(
  { records, openSealer, now }: CompletionParts,
  { arn, chain, privateKey }: IssuedPem,
): Promise<boolean> {
  const key = certificateKey(arn)
  const found = await records.get<CertificateRecord>(key)
  if (found === undefined) return false
  const { body } = found
  const checked = checkCertificate({ ...splitChain(chain), privateKey }, now)
  const missing = body.SubjectAlternativeNames.find((name) => !coversName(checked.names, name))
  if (missing !== undefined) {
    throw new CertificateProblem(
      'Certificate',
      `the authority has issued one that does not name ${missing}`,
      'Ask the authority why.',
    )
  }
  const { failure: _, ...rest } = body
  const time = now.toISOString()
  const renewal = body.issued && { renewal: { status: 'SUCCESS', updatedAt: time } as const }
  await records.put(key, {
    ...rest,
    Status: 'ISSUED',
    IssuedAt: time,
    KeyAlgorithm: checked.keyAlgorithm,
    issued: await sealedCertificate(openSealer, arn, checked),
    ...renewal,
  } satisfies CertificateRecord)
  return true
}

/** It could not be issued. One that is still good stays in service; the record says what went wrong. */
export async function failCertificate(
  { records, now }: Pick<CompletionParts, 'records' | 'now'>,
  arn: string,
  failure: { readonly message: string; readonly isFinal: boolean },
): Promise<void> {
  const found = await records.get<CertificateRecord>(certificateKey(arn))
  if (found === undefined) return
  const { message, isFinal } = failure
  const { body } = found
  const updatedAt = now.toISOString()
  const change: Partial<CertificateRecord> =
    body.issued === undefined
      ? {
          failure: { reason: 'OTHER', message },
          Status: isFinal ? 'FAILED' : 'PENDING_VALIDATION',
        }
      : {
          renewal: { status: isFinal ? 'FAILED' : 'PENDING_AUTO_RENEWAL', updatedAt, message },
        }
  await records.put({ ...certificateKey(arn), kind: CERTIFICATE }, { ...body, ...change })
}

export async function sealedCertificate(
  openSealer: OpenSealer,
  arn: string,
  { leaf, certificate, chain, privateKey }: CheckedCertificate,
): Promise<IssuedCertificate> {
  const sealer = await openSealer()
  return {
    certificate,
    chain,
    sealedKey: sealer.seal(sealPlaceOf(arn), privateKey),
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
  }
}

/** The first certificate, and the rest. */
export function splitChain(pem: string): { certificate: string; chain: string } {
  const end = pem.indexOf('-----END CERTIFICATE-----')
  const cut = end < 0 ? pem.length : end + '-----END CERTIFICATE-----'.length
  return { certificate: `${pem.slice(0, cut)}\n`, chain: pem.slice(cut).trimStart() }
}
