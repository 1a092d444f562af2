/**
 * Asking for a certificate. Who signs it follows from the request:
 *
 * - with `CertificateAuthorityArn`, the private authority of this installation, for any name, at once;
 * - for names under `localhost`, the local authority, at once;
 * - else a public authority by ACME, and until it has answered the certificate is PENDING_VALIDATION.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
 */

import type { RequestCertificateRequest, RequestCertificateResponse } from '@aws-sdk/client-acm'
import { ServiceError } from '../../aws/service-error.ts'
import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import { isLocalName } from '../../certificates/server-names.ts'
import type { Records } from '../../storage/store.ts'
import { type DecideContext, decide, type WriteContext } from '../service.ts'
import { type AcmParts, issueNow } from './acm-parts.ts'
import { mergedTags } from './certificate-tags.ts'
import { allCertificates, invalid } from './found.ts'
import { newArn } from './import-certificate.ts'
import { requireRoom } from './room.ts'

/** As ACM remembers a token. */
const TOKEN_MS = 3_600_000
const NAME =
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** RFC 5280, upper bound of a common name. */
const COMMON_NAME_MAX = 64

export function requestOperations(parts: AcmParts) {
  const { publicRefusal } = parts
  return {
    RequestCertificate: decide<RequestCertificateRequest, RequestCertificateResponse>(
      async (request, context) => {
        const wanted = wantedOf(request, context)
        const refusal =
          wanted.issuer === 'acme' ? publicRefusal(wanted.SubjectAlternativeNames) : undefined
        if (refusal !== undefined) throw invalid(refusal)
        const before = await context.read(({ records }) => sameRequest(records, wanted, context))
        if (before !== undefined) return { answer: { CertificateArn: before } }
        const arn = newArn(context)
        const { issuer } = wanted
        const issue = issuer === 'acme' ? undefined : await issueNow(parts, wanted, context)
        return {
          commit: async (writing) => {
            await keep(writing, { ...wanted, CertificateArn: arn }, request)
            await issue?.(writing, arn)
            return { CertificateArn: arn }
          },
        }
      },
    ),
  }
}

/** The only authority for private certificates; `local`, because it is this installation's own. */
export function authorityArn({ scope }: Pick<DecideContext, 'scope'>): string {
  return `arn:aws:acm-pca:${scope.region}:${scope.accountId}:certificate-authority/local`
}

type Wanted = Omit<CertificateRecord, 'CertificateArn'>

function wantedOf(request: RequestCertificateRequest, context: DecideContext): Wanted {
  refuseWhatIsNotThere(request)
  const { IdempotencyToken, KeyAlgorithm = 'RSA_2048', Options } = request
  const names = namesOf(request, context)
  const kind = kindOf(request, names, context)
  return {
    ...kind,
    DomainName: names[0]!,
    SubjectAlternativeNames: names,
    KeyAlgorithm,
    Status: 'PENDING_VALIDATION',
    CreatedAt: context.now.toISOString(),
    Tags: [],
    ...(Options === undefined ? {} : { Options: optionsOf(Options) }),
    ...(IdempotencyToken === undefined ? {} : { IdempotencyToken }),
  }
}

function optionsOf(options: NonNullable<RequestCertificateRequest['Options']>) {
  const { CertificateTransparencyLoggingPreference: logging, Export } = options
  if (logging === 'DISABLED') {
    throw invalid('Options: certificates of public authorities are always logged for transparency.')
  }
  return {
    ...(logging && { CertificateTransparencyLoggingPreference: logging }),
    ...(Export && { Export }),
  }
}

function refuseWhatIsNotThere(request: RequestCertificateRequest): void {
  const { DomainValidationOptions, ManagedBy, KeyAlgorithm } = request
  const method = otherMethodIn(request)
  if (method !== undefined || DomainValidationOptions !== undefined) {
    const what = method === undefined ? '' : `ValidationMethod ${method} and `
    throw new ServiceError(
      'InvalidDomainValidationOptionsException',
      `Names are validated neither by records in the DNS nor by e-mail here. Leave out ${what}DomainValidationOptions: whoever ` +
        'holds a name proves it by ACME, over the ports of this gateway.',
    )
  }
  if (ManagedBy !== undefined) throw invalid(`ManagedBy: ${ManagedBy} manages nothing here.`)
  if (KeyAlgorithm === 'RSA_1024') throw invalid('KeyAlgorithm: RSA_1024 is too weak.')
}

