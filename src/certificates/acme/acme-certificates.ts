/**
 * The certificates that ACME keeps, as records: which there are, and what becomes of them.
 *
 * A certificate that was deleted while its order ran stays deleted.
 */

import type { Reader, Scope, WritableRecords } from '../../storage/store.ts'
import { CERTIFICATE, type CertificateRecord, certificateKey } from '../certificate-record.ts'
import { completeCertificate } from '../complete-certificate.ts'
import { OCSP_RESPONSE, type OpenSealer } from '../tls-records.ts'
import type { IssuedCertificate } from './acme-order.ts'
import type { FailedEnd, KeptCertificate, RenewalState } from './acme-orders.ts'

/** A write in one account and region; resolves when it is live. */
export type CertificateWrite = <T>(
  scope: Scope,
  action: string,
  work: (records: WritableRecords, now: Date) => Promise<T>,
) => Promise<T>

export async function acmeCertificates(reader: Reader): Promise<readonly KeptCertificate[]> {
  const records = await reader.everywhere<CertificateRecord>(CERTIFICATE)
  return records
    .filter(({ body }) => body.issuer === 'acme')
    .filter(({ body }) => body.Status === 'PENDING_VALIDATION' || body.Status === 'ISSUED')
    .map(({ scope, id, body }) => ({
      scope,
      id,
      hosts: body.SubjectAlternativeNames.map((name) => name.toLowerCase()),
      keyAlgorithm: body.KeyAlgorithm,
      askedAtMs: Date.parse(body.CreatedAt),
      renewNow: body.renewal?.status === 'PENDING_AUTO_RENEWAL',
      lifetime: body.issued && {
        fromEpochMs: Date.parse(body.issued.notBefore),
        untilEpochMs: Date.parse(body.issued.notAfter),
      },
    }))
}

export class AcmeCertificates {
  readonly #write: CertificateWrite
  readonly #openSealer: OpenSealer

  constructor(write: CertificateWrite, openSealer: OpenSealer) {
    this.#write = write
    this.#openSealer = openSealer
  }

  async complete({ scope, id }: KeptCertificate, issued: IssuedCertificate): Promise<void> {
    const openSealer = this.#openSealer
    const { certificate, chain, privateKey } = issued
    await this.#write(scope, 'acm:IssueCertificate', async (records, now) => {
      const arn = await arnOf(records, id)
      if (arn === undefined) return
      const pem = { arn, chain: certificate + chain, privateKey }
      await completeCertificate({ records, openSealer, now }, pem)
      // It is about the one before.
      await records.delete({ kind: OCSP_RESPONSE, parent: '', id })
    })
  }

  async fail(
    { scope, id }: KeptCertificate,
    { status, reason, message }: FailedEnd,
  ): Promise<void> {
    await this.#change(scope, id, () => ({ Status: status, failure: { reason, message } }))
  }

  async renewing({ scope, id }: KeptCertificate, state: RenewalState): Promise<void> {
    await this.#change(scope, id, (now) => ({
      renewal: { ...state, updatedAt: now.toISOString() },
    }))
  }

  async #change(
    scope: Scope,
    id: string,
    changed: (now: Date) => Partial<CertificateRecord>,
  ): Promise<void> {
    await this.#write(scope, 'acm:OrderCertificate', async (records, now) => {
      const key = keyOf(id)
      const found = await records.get<CertificateRecord>(key)
      if (found !== undefined) await records.put(key, { ...found.body, ...changed(now) })
    })
  }
}

async function arnOf(records: WritableRecords, id: string): Promise<string | undefined> {
  return (await records.get<CertificateRecord>(keyOf(id)))?.body.CertificateArn
}

function keyOf(id: string) {
  return certificateKey(`/${id}`)
}
