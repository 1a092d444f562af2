/**
 * From a certificate's record to what a listener serves; and whether a domain name may have it.
 *
 * The pair holds the private key in the open: it goes into the `tls` document and nowhere else.
 */

import { ServiceError } from '../../aws/service-error.ts'
import {
  type CertificateRecord,
  certificateKey,
  type IssuedCertificate,
} from '../../certificates/certificate-record.ts'
import { pemOfBlock } from '../../certificates/pem-blocks.ts'
import { coversName } from '../../certificates/server-names.ts'
import { sealPlaceOf } from '../../certificates/tls-records.ts'
import type { TlsPair } from '../../domain/tls.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import type { ReadContext } from '../service.ts'

/** Throws when the installation key is not that of the store. */
export function servingPair(sealer: Sealer, arn: string, issued: IssuedCertificate): TlsPair {
  const key = sealer.open(sealPlaceOf(arn), issued.sealedKey)
  if (key === undefined) {
    throw new Error(`The installation key does not open the key of ${arn}: is it another's?`)
  }
  return {
    certificate: issued.certificate + issued.chain,
    privateKey: pemOfBlock('PRIVATE KEY', key),
  }
}

/** For a domain name that is being made or changed. Throws BadRequestException with what is missing. */
export async function requireServable(
  { records, now }: Pick<ReadContext, 'records' | 'now'>,
  arn: string,
  domainName: string,
): Promise<CertificateRecord> {
  const { accountId, region } = records.scope
  const found = await records.get<CertificateRecord>(certificateKey(arn))
  if (found?.body.CertificateArn !== arn) {
    throw refused(`Certificate ${arn} does not exist in account ${accountId}, region ${region}.`)
  }
  const { body } = found
  const { issued, Status, SubjectAlternativeNames } = body
  if (issued === undefined) {
    throw refused(`Certificate ${arn} is ${Status}: it can be used when it is ISSUED.`)
  }
  if (Date.parse(issued.notAfter) <= now.getTime()) {
    throw refused(`Certificate ${arn} has expired on ${issued.notAfter}. Import or renew it.`)
  }
  if (!coversName(SubjectAlternativeNames, domainName)) {
    const names = SubjectAlternativeNames.join(', ')
    throw refused(`Certificate ${arn} is for ${names}, which does not cover ${domainName}.`)
  }
  return body
}

function refused(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
