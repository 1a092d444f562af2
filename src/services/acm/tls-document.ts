/**
 * From domain names, their certificates and their truststores to the document that listeners serve by.
 *
 * Made anew, as a whole, after every batch of writes that touches one of them: importing a certificate again, or its
 * renewal, changes what handshakes get without anybody touching the domain name. A name under `localhost` without a
 * certificate gets one of the local authority. Any other whose certificate is not there has no host: a call that would
 * make it so is refused, and what an older version has left behind is refused by its clients.
 */

import { CERTIFICATE, type CertificateRecord } from '../../certificates/certificate-record.ts'
import { CLIENT_CERTIFICATE } from '../../certificates/client-certificate-record.ts'
import { isLocalName } from '../../certificates/server-names.ts'
import {
  markOf,
  OCSP_RESPONSE,
  type OcspResponseRecord,
  type OpenSealer,
  TRUSTSTORE,
} from '../../certificates/tls-records.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import type { ClientTrust, TlsDocument, TlsHost, TlsPair } from '../../domain/tls.ts'
import type { Body, Change, Reader, StoredRecord } from '../../storage/store.ts'
import type { DomainNameRecord } from '../apigatewayv2/records.ts'
import { certificatesShownBy, clientPairsOf } from './client-pairs.ts'
import { requireServable, servingPair } from './serving-pair.ts'

export interface TlsDocumentParts {
  readonly openSealer: OpenSealer
  /** Of a name under `localhost`. */
  readonly localPair: (name: string) => Promise<TlsPair>
}

type Domain = StoredRecord<DomainNameRecord>

const DOMAIN_NAME = 'domain-name'
const KINDS: readonly string[] = [
  CERTIFICATE,
  OCSP_RESPONSE,
  TRUSTSTORE,
  DOMAIN_NAME,
  CLIENT_CERTIFICATE,
]
const DEFAULT_POLICY = 'TLS_1_2'
/** Nobody is trusted: what asks for clients' certificates stays shut when its truststore is gone. */
const NOBODY: ClientTrust = { authorities: '', revocationLists: [], version: 'none' }

export function touchesTls(changes: readonly Change[]): boolean {
  return changes.some(({ key }) => KINDS.includes(key.kind))
}

/** Whether the stages that are not in both lists show other certificates to origins. Most writes change few stages or none. */
export function showsOthers(
  before: readonly HttpApiStage[],
  after: readonly HttpApiStage[],
): boolean {
  if (before === after) return false
  const old = certificatesShownBy(withoutThese(before, after))
  const now = certificatesShownBy(withoutThese(after, before))
  return old.size !== now.size || [...now.keys()].some((key) => !old.has(key))
}

function withoutThese(
  stages: readonly HttpApiStage[],
  others: readonly HttpApiStage[],
): readonly HttpApiStage[] {
  const same = new Set(others)
  return stages.filter((stage) => !same.has(stage))
}

/** A domain name that is made, or given another certificate. Throws BadRequestException. */
export async function refuseUnservable(
  reader: Reader,
  changes: readonly Change[],
  now: Date,
): Promise<void> {
  for (const { scope, key, before, after } of changes) {
    const arn = key.kind === DOMAIN_NAME ? arnIn(after) : undefined
    if (arn === undefined || arn === arnIn(before)) continue
    await requireServable({ records: reader.in(scope), now }, arn, key.id)
  }
}

function arnIn(domain: Body | undefined): string | undefined {
  return (domain as DomainNameRecord | undefined)?.DomainNameConfigurations?.[0]?.CertificateArn
}

/** `stages`: that are served with it. */
export async function tlsDocumentOf(
  reader: Reader,
  parts: TlsDocumentParts,
  stages: Iterable<HttpApiStage>,
): Promise<TlsDocument> {
  const domains = await reader.everywhere<DomainNameRecord>(DOMAIN_NAME)
  const hosts: TlsHost[] = []
  const seen = new Set<string>()
  for (const domain of domains) {
    // A name belongs to whoever had it first, as in the document of domain names.
    if (seen.has(domain.id)) continue
    seen.add(domain.id)
    const host = await hostOf(reader, parts, domain)
    if (host !== undefined) hosts.push(host)
  }
  const shown = certificatesShownBy(stages)
  const clientCertificates = await clientPairsOf(reader, parts.openSealer, shown)
  return { revision: 0, hosts, clientCertificates }
}

async function hostOf(
  reader: Reader,
  parts: TlsDocumentParts,
  domain: Domain,
): Promise<TlsHost | undefined> {
  const name = domain.id.toLowerCase()
  const shown = await shownPair(reader, parts, domain)
  if (shown === undefined) return undefined
  const [configuration] = domain.body.DomainNameConfigurations ?? []
  return {
    ...shown,
    serverNames: [name],
    securityPolicy: configuration?.SecurityPolicy ?? DEFAULT_POLICY,
    ...(await clientTrustOf(reader, domain)),
  }
}

/** Certificate and key, with what is known of its revocation. */
async function shownPair(
  reader: Reader,
  { openSealer, localPair }: TlsDocumentParts,
  { scope, id: name, body }: Domain,
): Promise<(TlsPair & { readonly ocspResponse?: string }) | undefined> {
  const arn = arnIn(body)
  if (arn === undefined) return isLocalName(name) ? localPair(name) : undefined
  const records = reader.in(scope)
  const key = { kind: CERTIFICATE, parent: '', id: arn.split('/').at(-1)! }
  const issued = (await records.get<CertificateRecord>(key))?.body.issued
  if (issued === undefined) return undefined
  const ocsp = await records.get<OcspResponseRecord>({ ...key, kind: OCSP_RESPONSE })
  return {
    ...servingPair(await openSealer(), arn, issued),
    ...(ocsp?.body.of === markOf(issued.certificate) && { ocspResponse: ocsp.body.response }),
  }
}

async function clientTrustOf(
  reader: Reader,
  { scope, id, body }: Domain,
): Promise<{ readonly clientTrust?: ClientTrust }> {
  if (body.MutualTlsAuthentication === undefined) return {}
  const found = await reader.in(scope).get<ClientTrust>({ kind: TRUSTSTORE, parent: '', id })
  return { clientTrust: found?.body ?? NOBODY }
}
