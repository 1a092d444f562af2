/**
 * Importing a certificate, for the first time or again under its ARN.
 *
 * What is imported again is live in every worker when the call returns; its domain names are not touched.
 * https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
 */

import { randomUUID } from 'node:crypto'
import type { ImportCertificateRequest, ImportCertificateResponse } from '@aws-sdk/client-acm'
import { ServiceError } from '../../aws/service-error.ts'
import { CertificateProblem } from '../../certificates/certificate-problem.ts'
import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import { type CheckedCertificate, checkCertificate } from '../../certificates/check-chain.ts'
import { sealedCertificate } from '../../certificates/complete-certificate.ts'
import { coversName } from '../../certificates/server-names.ts'
import { type DecideContext, decide, type WriteContext } from '../service.ts'
import type { AcmParts } from './acm-parts.ts'
import { mergedTags } from './certificate-tags.ts'
import { domainNamesByCertificate, invalid, requireCertificate } from './found.ts'
import { requireRoom } from './room.ts'

export function importOperations({ openSealer }: AcmParts) {
  return {
    ImportCertificate: decide<ImportCertificateRequest, ImportCertificateResponse>(
      async (request, context) => {
        const { CertificateArn: again, Tags = [] } = request
        const checked = checkBrought(request, context.now)
        if (again !== undefined && Tags.length > 0) {
          throw invalid('Tags cannot be given when a certificate is imported again.')
        }
        const arn = again ?? newArn(context)
        const issued = await sealedCertificate(openSealer, arn, checked)
        const parts = { CertificateArn: arn, issued, ...factsOf(checked, context.now) }
        return {
          commit: async (writing) => {
            const before =
              again === undefined
                ? await fresh(writing, request)
                : await replaceable(writing, again, checked)
            await writing.records.put(certificateKey(arn), { ...before, ...parts })
            return { CertificateArn: arn }
          },
        }
      },
    ),
  }
}

export function newArn({ scope }: Pick<DecideContext, 'scope'>): string {
  return `arn:aws:acm:${scope.region}:${scope.accountId}:certificate/${randomUUID()}`
}

function factsOf({ names, keyAlgorithm }: CheckedCertificate, now: Date) {
  return {
    DomainName: names[0]!,
    SubjectAlternativeNames: names,
    KeyAlgorithm: keyAlgorithm,
    ImportedAt: now.toISOString(),
  }
}

function checkBrought(request: ImportCertificateRequest, now: Date): CheckedCertificate {
  const { Certificate, CertificateChain, PrivateKey } = request
  const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1')
  try {
    const brought = { certificate: textOf(Certificate), chain: textOf(CertificateChain) }
    return checkCertificate({ ...brought, privateKey: textOf(PrivateKey) }, now)
  } catch (thrown) {
    if (thrown instanceof CertificateProblem) throw invalid(thrown.told)
    throw thrown
  }
}

async function fresh(context: WriteContext, { Tags = [] }: ImportCertificateRequest) {
  await requireRoom(context)
  return {
    Type: 'IMPORTED',
    issuer: 'import',
    Status: 'ISSUED',
    CreatedAt: context.now.toISOString(),
    Tags: mergedTags(context, [], Tags),
  } as const
}

/** Throws when the new one is not a successor of what is there. */
async function replaceable(
  { records }: WriteContext,
  arn: string,
  { names, keyAlgorithm }: CheckedCertificate,
): Promise<CertificateRecord> {
  const before = await requireCertificate(records, arn)
  if (before.Type !== 'IMPORTED') {
    throw new ServiceError(
      'InvalidArnException',
      `${arn} has not been imported: it is ${before.Type}, and is renewed by its authority.`,
    )
  }
  if (before.KeyAlgorithm !== keyAlgorithm) {
    throw invalid(
      `Certificate: its key is ${keyAlgorithm}, and the one before has ${before.KeyAlgorithm}. Key type and size stay ` +
        'when a certificate is imported again; import this one as another.',
    )
  }
  if (!names.some((name) => before.SubjectAlternativeNames.includes(name))) {
    throw invalid('Certificate: it has none of the names of the one before.')
  }
  const served = (await domainNamesByCertificate(records)).get(arn) ?? []
  const lost = served.find((name) => !coversName(names, name))
  if (lost === undefined) return before
  throw invalid(`Certificate: it does not cover ${lost}, whose domain name is served with it.`)
}
