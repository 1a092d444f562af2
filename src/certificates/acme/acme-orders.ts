/**
 * Keeps certificates by ACME: orders those that were asked for, renews those that run out, one after the other.
 *
 * What there is to do stands in the store and nowhere else: the certificates, and for each how often it has failed and when
 * it may be tried again. So a restart in the middle of an order begins the order anew, and a program that dies in each
 * order does not order each time it starts: the attempt is written down before it begins.
 */

import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { Scope, Store } from '../../storage/store.ts'
import type { IssuedCertificate, OrderWish } from './acme-order.ts'
import { AcmeError, type FailureReason } from './acme-problem.ts'
import { type Backoff, type Lifetime, renewalTimeMs, retryDelayMs } from './acme-timing.ts'
import { type AttemptRecord, type Attempts, NO_ATTEMPT } from './attempts.ts'
import { type LeaseParts, type OrderLease, takeLease } from './order-lease.ts'

/** A certificate that was asked for by ACME. */
export interface KeptCertificate extends OrderWish {
  readonly scope: Scope
  readonly id: string
  readonly askedAtMs: number
  /** Undefined: it has never been issued. */
  readonly lifetime: Lifetime | undefined
  /** Somebody has asked for its renewal, which may be long before its time. */
  readonly renewNow: boolean
}

/** Where certificates stand. */
export interface CertificateBook {
  /** Those that wait for an order, or will be renewed. */
  list(): Promise<readonly KeptCertificate[]>
  /** Resolves when it is served. */
  complete(certificate: KeptCertificate, issued: IssuedCertificate): Promise<void>
  /** It will not be issued, or not any more in time. */
  fail(certificate: KeptCertificate, end: FailedEnd): Promise<void>
  /** How its renewal stands. */
  renewing(certificate: KeptCertificate, state: RenewalState): Promise<void>
  /** Calls back after every commit that may have changed the list. Returns how to stop. */
  onChange(listener: () => void): () => void
}

export interface FailedEnd {
  readonly status: 'FAILED' | 'VALIDATION_TIMED_OUT'
  readonly reason: FailureReason
  /** For operators. */
  readonly message: string
}

export interface RenewalState {
  /** The second: it has not worked yet; the third: too late. */
  readonly status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' | 'FAILED'
  readonly message?: string
}

export interface AcmeOrdersParts extends Omit<LeaseParts, 'store'> {
  readonly store: Store
  readonly book: CertificateBook
  readonly attempts: Attempts
  /** Throws AcmeError. */
  readonly order: (wish: OrderWish, signal: AbortSignal) => Promise<IssuedCertificate>
  readonly clock: Clock
  readonly random: Random
  readonly backoff: Backoff
  /** What was not issued so long after it was asked for is given up. */
  readonly validationMs: number
  readonly info: (message: string) => void
  readonly warn: (message: string) => void
}

interface Task {
  readonly certificate: KeptCertificate
  readonly attempt: AttemptRecord
  readonly dueMs: number
}

/** Beyond Node's longest timer; whoever wakes too early looks again. */
const TIMER_MAX_MS = 86_400_000
/** After a fault of our own, or of the store. */
const TROUBLE_MS = 60_000

export class AcmeOrders {
  readonly #parts: AcmeOrdersParts
  readonly #ending = new AbortController()
  readonly #forget: () => void
  #cancel = () => {}
  #running: Promise<void> | undefined
  #again = false

  /** Begins at once. */
  constructor(parts: AcmeOrdersParts) {
    this.#parts = parts
    this.#forget = parts.book.onChange(() => this.look())
    this.look()
  }

  /** Looks at what there is to do; a look that is under way looks once more at its end. */
  look(): void {
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Ends an order that is under way. */
  async close(): Promise<void> {
    this.#forget()
    this.#ending.abort()
    this.#cancel()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#ending.signal.aborted) {
      this.#again = false
      let waitMs: number | undefined
      try {
        waitMs = await this.#step()
      } catch (error) {
        this.#parts.warn(`ACME: ${error instanceof Error ? error.message : String(error)}`)
        waitMs = TROUBLE_MS
      }
      this.#cancel()
      if (waitMs === 0) this.#again = true
      else if (waitMs !== undefined) this.#sleep(waitMs)
    }
  }

  #sleep(ms: number): void {
    if (this.#ending.signal.aborted) return
    this.#cancel = this.#parts.after(Math.min(ms, TIMER_MAX_MS), () => this.look())
  }

  /** Carries out what is due. Returns after how long to look again; undefined: there is nothing to wait for. */
  async #step(): Promise<number | undefined> {
    const { clock } = this.#parts
    const next = await this.#next()
    if (next === undefined) return undefined
    const waitMs = next.dueMs - clock.epochMs()
    if (waitMs > 0) return waitMs
    const lease = await takeLease(this.#parts)
    if (typeof lease === 'number') return lease
    try {
      // Whoever held the lease before may have done it.
      const task = await this.#next()
      if (task !== undefined && task.dueMs <= clock.epochMs()) await this.#carryOut(task, lease)
    } finally {
      await lease.release()
    }
    return 0
  }

