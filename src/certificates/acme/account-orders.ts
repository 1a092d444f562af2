/**
 * An order under the installation's account: opens the account, registers it where it has to be, and runs the order.
 *
 * An account that the server does not know any more is registered anew, once, and said so; whatever else is wrong with it
 * is told to the operator, who has to mend it.
 */

import type { Clock } from '../../base/clock.ts'
import { type AccountParts, type AcmeAccount, keepAccountUrl, openAccount } from './acme-account.ts'
import {
  type ChallengeBoard,
  type ChallengeType,
  type IssuedCertificate,
  type OrderWish,
  runOrder,
} from './acme-order.ts'
import { AcmeError } from './acme-problem.ts'
import { type AcmeSession, openAcmeSession, type Registration } from './acme-session.ts'
import { createAcmeTransport } from './acme-transport.ts'

export interface AccountOrdersParts extends AccountParts {
  readonly registration: Registration
  /** Authorities that the server's certificate has to lead to, in PEM; undefined: Node's. */
  readonly trust: string | undefined
  readonly board: ChallengeBoard
  readonly challenges: readonly ChallengeType[]
  readonly limits: {
    readonly acmeRequestTimeoutMs: number
    readonly acmeAnswerBytes: number
    readonly acmeOrderTimeoutMs: number
  }
  readonly clock: Clock
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Throws AcmeError. Aborting the signal ends it. */
export async function orderByAccount(
  parts: AccountOrdersParts,
  wish: OrderWish,
  signal: AbortSignal,
): Promise<IssuedCertificate> {
  try {
    return await attempt(parts, wish, signal)
  } catch (thrown) {
    if (!(thrown instanceof AcmeError) || thrown.fault !== 'account-lost') throw thrown
    parts.warn(`${parts.directory} does not know our ACME account any more: a new one is made`)
    await keepAccountUrl(parts, undefined)
    return attempt(parts, wish, signal)
  }
}

async function attempt(
  parts: AccountOrdersParts,
  wish: OrderWish,
  signal: AbortSignal,
): Promise<IssuedCertificate> {
  const { clock, trust, limits, board, challenges } = parts
  const { acmeRequestTimeoutMs: timeoutMs, acmeAnswerBytes: bytesMax } = limits
  const directory = new URL(parts.directory)
  const transport = createAcmeTransport({ directory, trust, timeoutMs, bytesMax, clock, signal })
  try {
    const session = await openSession(parts, await openAccount(parts), transport)
    return await runOrder(
      {
        session,
        board,
        challenges,
        clock,
        pause: (ms) => parts.pause(ms, signal).catch(endOrder),
        deadlineMs: clock.now() + limits.acmeOrderTimeoutMs,
      },
      wish,
    )
  } finally {
    transport.close()
  }
}

function endOrder(): never {
  throw new AcmeError('the order was ended', { fault: 'transient' })
}

async function openSession(
  parts: AccountOrdersParts,
  { directory, privateKey: accountKey, url: accountUrl }: AcmeAccount,
  transport: ReturnType<typeof createAcmeTransport>,
): Promise<AcmeSession> {
  const { externalAccount } = parts
  const session = await openAcmeSession({
    directory,
    accountKey,
    accountUrl,
    externalAccount,
    transport,
  })
  if (accountUrl === undefined) {
    await keepAccountUrl(parts, await session.register(parts.registration))
  }
  return session
}
