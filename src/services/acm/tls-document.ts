/**
 * From domain names, their certificates and their truststores to the document that listeners serve by.
 *
 * Made anew, as a whole, after every batch of writes that touches one of them: importing a certificate again, or its
 * renewal, changes what handshakes get without anybody touching the domain name. A domain name whose certificate is not
 * there has no host: its clients get the local certificate, and refuse it.
 */

import { CERTIFICATE, type CertificateRecord } from '../../certificates/certificate-record.ts'
import {
  OCSP_RESPONSE,
  type OcspResponseRecord,
  type OpenSealer,
  TRUSTSTORE,
} from '../../certificates/tls-records.ts'
import type { ClientTrust, TlsDocument, TlsHost } from '../../domain/tls.ts'
import type { Change, Reader, StoredRecord } from '../../storage/store.ts'
import type { DomainNameRecord } from '../apigatewayv2/records.ts'
import { servingPair } from './serving-pair.ts'

const DOMAIN_NAME = 'domain-name'
const KINDS: readonly string[] = [CERTIFICATE, OCSP_RESPONSE, TRUSTSTORE, DOMAIN_NAME]
const DEFAULT_POLICY = 'TLS_1_2'
/** Nobody is trusted: what asks for clients' certificates stays shut when its truststore is gone. */
const NOBODY: ClientTrust = { authorities: '', revocationLists: [], version: 'none' }

export function touchesTls(changes: readonly Change[]): boolean {
  return changes.some(({ key }) => KINDS.includes(key.kind))
}

export async function tlsDocumentOf(reader: Reader, openSealer: OpenSealer): Promise<TlsDocument> {
  const domains = await reader.everywhere<DomainNameRecord>(DOMAIN_NAME)
  const hosts: TlsHost[] = []
  const seen = new Set<string>()
  for (const domain of domains) {
    // A name belongs to whoever had it first, as in the document of domain names.
    if (seen.has(domain.id)) continue
    seen.add(domain.id)
    const host = await hostOf(reader, openSealer, domain)
    if (host !== undefined) hosts.push(host)
  }
  return { revision: 0, hosts, clientCertificates: {} }
}

async function hostOf(
  reader: Reader,
  openSealer: OpenSealer,
  { scope, body }: StoredRecord<DomainNameRecord>,
): Promise<TlsHost | undefined> {
  const [configuration] = body.DomainNameConfigurations ?? []
  const records = reader.in(scope)
  const id = configuration?.CertificateArn?.split('/').at(-1) ?? ''
  const certificate = await records.get<CertificateRecord>({ kind: CERTIFICATE, parent: '', id })
  if (certificate?.body.issued === undefined || body.DomainName === undefined) return undefined
  const { CertificateArn, issued } = certificate.body
  const ocsp = await records.get<OcspResponseRecord>({ kind: OCSP_RESPONSE, parent: '', id })
  return {
    ...servingPair(await openSealer(), CertificateArn, issued),
    serverNames: [body.DomainName.toLowerCase()],
    securityPolicy: configuration?.SecurityPolicy ?? DEFAULT_POLICY,
    ...(ocsp === undefined ? {} : { ocspResponse: ocsp.body.response }),
    ...(await clientTrustOf(reader, scope, body)),
  }
}

async function clientTrustOf(
  reader: Reader,
  scope: StoredRecord['scope'],
  { DomainName: id = '', MutualTlsAuthentication }: DomainNameRecord,
): Promise<{ readonly clientTrust?: ClientTrust }> {
  if (MutualTlsAuthentication === undefined) return {}
  const found = await reader.in(scope).get<ClientTrust>({ kind: TRUSTSTORE, parent: '', id })
  return { clientTrust: found?.body ?? NOBODY }
}
