/**
 * What goes on for certificates while nobody calls: their days are counted for the metrics, those of this installation's
 * own authorities are renewed when a third of their life is left, and who has to be renewed by hand is said in time.
 */

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import { CertificateExpiry, daysLeft, type Expiry } from '../../certificates/expiry.ts'
import { readIfThere, replaceFile } from '../../certificates/pair-file.ts'
import {
  AUTHORITY,
  AUTHORITY_KEY,
  type AuthorityRecord,
} from '../../certificates/private-authority.ts'
import type { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import type { SigningParts } from '../../services/acm/acm-parts.ts'
import { INSTALLATION, type Store } from '../../storage/store.ts'
import type { ProgramLog } from '../program-log.ts'
import type { StoredApis } from '../stored-apis.ts'
import { certificateParts } from './certificate-parts.ts'
import type { RenewalApis } from './certificate-renewal.ts'

export interface CertificateWorkParts {
  /** The data folder. */
  readonly folder: string
  readonly apis: RenewalApis & Pick<StoredApis, 'openSealer'>
  readonly registry: Pick<MetricsRegistry, 'useCertificates'>
  readonly clock: Clock
  readonly log: ProgramLog
}

/** File in `certificates/` of the data folder that makes clients trust the private authority. */
export const PRIVATE_CA_FILE = 'private-ca.pem'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** From so many days on it is said once a day. */
const WARNING_DAYS = 21

/** Returns how to end it. */
export async function startCertificateWork(parts: CertificateWorkParts): Promise<() => void> {
  const { folder, apis, registry, clock } = parts
  const expiry = await CertificateExpiry.open(apis.store)
  registry.useCertificates(() => figuresOf(expiry, clock.epochMs()))
  const stopShowing = await showAuthority(folder, apis.store)
  const work = new CertificateWork(parts, expiry)
  const timer = setInterval(() => void work.run(), HOUR_MS).unref()
  void work.run()
  return () => {
    clearInterval(timer)
    work.end()
    stopShowing()
    expiry.close()
  }
}

/** One round at a time; exported for the test, which has no hour to wait. */
export class CertificateWork {
  readonly #parts: CertificateWorkParts
  readonly #expiry: CertificateExpiry
  readonly #warned = new Map<string, number>()
  #signing: SigningParts | undefined
  #isRunning = false
  #isOver = false

  constructor(parts: CertificateWorkParts, expiry: CertificateExpiry) {
    this.#parts = parts
    this.#expiry = expiry
  }

  /** Never rejects. */
  async run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    const nowMs = this.#parts.clock.epochMs()
    for (const due of this.#expiry.due(nowMs)) {
      if (!this.#isOver) await this.#renew(due)
    }
    for (const each of this.#expiry.all()) this.#warn(each, nowMs)
    this.#isRunning = false
  }

  end(): void {
    this.#isOver = true
  }

  async #renew(due: Expiry): Promise<void> {
    const { folder, apis, clock, log } = this.#parts
    this.#signing ??= certificateParts(folder, apis.openSealer, clock)
    try {
      const { renewCertificate } = await import('./certificate-renewal.ts')
      await renewCertificate(apis, this.#signing, due)
      log.info(`renewed the certificate of ${due.domainName} (${due.arn})`)
    } catch (thrown) {
      if (this.#isOver) return
      const what = `the certificate of ${due.domainName} (${due.arn}) could not be renewed`
      log.error(`${what}: ${messageOf(thrown)}`)
    }
  }

  #warn(each: Expiry, nowMs: number): void {
    const days = daysLeft(each, nowMs)
    if (days > WARNING_DAYS || nowMs - (this.#warned.get(each.arn) ?? 0) < DAY_MS) return
    this.#warned.set(each.arn, nowMs)
    const when = new Date(each.notAfterMs).toISOString()
    const verb = days < 0 ? 'has expired on' : 'expires on'
    const mend = each.issuer === 'import' ? ': import its successor under the same ARN' : ''
    this.#parts.log.warn(
      `the certificate of ${each.domainName} ${verb} ${when} (${each.arn})${mend}`,
    )
  }
}

function* figuresOf(expiry: CertificateExpiry, nowMs: number) {
  for (const each of expiry.all()) {
    yield [
      [
        ['certificate_arn', each.arn],
        ['domain_name', each.domainName],
      ],
      daysLeft(each, nowMs),
    ] as const
  }
}

/** Whoever is to trust the private authority finds its certificate in the data folder. Returns how to end it. */
async function showAuthority(folder: string, store: Store): Promise<() => void> {
  const file = path.join(folder, 'certificates', PRIVATE_CA_FILE)
  const show = async ({ certificate }: AuthorityRecord) => {
    if ((await readIfThere(file)) === certificate) return
    await mkdir(path.dirname(file), { recursive: true })
    await replaceFile(file, certificate, 0o644)
  }
  const kept = await store.read((reader) =>
    reader.in(INSTALLATION).get<AuthorityRecord>(AUTHORITY_KEY),
  )
  if (kept !== undefined) await show(kept.body)
  return store.onCommit(({ changes }) => {
    for (const { key, after } of changes) {
      if (key.kind !== AUTHORITY || after === undefined) continue
      // The store has it; the file comes with the next start if it could not be written now.
      show(after as AuthorityRecord).catch(() => {})
    }
  })
}
