/** Every certificate that the gateway may show to origins: generated ones, and those of ACM that have been issued. */

import { CERTIFICATE, type CertificateRecord } from '../../certificates/certificate-record.ts'
import {
  CLIENT_CERTIFICATE,
  type ClientCertificateRecord,
  clientKeyPlace,
} from '../../certificates/client-certificate-record.ts'
import { pemOfBlock } from '../../certificates/pem-blocks.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import { clientCertificateKey, type TlsDocument, type TlsPair } from '../../domain/tls.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import type { Reader, StoredRecord } from '../../storage/store.ts'
import { servingPair } from './serving-pair.ts'

/** Throws when the installation key is not that of the store. */
export async function clientPairsOf(
  reader: Reader,
  openSealer: OpenSealer,
): Promise<TlsDocument['clientCertificates']> {
  const pairs: Record<string, TlsPair> = {}
  for (const record of await reader.everywhere<ClientCertificateRecord>(CLIENT_CERTIFICATE)) {
    const { accountId, region } = record.scope
    const key = clientCertificateKey(accountId, region, record.id)
    pairs[key] = generatedPair(await openSealer(), record)
  }
  for (const { scope, body } of await reader.everywhere<CertificateRecord>(CERTIFICATE)) {
    if (body.issued === undefined) continue
    const key = clientCertificateKey(scope.accountId, scope.region, body.CertificateArn)
    pairs[key] = servingPair(await openSealer(), body.CertificateArn, body.issued)
  }
  return pairs
}

function generatedPair(
  sealer: Sealer,
  { scope, id, body }: StoredRecord<ClientCertificateRecord>,
): TlsPair {
  const key = sealer.open(clientKeyPlace(scope, id), body.sealedKey)
  if (key === undefined) {
    throw new Error(`The installation key does not open the client certificate ${id}`)
  }
  return { certificate: body.pemEncodedCertificate, privateKey: pemOfBlock('PRIVATE KEY', key) }
}