  async #next(): Promise<Task | undefined> {
    const { book, attempts } = this.#parts
    const certificates = await book.list()
    const known = await attempts.read(certificates)
    const tasks = certificates.map((certificate) => {
      const attempt = known.get(certificate.id) ?? NO_ATTEMPT
      return { certificate, attempt, dueMs: dueTimeMs(certificate, attempt) }
    })
    return tasks.sort((one, other) => one.dueMs - other.dueMs)[0]
  }

  async #carryOut({ certificate, attempt }: Task, lease: OrderLease): Promise<void> {
    const { book, attempts, info, clock, backoff } = this.#parts
    if (await this.#givenUp(certificate, attempt)) return
    const failures = attempt.failures + 1
    // Whatever happens in it, it has been tried.
    await attempts.write(certificate, {
      failures,
      notBeforeMs: clock.epochMs() + this.#delayMs(UNKNOWN, failures),
    })
    if (certificate.lifetime !== undefined) {
      await book.renewing(certificate, { status: 'PENDING_AUTO_RENEWAL' })
    }
    const signal = AbortSignal.any([lease.signal, this.#ending.signal])
    try {
      const issued = await this.#parts.order(certificate, signal)
      signal.throwIfAborted()
      await book.complete(certificate, issued)
      // However short its lifetime, it is not ordered without end.
      await attempts.write(certificate, {
        failures: 0,
        notBeforeMs: clock.epochMs() + backoff.firstMs,
      })
      const what = certificate.lifetime === undefined ? 'issued' : 'renewed'
      info(`ACME: the certificate for ${certificate.hosts.join(', ')} was ${what}`)
    } catch (thrown) {
      if (this.#ending.signal.aborted) await attempts.write(certificate, attempt)
      else await this.#failed(certificate, failures, faultOf(thrown))
    }
  }

  async #failed(certificate: KeptCertificate, failures: number, error: AcmeError): Promise<void> {
    const { book, attempts, clock, warn } = this.#parts
    const { hosts, lifetime } = certificate
    const about = `ACME: the certificate for ${hosts.join(', ')}`
    if (error.fault === 'refused' && lifetime === undefined) {
      const { reason, message } = error
      await book.fail(certificate, { status: 'FAILED', reason, message })
      await attempts.forget(certificate)
      warn(`${about} was refused: ${error.message}`)
      return
    }
    const delayMs = this.#delayMs(error, failures)
    const notBeforeMs = clock.epochMs() + delayMs
    await attempts.write(certificate, { failures, notBeforeMs })
    // What holds for the account holds for every certificate.
    if (error.fault !== 'transient' && error.fault !== 'refused') await attempts.pause(notBeforeMs)
    if (lifetime !== undefined) {
      const isOver = lifetime.untilEpochMs <= clock.epochMs()
      const status = isOver ? 'FAILED' : 'PENDING_VALIDATION'
      await book.renewing(certificate, { status, message: error.message })
    }
    const again = new Date(notBeforeMs).toISOString()
    warn(`${about} could not be ordered; the next attempt is at ${again}: ${error.message}`)
  }

  /** ACM gives up after three days. What is in service is never given up. */
  async #givenUp(certificate: KeptCertificate, { failures }: AttemptRecord): Promise<boolean> {
    const { book, attempts, clock, validationMs, warn } = this.#parts
    const { lifetime, askedAtMs, hosts } = certificate
    if (lifetime !== undefined || failures === 0) return false
    if (clock.epochMs() - askedAtMs < validationMs) return false
    const reason = 'DOMAIN_VALIDATION_DENIED'
    const message = 'it was not validated in time'
    await book.fail(certificate, { status: 'VALIDATION_TIMED_OUT', reason, message })
    await attempts.forget(certificate)
    warn(`ACME: the certificate for ${hosts.join(', ')} was not issued in time and is given up`)
    return true
  }

  #delayMs(error: Pick<AcmeError, 'fault' | 'reason' | 'retryAfterMs'>, failures: number): number {
    const { backoff, random } = this.#parts
    return retryDelayMs(error, failures, backoff, random())
  }
}

const UNKNOWN = { fault: 'transient', reason: 'OTHER', retryAfterMs: undefined } as const

function dueTimeMs(
  { id, lifetime, askedAtMs, renewNow }: KeptCertificate,
  { notBeforeMs }: AttemptRecord,
): number {
  const isNow = renewNow || lifetime === undefined
  const wantedMs = isNow ? askedAtMs : renewalTimeMs(id, lifetime)
  return Math.max(wantedMs, notBeforeMs)
}

/** What is no AcmeError is a refusal of our own side to take the certificate, or a bug; it is tried again, slowly. */
function faultOf(thrown: unknown): AcmeError {
  if (thrown instanceof AcmeError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new AcmeError(message, { fault: 'account-refused' })
}
