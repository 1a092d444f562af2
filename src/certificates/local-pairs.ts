/**
 * Certificates for domain names under `localhost` that have none of their own: signed by the local authority when the name
 * is first served, and kept in memory. Clients that trust the authority notice nothing of a restart.
 */

import { X509Certificate } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { type KeyPair, makeServerCertificate } from './certificate.ts'

const DAY_MS = 86_400_000
const LIFE_DAYS = 395
const LEFT_DAYS_LEAST = 30
/** More names than an installation has; beyond, all are made anew. */
const KEPT_MAX = 10_000
const BACKDATE_MS = 3_600_000

export class LocalPairs {
  readonly #authority: () => Promise<KeyPair>
  readonly #clock: Clock
  readonly #made = new Map<string, { readonly pair: KeyPair; readonly notAfterMs: number }>()

  constructor(authority: () => Promise<KeyPair>, clock: Clock) {
    this.#authority = authority
    this.#clock = clock
  }

  /** PEM; the certificate is followed by that of the authority. */
  async of(name: string): Promise<KeyPair> {
    const nowMs = this.#clock.epochMs()
    const made = this.#made.get(name)
    if (made !== undefined && made.notAfterMs - nowMs > LEFT_DAYS_LEAST * DAY_MS) return made.pair
    const authority = await this.#authority()
    const fromEpochMs = nowMs - BACKDATE_MS
    const untilEpochMs = fromEpochMs + LIFE_DAYS * DAY_MS
    const { certificate, privateKey } = makeServerCertificate(authority, [name], {
      fromEpochMs,
      untilEpochMs,
    })
    const pair = { certificate: certificate + authority.certificate, privateKey }
    const notAfterMs = new X509Certificate(certificate).validToDate.getTime()
    if (this.#made.size >= KEPT_MAX) this.#made.clear()
    this.#made.set(name, { pair, notAfterMs })
    return pair
  }
}
