/**
 * ACME, put together: settings, the account, the orders, and the workers that answer challenges.
 *
 * It begins when the ports are open, since a certificate authority looks at them; without `--acme-directory` none of it
 * is loaded.
 */

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import { systemRandom } from '../../base/random.ts'
import { type AccountOrdersParts, orderByAccount } from '../../certificates/acme/account-orders.ts'
import { AcmeCertificates, acmeCertificates } from '../../certificates/acme/acme-certificates.ts'
import type { ChallengeType } from '../../certificates/acme/acme-order.ts'
import { AcmeOrders } from '../../certificates/acme/acme-orders.ts'
import type { ExternalAccount } from '../../certificates/acme/acme-session.ts'
import { Attempts } from '../../certificates/acme/attempts.ts'
import { CERTIFICATE } from '../../certificates/certificate-record.ts'
import type { AcmeChallenge } from '../../domain/acme-challenge.ts'
import type { Limits } from '../../domain/limits.ts'
import { usageFailure } from '../failure.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'
import type { StoredApis } from '../stored-apis.ts'
import { certificateWrite } from './certificate-write.ts'

export interface AcmeInput {
  readonly settings: Settings
  readonly limits: Limits
  readonly apis: StoredApis
  readonly supervisor: { challenge(challenge: AcmeChallenge, on: boolean): Promise<void> }
  readonly log: Pick<ProgramLog, 'info' | 'warn'>
}

/** Throws a Failure when the settings do not fit together. */
export async function openAcme(input: AcmeInput & { directory: string }): Promise<AcmeOrders> {
  const { apis, limits, log, directory } = input
  const { store, openSealer } = apis
  const info = (message: string) => log.info(message)
  const warn = (message: string) => log.warn(message)
  const account: AccountOrdersParts = {
    ...{ store, openSealer, directory, limits, warn },
    ...(await outsideOf(input.settings)),
    board: boardOf(input),
    challenges: challengesOf(input.settings),
    clock: systemClock,
    pause: (ms, signal) => pause(ms, undefined, { signal }),
  }
  const certificates = new AcmeCertificates(certificateWrite(apis.writes, 'ACME'), openSealer)
  return new AcmeOrders({
    store,
    book: {
      list: () => store.read(acmeCertificates),
      complete: (certificate, issued) => certificates.complete(certificate, issued),
      fail: (certificate, end) => certificates.fail(certificate, end),
      renewing: (certificate, state) => certificates.renewing(certificate, state),
      onChange: (listener) =>
        store.onCommit(({ changes }) => {
          if (changes.some(({ key }) => key.kind === CERTIFICATE)) listener()
        }),
    },
    attempts: new Attempts(store),
    order: (wish, signal) => orderByAccount(account, wish, signal),
    holder: randomUUID(),
    leaseMs: limits.acmeLeaseMs,
    clock: systemClock,
    random: systemRandom,
    after: later,
    backoff: { firstMs: limits.acmeRetryFirstMs, maxMs: limits.acmeRetryMaxMs },
    validationMs: limits.acmeValidationMs,
    info,
    warn,
  })
}

/** What is read once: files that the settings name. */
async function outsideOf(settings: Settings) {
  const { acmeContact, acmeTermsAgreed: termsAgreed, acmeCaFile } = settings
  const contacts = acmeContact.map((address) => `mailto:${address}`)
  return {
    registration: { contacts, termsAgreed },
    trust: acmeCaFile && (await readNamed('--acme-ca-file', acmeCaFile)),
    externalAccount: await externalAccountOf(settings),
  }
}

async function externalAccountOf(settings: Settings): Promise<ExternalAccount | undefined> {
  const { acmeExternalKeyId: keyId, acmeExternalKeyFile: file } = settings
  if (keyId === undefined && file === undefined) return undefined
  if (keyId === undefined || file === undefined) {
    throw usageFailure(
      '--acme-external-key-id and --acme-external-key-file belong together',
      'Give both, as the authority has given them, or none.',
    )
  }
  const hmacKey = (await readNamed('--acme-external-key-file', file)).trim()
  if (/^[\w-]{16,512}={0,2}$/.test(hmacKey)) return { keyId, hmacKey }
  throw usageFailure(
    `--acme-external-key-file: ${file} holds no key in base64url`,
    'Put the MAC key that the authority has given into it, and nothing else.',
  )
}

async function readNamed(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (thrown) {
    throw usageFailure(`${setting}: ${messageOf(thrown)}`, 'Name a file that can be read.')
  }
}

/** Those whose port is open. */
function challengesOf({ acmeChallenges, http, https }: Settings): ChallengeType[] {
  const usable = acmeChallenges.filter((type) => (type === 'http-01' ? http : https) !== undefined)
  if (usable.length > 0) return usable
  throw usageFailure(
    `--acme-challenges: no port is open for ${acmeChallenges.join(', ') || 'any of them'}`,
    'HTTP-01 needs --http, TLS-ALPN-01 needs --https.',
  )
}

function boardOf({ supervisor }: AcmeInput): AccountOrdersParts['board'] {
  return {
    show: (challenge) => supervisor.challenge(challenge, true),
    hide: (challenge) => void supervisor.challenge(challenge, false),
  }
}

function later(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs)
  timer.unref()
  return () => clearTimeout(timer)
}
