/**
 * Certificates that are there: showing, deleting, exporting, renewing them.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_Operations.html
 */

import { createPrivateKey } from 'node:crypto'
import type {
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  ExportCertificateRequest,
  ExportCertificateResponse,
  GetCertificateRequest,
  GetCertificateResponse,
  RenewCertificateRequest,
} from '@aws-sdk/client-acm'
import { ServiceError } from '../../aws/service-error.ts'
import {
  type CertificateRecord,
  certificateKey,
  type IssuedCertificate,
} from '../../certificates/certificate-record.ts'
import { OCSP_RESPONSE } from '../../certificates/tls-records.ts'
import { decide, type ReadContext, read, type WriteContext, write } from '../service.ts'
import { type AcmParts, issueNow } from './acm-parts.ts'
import { certificateUsers } from './certificate-users.ts'
import { detailOf } from './certificate-view.ts'
import { invalid, requireCertificate } from './found.ts'
import { servingPair } from './serving-pair.ts'

/** As ACM wants it; the longer, the better. */
const PASSPHRASE = /^[\x20-\x7e]{4,128}$/

export function certificateOperations(parts: AcmParts) {
  return {
    DescribeCertificate: read<DescribeCertificateRequest, object>(async (request, context) => {
      const { records, now } = context
      const record = await requireCertificate(records, request.CertificateArn!)
      const usedBy = await usersOf(context, record)
      return { Certificate: detailOf(record, { now, usedBy }) }
    }),

    GetCertificate: read<GetCertificateRequest, GetCertificateResponse>(
      async (request, { records }) => {
        const record = await requireCertificate(records, request.CertificateArn!)
        const { certificate, chain } = requireIssued(record)
        return { Certificate: certificate, ...(chain === '' ? {} : { CertificateChain: chain }) }
      },
    ),

    DeleteCertificate: write<DeleteCertificateRequest, object>(async (request, context) => {
      const { records } = context
      const record = await requireCertificate(records, request.CertificateArn!)
      const users = await usersOf(context, record)
      if (users.length > 0) {
        throw new ServiceError(
          'ResourceInUseException',
          `Certificate ${record.CertificateArn} is in use by ${users.join(', ')}. Give these another first.`,
        )
      }
      const key = certificateKey(record.CertificateArn)
      await records.delete(key)
      await records.delete({ ...key, kind: OCSP_RESPONSE })
      return {}
    }),

    ExportCertificate: exportOperation(parts),
    RenewCertificate: renewOperation(parts),
  }
}

/** Writes that it has been done, so that no key that may only read gets a private key. */
function exportOperation({ openSealer }: AcmParts) {
  return decide<ExportCertificateRequest, ExportCertificateResponse>(async (request, context) => {
    const passphrase = Buffer.from(request.Passphrase ?? []).toString('latin1')
    if (!PASSPHRASE.test(passphrase)) {
      throw invalid('Passphrase: 4 to 128 printable characters of ASCII are needed.')
    }
    const arn = request.CertificateArn!
    const record = await context.read(({ records }) => requireCertificate(records, arn))
    refuseExport(record)
    const issued = requireIssued(record)
    const { privateKey } = servingPair(await openSealer(), arn, issued)
    const answer = {
      Certificate: issued.certificate,
      CertificateChain: issued.chain,
      PrivateKey: encrypted(privateKey, passphrase),
    }
    return {
      commit: async ({ records }) => {
        const now = await requireCertificate(records, arn)
        await records.put(certificateKey(arn), { ...now, exported: true })
        return answer
      },
    }
  })
}

function refuseExport({ CertificateArn: arn, Type, Options }: CertificateRecord): void {
  if (Type === 'PRIVATE' || Options?.Export === 'ENABLED') return
  const why =
    Type === 'IMPORTED'
      ? 'imported certificates stay where they are'
      : 'it was asked for without Options.Export ENABLED'
  throw invalid(`Certificate ${arn} is not exportable: ${why}.`)
}

function encrypted(privateKey: string, passphrase: string): string {
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
  return createPrivateKey(privateKey).export(cipher).toString()
}

function renewOperation(parts: AcmParts) {
  return decide<RenewCertificateRequest, object>(async (request, context) => {
    const arn = request.CertificateArn!
    const record = await context.read(({ records }) => requireCertificate(records, arn))
    requireIssued(record)
    if (record.issuer === 'import') {
      throw invalid(`Certificate ${arn} has been imported: it is renewed by importing it again.`)
    }
    if (record.issuer === 'acme') return { commit: (writing) => askForRenewal(writing, arn) }
    const issue = await issueNow(parts, record, context)
    return {
      commit: async (writing) => {
        await issue(writing, arn)
        return {}
      },
    }
  })
}

/** Whoever talks to the authority sees it, and does it. */
async function askForRenewal(
  { records, now }: Pick<WriteContext, 'records' | 'now'>,
  arn: string,
): Promise<object> {
  const record = await requireCertificate(records, arn)
  const renewal = { status: 'PENDING_AUTO_RENEWAL', updatedAt: now.toISOString() } as const
  await records.put(certificateKey(arn), { ...record, renewal })
  return {}
}

function requireIssued({ CertificateArn, Status, issued }: CertificateRecord): IssuedCertificate {
  if (issued !== undefined) return issued
  throw new ServiceError(
    'RequestInProgressException',
    `Certificate ${CertificateArn} is ${Status}: it has not been issued.`,
  )
}

async function usersOf(
  context: ReadContext,
  { CertificateArn }: CertificateRecord,
): Promise<readonly string[]> {
  return [...((await certificateUsers(context)).get(CertificateArn) ?? [])]
}
