/**
 * The list of certificates: filters, order, pages. As on AWS it shows RSA certificates of 1024 and 2048 bits unless
 * `Includes.keyTypes` asks for others.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
 */

import type { ListCertificatesRequest } from '@aws-sdk/client-acm'
import type { CertificateRecord } from '../../certificates/certificate-record.ts'
import { read } from '../service.ts'
import { certificateUsers } from './certificate-users.ts'
import { statusOf, summaryOf } from './certificate-view.ts'
import { allCertificates, invalid } from './found.ts'

const PAGE = 1_000
const KEY_TYPES = ['RSA_1024', 'RSA_2048']

type Filters = NonNullable<ListCertificatesRequest['Includes']>

export const listOperations = {
  ListCertificates: read<ListCertificatesRequest, object>(async (request, context) => {
    const { records, now } = context
    const { SortBy, SortOrder, MaxItems = PAGE, NextToken } = request
    if ((SortBy === undefined) !== (SortOrder === undefined)) {
      throw invalid('SortBy and SortOrder are given together, or neither.')
    }
    const isWanted = filterOf(request, now)
    const found = (await allCertificates(records)).filter(isWanted).toSorted(byPosition)
    const ordered = SortOrder === 'DESCENDING' ? found.reverse() : found
    const start = NextToken === undefined ? 0 : startAfter(ordered, NextToken, SortOrder)
    const page = ordered.slice(start, start + MaxItems)
    const users = await certificateUsers(context)
    const isLast = start + page.length >= ordered.length
    return {
      CertificateSummaryList: page.map((record) => {
        const usedBy = [...(users.get(record.CertificateArn) ?? [])]
        return summaryOf(record, { now, usedBy })
      }),
      ...(isLast ? {} : { NextToken: tokenOf(page.at(-1)!) }),
    }
  }),
}

function filterOf(
  {
    CertificateStatuses: statuses,
    CertificateKeyPairOrigins: origins,
    Includes,
  }: ListCertificatesRequest,
  now: Date,
): (record: CertificateRecord) => boolean {
  const keyTypes: readonly string[] = Includes?.keyTypes ?? KEY_TYPES
  return (record) => {
    if (!keyTypes.includes(record.KeyAlgorithm)) return false
    if (statuses !== undefined && !statuses.some((each) => each === statusOf(record, now))) {
      return false
    }
    const origin = record.issuer === 'import' ? 'CUSTOMER_PROVIDED' : 'AWS_MANAGED'
    if (origins !== undefined && !origins.includes(origin)) return false
    return includes(record, Includes ?? {}, now)
  }
}

function includes(record: CertificateRecord, filters: Filters, now: Date): boolean {
  const { exportOption, keyUsage, extendedKeyUsage, managedBy } = filters
  if (managedBy !== undefined) return false
  if (exportOption !== undefined && exportOption !== (record.Options?.Export ?? 'DISABLED')) {
    return false
  }
  if (keyUsage === undefined && extendedKeyUsage === undefined) return true
  const shown = summaryOf(record, { now, usedBy: [] }) as Record<string, string[]>
  const has = (wanted: readonly string[] | undefined, there: readonly string[] = []) =>
    wanted === undefined || wanted.some((each) => there.includes(each))
  return has(keyUsage, shown['KeyUsages']) && has(extendedKeyUsage, shown['ExtendedKeyUsages'])
}

/** By the time of making, and by ARN among those of one moment. */
function positionOf({ CreatedAt, CertificateArn }: CertificateRecord): string {
  return `${CreatedAt} ${CertificateArn}`
}

function byPosition(a: CertificateRecord, b: CertificateRecord): number {
  return positionOf(a) < positionOf(b) ? -1 : 1
}

function tokenOf(record: CertificateRecord): string {
  return Buffer.from(positionOf(record)).toString('base64url')
}

/** Good when that certificate is gone, too. */
function startAfter(
  ordered: readonly CertificateRecord[],
  token: string,
  order: string | undefined,
): number {
  const position = Buffer.from(token, 'base64url').toString()
  if (!/^\d{4}-\S+ arn:aws:acm:\S+$/.test(position)) throw invalid('NextToken: it is not one.')
  const isAfter = (record: CertificateRecord) =>
    order === 'DESCENDING' ? positionOf(record) < position : positionOf(record) > position
  const start = ordered.findIndex(isAfter)
  return start < 0 ? ordered.length : start
}
