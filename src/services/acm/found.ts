/** Finding certificates, and what uses them. Errors are ACM's. */

import { ServiceError } from '../../aws/service-error.ts'
import {
  CERTIFICATE,
  type CertificateRecord,
  certificateKey,
} from '../../certificates/certificate-record.ts'
import type { Records } from '../../storage/store.ts'
import type { DomainNameRecord } from '../apigatewayv2/records.ts'

/** Throws InvalidArnException, ResourceNotFoundException. */
export async function requireCertificate(
  records: Records,
  arn: string,
): Promise<CertificateRecord> {
  const { accountId, region } = records.scope
  const found = await records.get<CertificateRecord>(certificateKey(arn))
  if (found?.body.CertificateArn === arn) return found.body
  if (!/^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn)) {
    throw new ServiceError('InvalidArnException', `${arn} is not the ARN of a certificate.`)
  }
  throw new ServiceError(
    'ResourceNotFoundException',
    `Could not find certificate ${arn}. (Account ${accountId}, region ${region}.)`,
  )
}

export async function allCertificates(records: Records): Promise<readonly CertificateRecord[]> {
  const { records: found } = await records.list<CertificateRecord>(CERTIFICATE, '')
  return found.map(({ body }) => body)
}

/** Domain names by the ARN of the certificate that they show. */
export async function domainNamesByCertificate(
  records: Records,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, string[]>()
  const domains = await records.list<DomainNameRecord>('domain-name', '')
  for (const { body } of domains.records) {
    for (const { CertificateArn = '' } of body.DomainNameConfigurations ?? []) {
      const names = users.get(CertificateArn)
      if (names === undefined) users.set(CertificateArn, [body.DomainName!])
      else names.push(body.DomainName!)
    }
  }
  return users
}

/** ARN of a domain name. */
export function domainNameArn(region: string, domainName: string): string {
  return `arn:aws:apigateway:${region}::/domainnames/${domainName}`
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message)
}
