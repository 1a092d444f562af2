/**
 * Keeps a fresh answer of each certificate's responder, for handshakes to carry (RFC 6066 §8, RFC 6960).
 *
 * A certificate whose issuer names no responder has none, which is normal. An answer is replaced when half of its time is
 * over, and taken away when it is out of date or no longer good: no staple is better than a bad one. One certificate is
 * asked about after the other.
 */

import type { X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import type { Random } from '../../base/random.ts'
import { certificateIdOf, type OcspSubject, ocspRequest, ocspSubjectOf } from './ocsp-request.ts'
import { judgeOcspResponse } from './ocsp-response.ts'

/** A certificate that is served. PEM. */
export interface StapledCertificate {
  /** Its ARN. */
  readonly id: string
  readonly certificate: string
  /** The certificates above it, the nearest first. */
  readonly chain: string
  /** What is kept of its responder, DER. */
  readonly response: Buffer | undefined
}

export interface StaplerParts {
  readonly list: () => Promise<readonly StapledCertificate[]>
  /** `response`: undefined takes it away. Resolves when it is served. */
  readonly keep: (id: string, response: FreshResponse | undefined) => Promise<void>
  /** Rejects with a reason for operators. */
  readonly ask: (responder: URL, request: Buffer) => Promise<Buffer>
  readonly clock: Clock
  readonly random: Random
  readonly after: (delayMs: number, action: () => void) => () => void
  readonly warn: (message: string) => void
}

export interface FreshResponse {
  /** What it is about, PEM. */
  readonly certificate: string
  readonly response: Buffer
  readonly untilMs: number
}

interface Asked {
  readonly serial: string
  readonly failures: number
  readonly notBeforeMs: number
}

const RETRY_FIRST_MS = 60_000
const RETRY_MAX_MS = 3_600_000
const LOOK_MAX_MS = 3_600_000
const DOUBLINGS_MAX = 10

export class OcspStapler {
  readonly #parts: StaplerParts
  /** What could not be asked, by ARN. */
  readonly #asked = new Map<string, Asked>()
  #cancel = () => {}
  #running: Promise<void> | undefined
  #again = false
  #ended = false

  constructor(parts: StaplerParts) {
    this.#parts = parts
    this.look()
  }

  /** Looks at all certificates; one that has changed is asked about at once. */
  look(): void {
    this.#again = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    this.#ended = true
    this.#cancel()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#ended) {
      this.#again = false
      this.#cancel()
      const waitMs = await this.#lookAtAll().catch((error: unknown) => {
        this.#parts.warn(`OCSP: ${messageOf(error)}`)
        return RETRY_FIRST_MS
      })
      if (!this.#ended) this.#cancel = this.#parts.after(waitMs, () => this.look())
    }
  }

  /** Returns after how long to look again. */
  async #lookAtAll(): Promise<number> {
    const certificates = await this.#parts.list()
    const ids = new Set(certificates.map(({ id }) => id))
    for (const id of this.#asked.keys()) if (!ids.has(id)) this.#asked.delete(id)
    let waitMs = LOOK_MAX_MS
    for (const certificate of certificates) {
      if (this.#ended) return waitMs
      const dueMs = await this.#lookAt(certificate)
      waitMs = Math.min(waitMs, Math.max(dueMs - this.#parts.clock.epochMs(), 0))
    }
    return waitMs
  }

  /** Returns when to look at it again. */
  async #lookAt(certificate: StapledCertificate): Promise<number> {
    const { clock, keep } = this.#parts
    const { id, response } = certificate
    const subject = ocspSubjectOf(certificate.certificate, certificate.chain)
    if (subject === undefined) {
      if (response !== undefined) await keep(id, undefined)
      return Number.POSITIVE_INFINITY
    }
    const nowMs = clock.epochMs()
    const kept = response && judgeOcspResponse(response, subject, nowMs)
    const isGood = kept?.kind === 'good'
    // What is about an earlier certificate, or out of date, must not go on being shown while the responder is asked.
    if (response !== undefined && !isGood) await keep(id, undefined)
    const dueMs = Math.max(isGood ? halfTime(kept) : 0, this.#notBeforeMs(id, subject.certificate))
    if (dueMs <= nowMs) return this.#ask(certificate, subject, isGood ? kept.untilMs : undefined)
    return isGood ? Math.min(dueMs, kept.untilMs) : dueMs
  }

  /** `keptMs`: until when what is kept is good. */
  async #ask(
    { id, certificate }: StapledCertificate,
    subject: OcspSubject,
    keptMs: number | undefined,
  ): Promise<number> {
    const { clock, ask, keep, warn } = this.#parts
    try {
      const response = await ask(subject.responder, ocspRequest(certificateIdOf(subject)))
      const verdict = judgeOcspResponse(response, subject, clock.epochMs())
      if (verdict.kind === 'good') {
        this.#asked.delete(id)
        await keep(id, { certificate, response, untilMs: verdict.untilMs })
        return Math.max(halfTime(verdict), clock.epochMs() + RETRY_FIRST_MS)
      }
      if (verdict.kind === 'revoked') {
        if (keptMs !== undefined) await keep(id, undefined)
        warn(`OCSP: ${id} HAS BEEN REVOKED by its authority: clients will refuse it. Replace it.`)
        return this.#later(id, subject.certificate, DOUBLINGS_MAX)
      }
      throw new Error(verdict.reason)
    } catch (error) {
      if (this.#ended) return Number.POSITIVE_INFINITY
      const failures = (this.#asked.get(id)?.failures ?? 0) + 1
      // A responder that is out for a while is nothing that anybody has to mend.
      if (failures === 1 || keptMs === undefined) {
        warn(`OCSP: ${subject.responder.host} gives no answer for ${id}: ${messageOf(error)}`)
      }
      const dueMs = this.#later(id, subject.certificate, failures)
      return keptMs === undefined ? dueMs : Math.min(dueMs, keptMs)
    }
  }

  #later(id: string, { serialNumber: serial }: X509Certificate, failures: number): number {
    const { clock, random } = this.#parts
    const doubled = RETRY_FIRST_MS * 2 ** (Math.min(failures, DOUBLINGS_MAX) - 1)
    const delayMs = Math.min(doubled, RETRY_MAX_MS) * (1 + random() / 5)
    const notBeforeMs = clock.epochMs() + delayMs
    this.#asked.set(id, { serial, failures, notBeforeMs })
    return notBeforeMs
  }

  /** Failures of the certificate before count no more. */
  #notBeforeMs(id: string, { serialNumber }: X509Certificate): number {
    const asked = this.#asked.get(id)
    return asked?.serial === serialNumber ? asked.notBeforeMs : 0
  }
}

function halfTime({ fromMs, untilMs }: { fromMs: number; untilMs: number }): number {
  return (fromMs + untilMs) / 2
}