/** One that would have somebody wait for a record or a message. A private authority validates nothing. */
function otherMethodIn(request: RequestCertificateRequest): string | undefined {
  const { ValidationMethod, Options, CertificateAuthorityArn } = request
  if (CertificateAuthorityArn !== undefined) return undefined
  return [ValidationMethod, Options?.ValidationMethod].find(
    (method) => method !== undefined && method !== 'HTTP',
  )
}

function namesOf(
  { DomainName = '', SubjectAlternativeNames = [] }: RequestCertificateRequest,
  { settings }: DecideContext,
): string[] {
  const names = [DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase())
  const bad = names.find((name) => !NAME.test(name) || name.length > 253)
  if (bad !== undefined) throw invalid(`"${bad}" is not a domain name, or a wildcard *.NAME.`)
  if (DomainName.length > COMMON_NAME_MAX) {
    throw invalid(
      `DomainName: it has more than ${COMMON_NAME_MAX} characters. Put a shorter name there, and this one into ` +
        'SubjectAlternativeNames.',
    )
  }
  const distinct = [...new Set(names)]
  const most = settings.limits.namesPerCertificate
  if (distinct.length <= most) return distinct
  throw new ServiceError('LimitExceededException', `A certificate can have at most ${most} names.`)
}

function kindOf(
  { CertificateAuthorityArn }: RequestCertificateRequest,
  names: readonly string[],
  context: DecideContext,
): Pick<Wanted, 'Type' | 'issuer' | 'ValidationMethod' | 'CertificateAuthorityArn'> {
  if (CertificateAuthorityArn !== undefined) {
    const own = authorityArn(context)
    if (CertificateAuthorityArn === own) {
      return { Type: 'PRIVATE', issuer: 'private', CertificateAuthorityArn: own }
    }
    const message = `There is no certificate authority ${CertificateAuthorityArn}; there is ${own}.`
    throw new ServiceError('InvalidArnException', message)
  }
  const local = names.filter(isLocalName)
  if (local.length === names.length) {
    return { Type: 'AMAZON_ISSUED', issuer: 'local', ValidationMethod: 'HTTP' }
  }
  if (local.length === 0) {
    const bare = names.find((name) => !name.replace('*.', '').includes('.'))
    if (bare !== undefined)
      throw invalid(`No public authority signs for "${bare}", a single label.`)
    return { Type: 'AMAZON_ISSUED', issuer: 'acme', ValidationMethod: 'HTTP' }
  }
  throw invalid(
    `${local[0]} is a name of this machine, the others are not: ask for two certificates.`,
  )
}

/** The ARN of a certificate that the same caller has asked for in the same words. */
async function sameRequest(
  records: Records,
  wanted: Wanted,
  { now }: DecideContext,
): Promise<string | undefined> {
  const { IdempotencyToken: token, SubjectAlternativeNames: names } = wanted
  if (token === undefined) return undefined
  const since = now.getTime() - TOKEN_MS
  const same = (await allCertificates(records)).find(
    (record) =>
      record.IdempotencyToken === token &&
      Date.parse(record.CreatedAt) >= since &&
      record.issuer === wanted.issuer &&
      record.SubjectAlternativeNames.join() === names.join(),
  )
  return same?.CertificateArn
}

async function keep(
  context: WriteContext,
  record: CertificateRecord,
  { Tags = [] }: RequestCertificateRequest,
): Promise<void> {
  await requireRoom(context)
  const tagged = { ...record, Tags: mergedTags(context, [], Tags) }
  await context.records.put(certificateKey(record.CertificateArn), tagged)
}
