/** Certificates that the gateway shows to origins: those that integrations of served stages name, and no other key. */

import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import {
  CLIENT_CERTIFICATE,
  type ClientCertificateRecord,
  clientKeyPlace,
} from '../../certificates/client-certificate-record.ts'
import { pemOfBlock } from '../../certificates/pem-blocks.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import { clientCertificateKey, type TlsDocument, type TlsPair } from '../../domain/tls.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import type { Reader, Scope } from '../../storage/store.ts'
import { servingPair } from './serving-pair.ts'

/** Which client certificate a stage shows. */
export interface ShownCertificate {
  readonly scope: Scope
  /** Of a generated one, or the ARN of one of ACM's. */
  readonly id: string
}

/** By `clientCertificateKey`, whatever these stages name, whether it is there or not. */
export function certificatesShownBy(
  stages: Iterable<HttpApiStage>,
): ReadonlyMap<string, ShownCertificate> {
  const shown = new Map<string, ShownCertificate>()
  for (const { accountId, region, integrations } of stages) {
    for (const { tlsConfig } of Object.values(integrations)) {
      const id = tlsConfig?.clientCertificateId
      if (id === undefined) continue
      shown.set(clientCertificateKey(accountId, region, id), { scope: { accountId, region }, id })
    }
  }
  return shown
}

/** Throws when the installation key is not that of the store. */
export async function clientPairsOf(
  reader: Reader,
  openSealer: OpenSealer,
  shown: ReadonlyMap<string, ShownCertificate>,
): Promise<TlsDocument['clientCertificates']> {
  const pairs: Record<string, TlsPair> = {}
  for (const [key, certificate] of shown) {
    const pair = await pairOf(reader, openSealer, certificate)
    if (pair !== undefined) pairs[key] = pair
  }
  return pairs
}

/** Undefined: it is not there, or has not been issued. */
async function pairOf(
  reader: Reader,
  openSealer: OpenSealer,
  { scope, id }: ShownCertificate,
): Promise<TlsPair | undefined> {
  const records = reader.in(scope)
  if (!id.startsWith('arn:')) {
    const key = { kind: CLIENT_CERTIFICATE, parent: '', id }
    const found = await records.get<ClientCertificateRecord>(key)
    return found && generatedPair(await openSealer(), { scope, id, body: found.body })
  }
  const body = (await records.get<CertificateRecord>(certificateKey(id)))?.body
  if (body?.issued === undefined || body.CertificateArn !== id) return undefined
  return servingPair(await openSealer(), id, body.issued)
}

function generatedPair(
  sealer: Sealer,
  { scope, id, body }: ShownCertificate & { readonly body: ClientCertificateRecord },
): TlsPair {
  const key = sealer.open(clientKeyPlace(scope, id), body.sealedKey)
  if (key === undefined) {
    throw new Error(`The installation key does not open the client certificate ${id}`)
  }
  return { certificate: body.pemEncodedCertificate, privateKey: pemOfBlock('PRIVATE KEY', key) }
}
