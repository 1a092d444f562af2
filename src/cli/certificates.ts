/** `postern certificates`: which certificates there are, when each expires, and whether something is served with it. */

import type { CertificateSummary } from '@aws-sdk/client-acm'
import { systemClock } from '../base/clock.ts'
import { type CommandInput, printJson, printLines } from './command.ts'
import { connect } from './control-client.ts'
import { printable, renderTable } from './text-table.ts'

const DAY_MS = 86_400_000
/** ACM shows RSA alone, unless it is asked for more. */
const keyTypes = [
  ...(['RSA_1024', 'RSA_2048', 'RSA_3072', 'RSA_4096'] as const),
  ...(['EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1'] as const),
]
const HEADING = ['NAME', 'TYPE', 'STATUS', 'DAYS', 'EXPIRES', 'IN USE', 'ARN']

export async function certificates({ settings, terminal }: CommandInput): Promise<number> {
  const client = await connect(settings, terminal.environment)
  const found: CertificateSummary[] = []
  let NextToken: string | undefined
  do {
    const page = await client.acm('ListCertificates', {
      Includes: { keyTypes },
      ...(NextToken === undefined ? {} : { NextToken }),
    })
    found.push(...(page.CertificateSummaryList ?? []))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  if (settings.json) printJson(terminal, { certificates: found })
  else if (found.length === 0) printLines(terminal, ['There is no certificate.'])
  else printLines(terminal, renderTable(HEADING, found.map(rowOf)))
  return 0
}

function rowOf(certificate: CertificateSummary): string[] {
  const { DomainName = '', SubjectAlternativeNameSummaries: names = [], Type = '' } = certificate
  const { NotAfter, CertificateArn = '', InUse, Status = '' } = certificate
  const more = names.length > 1 ? ` and ${names.length - 1} more` : ''
  const days =
    NotAfter === undefined
      ? '-'
      : String(Math.floor((NotAfter.getTime() - systemClock.epochMs()) / DAY_MS))
  const expires = NotAfter === undefined ? '-' : NotAfter.toISOString().slice(0, 10)
  const cells = [DomainName + more, Type, Status, days, expires, InUse ? 'yes' : 'no']
  return [...cells, CertificateArn].map(printable)
}
