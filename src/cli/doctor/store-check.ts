/** What stands in the store: certificates that are good and stay so, and domain names that have one. */

import { existsSync } from 'node:fs'
import path from 'node:path'
import { ServiceError } from '../../aws/service-error.ts'
import { messageOf } from '../../base/message-of.ts'
import { CertificateProblem } from '../../certificates/certificate-problem.ts'
import { CERTIFICATE, type CertificateRecord } from '../../certificates/certificate-record.ts'
import { checkCertificate } from '../../certificates/check-chain.ts'
import { isLocalName } from '../../certificates/server-names.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import { SESSION_KEY } from '../../identity/session-key.ts'
import { installationSecret } from '../../server/installation-secret.ts'
import type { Settings } from '../../server/settings/settings.ts'
import { requireServable, servingPair } from '../../services/acm/serving-pair.ts'
import type { DomainNameRecord } from '../../services/apigatewayv2/records.ts'
import { openSqliteReader, type SqliteReader } from '../../storage/sqlite/sqlite-reader.ts'
import type { StoredRecord } from '../../storage/store.ts'
import { StoreUnusable } from '../../storage/store-unusable.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

export interface StoreCheck {
  readonly settings: Pick<Settings, 'data' | 'installationKeyFile'>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: Date
}

const DAY_MS = 86_400_000
/** Whoever has to act by hand needs time for it. */
const IMPORT_DAYS = 30
/** By then it should long have been renewed. */
const RENEWAL_DAYS = 14
const SUBJECT = 'store'

export async function checkStore(check: StoreCheck): Promise<readonly Finding[]> {
  const folder = check.settings.data
  if (!existsSync(path.join(folder, 'postern.db'))) {
    return [ok(SUBJECT, 'there is none yet: the first start makes it')]
  }
  try {
    const store = await openSqliteReader(folder)
    try {
      return [ok(SUBJECT, 'can be read'), ...(await checkContent(store, check))]
    } finally {
      await store.close()
    }
  } catch (thrown) {
    const mend = thrown instanceof StoreUnusable ? thrown.mend : 'Restore it from a backup.'
    return [problem(SUBJECT, `cannot be read: ${messageOf(thrown)}`, mend)]
  }
}

async function checkContent(store: SqliteReader, check: StoreCheck): Promise<Finding[]> {
  const [certificates, domains, sessionKeys] = await store.read(async (reader) => [
    await reader.everywhere<CertificateRecord>(CERTIFICATE),
    await reader.everywhere<DomainNameRecord>('domain-name'),
    await reader.everywhere(SESSION_KEY),
  ])
  const findings: Finding[] = []
  // Without either nothing is sealed yet, and looking must not make a key.
  const isSealed = sessionKeys.length > 0 || certificates.some(({ body }) => body.issued)
  const sealer = isSealed ? await openKey(store, check, findings) : undefined
  for (const { body } of certificates) findings.push(checkOne(body, sealer, check.now))
  for (const domain of domains) {
    findings.push(await checkDomain(store, domain, check.now), ...truststoreFindings(domain))
  }
  return findings
}

async function openKey(
  store: SqliteReader,
  { settings, environment }: StoreCheck,
  findings: Finding[],
): Promise<Sealer | undefined> {
  try {
    const sealer = await installationSecret({ settings, environment, store })()
    findings.push(ok('installation key', 'can be read'))
    return sealer
  } catch (thrown) {
    const { message, mend = '' } = thrown as { message: string; mend?: string }
    findings.push(problem('installation key', message, mend))
    return undefined
  }
}

function checkOne(record: CertificateRecord, sealer: Sealer | undefined, now: Date): Finding {
  const { CertificateArn: arn, DomainName, issued, failure, renewal } = record
  const subject = `certificate of ${DomainName}`
  if (issued === undefined) {
    const why = failure === undefined ? '' : `: ${failure.message}`
    const mend = 'Let it be issued by ACME, or delete it and import one.'
    return warning(subject, `${arn} is ${record.Status}${why}`, mend)
  }
  const days = Math.floor((Date.parse(issued.notAfter) - now.getTime()) / DAY_MS)
  const flaw = sealer === undefined ? undefined : flawOf(record, sealer, now)
  if (flaw !== undefined) return problem(subject, flaw.message, flaw.mend)
  const byHand = record.issuer === 'import'
  if (days >= (byHand ? IMPORT_DAYS : RENEWAL_DAYS)) return ok(subject, `good for ${days} days`)
  const why = renewal?.message === undefined ? '' : ` (${renewal.message})`
  const mend = byHand
    ? `Import its successor: aws acm import-certificate --certificate-arn ${arn} …`
    : 'It should have been renewed by now: read the log.'
  return warning(subject, `expires in ${days} days${why}`, mend)
}

/** Everything that an import is checked for, and whether the key opens. */
function flawOf(
  { CertificateArn: arn, issued }: CertificateRecord,
  sealer: Sealer,
  now: Date,
): { readonly message: string; readonly mend: string } | undefined {
  try {
    const { privateKey } = servingPair(sealer, arn, issued!)
    checkCertificate({ ...issued!, privateKey }, now)
    return undefined
  } catch (thrown) {
    if (thrown instanceof CertificateProblem) {
      return { message: `${thrown.place}: ${thrown.message}`, mend: `${thrown.mend} (${arn})` }
    }
    return { message: messageOf(thrown), mend: 'Put back the key that belongs to this store.' }
  }
}

async function checkDomain(
  store: SqliteReader,
  { scope, id, body }: StoredRecord<DomainNameRecord>,
  now: Date,
): Promise<Finding> {
  const subject = `domain name ${id}`
  const arn = body.DomainNameConfigurations?.[0]?.CertificateArn ?? ''
  if (arn === '' && isLocalName(id)) return ok(subject, 'has a certificate of the local authority')
  try {
    await store.read((reader) => requireServable({ records: reader.in(scope), now }, arn, id))
    return ok(subject, 'has a certificate that covers it')
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown
    const mend = `aws apigatewayv2 update-domain-name --domain-name ${id} gives it another.`
    return problem(subject, thrown.message.replace(/\.$/, ''), mend)
  }
}

/** What the program has said when it last read the truststore of a domain name. */
function truststoreFindings({ id, body }: StoredRecord<DomainNameRecord>): Finding[] {
  const { TruststoreUri: uri, TruststoreWarnings: warnings = [] } =
    body.MutualTlsAuthentication ?? {}
  if (uri === undefined) return []
  const subject = `truststore of ${id}`
  if (warnings.length === 0) return [ok(subject, `${uri} is in force as it was last read`)]
  const mend = `Mend ${uri}: it is read again by itself, or with aws apigatewayv2 update-domain-name.`
  return warnings.map((message) => warning(subject, message, mend))
}
