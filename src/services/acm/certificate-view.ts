/**
 * A certificate as ACM shows it: whole, and as a line of a list. EXPIRED follows from the time.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
 */

import type { CertificateRecord } from '../../certificates/certificate-record.ts'
import { factsOf } from './certificate-facts.ts'

export interface ViewPlace {
  readonly now: Date
  /** ARNs. */
  readonly usedBy: readonly string[]
}

const SUMMARY_NAMES_MAX = 100
const ORIGINS = { import: 'CUSTOMER_PROVIDED' } as Readonly<Record<string, string>>

export function statusOf({ Status, issued }: CertificateRecord, now: Date): string {
  const isOver = issued !== undefined && Date.parse(issued.notAfter) <= now.getTime()
  return isOver ? 'EXPIRED' : Status
}

export function detailOf(record: CertificateRecord, { now, usedBy }: ViewPlace): object {
  const { issued, CertificateAuthorityArn } = record
  return {
    ...commonOf(record, now),
    SubjectAlternativeNames: record.SubjectAlternativeNames,
    ...(issued === undefined ? {} : shownFacts(issued.certificate)),
    InUseBy: usedBy,
    ...(record.failure !== undefined &&
      record.Status === 'FAILED' && { FailureReason: record.failure.reason }),
    ...(CertificateAuthorityArn === undefined ? {} : { CertificateAuthorityArn }),
    ...validationOf(record),
    ...renewalOf(record),
    Options: record.Options ?? { CertificateTransparencyLoggingPreference: defaultLogging(record) },
  }
}

export function summaryOf(record: CertificateRecord, { now, usedBy }: ViewPlace): object {
  const { issued, SubjectAlternativeNames: names, exported } = record
  const facts = issued && factsOf(issued.certificate)
  return {
    ...commonOf(record, now),
    SubjectAlternativeNameSummaries: names.slice(0, SUMMARY_NAMES_MAX),
    HasAdditionalSubjectAlternativeNames: names.length > SUMMARY_NAMES_MAX,
    KeyUsages: facts?.KeyUsages ?? [],
    ExtendedKeyUsages: facts?.ExtendedKeyUsages.map(({ Name }) => Name) ?? [],
    InUse: usedBy.length > 0,
    Exported: exported === true,
    ExportOption: record.Options?.Export ?? 'DISABLED',
  }
}

/** Usages are structures here, and words in lists. */
function shownFacts(pem: string): object {
  const facts = factsOf(pem)
  return { ...facts, KeyUsages: facts.KeyUsages.map((Name) => ({ Name })) }
}

function commonOf(record: CertificateRecord, now: Date): object {
  const { CertificateArn, DomainName, Type, KeyAlgorithm, issued } = record
  const { CreatedAt, IssuedAt, ImportedAt } = record
  return {
    ...{ CertificateArn, DomainName, Type, KeyAlgorithm, Status: statusOf(record, now) },
    CreatedAt,
    ...(IssuedAt === undefined ? {} : { IssuedAt }),
    ...(ImportedAt === undefined ? {} : { ImportedAt }),
    ...(issued === undefined ? {} : { NotBefore: issued.notBefore, NotAfter: issued.notAfter }),
    RenewalEligibility: isRenewable(record) ? 'ELIGIBLE' : 'INELIGIBLE',
    CertificateKeyPairOrigin: ORIGINS[record.issuer] ?? 'AWS_MANAGED',
  }
}

function isRenewable({ issuer, issued }: CertificateRecord): boolean {
  return issuer !== 'import' && issued !== undefined
}

function defaultLogging({ issuer }: CertificateRecord): 'ENABLED' | 'DISABLED' {
  return issuer === 'acme' ? 'ENABLED' : 'DISABLED'
}

/** Of each name; nothing for what no authority validates. */
function validationOf(record: CertificateRecord): object {
  const { ValidationMethod, SubjectAlternativeNames, Status } = record
  if (ValidationMethod === undefined) return {}
  const ValidationStatus =
    Status === 'ISSUED' ? 'SUCCESS' : Status === 'PENDING_VALIDATION' ? Status : 'FAILED'
  return {
    DomainValidationOptions: SubjectAlternativeNames.map((DomainName) => ({
      ...{ DomainName, ValidationDomain: DomainName.replace(/^\*\./, '') },
      ...{ ValidationStatus, ValidationMethod },
    })),
  }
}

function renewalOf(record: CertificateRecord): object {
  const { renewal } = record
  if (renewal === undefined) return {}
  const { DomainValidationOptions = [] } = validationOf(record) as Record<string, unknown>
  return {
    RenewalSummary: {
      RenewalStatus: renewal.status,
      ...(renewal.status === 'FAILED' && { RenewalStatusReason: 'OTHER' }),
      DomainValidationOptions,
      UpdatedAt: renewal.updatedAt,
    },
  }
}
