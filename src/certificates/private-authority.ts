/**
 * The private authority: signs for any name, and is made with the first certificate that is asked of it.
 *
 * Unlike the local one it is bound to no names, so it is never made by itself, and its key is in the store, sealed. Whoever
 * trusts it trusts this installation for every name; `postern ca` says so.
 */

import { X509Certificate } from 'node:crypto'
import type { RecordKey, Records, WritableRecords } from '../storage/store.ts'
import { type KeyPair, makePrivateAuthority } from './certificate.ts'
import type { OpenSealer } from './tls-records.ts'

export const AUTHORITY = 'certificate-authority'
export const AUTHORITY_KEY: RecordKey = { kind: AUTHORITY, parent: '', id: 'private' }

/** Of the installation. */
export interface AuthorityRecord {
  readonly certificate: string
  readonly sealedKey: string
}

const DAY_MS = 86_400_000
const LIFE_DAYS = 3_650
/** What it signs must not outlive it. */
const LEFT_DAYS_LEAST = 400
const BACKDATE_MS = 3_600_000
const PLACE = { purpose: 'authority-key', of: 'private' } as const

export class PrivateAuthority {
  readonly #openSealer: OpenSealer
  /** Made, and perhaps not yet in the store: everybody who asks meanwhile gets the same. */
  #made: { readonly pair: KeyPair; readonly record: AuthorityRecord } | undefined

  constructor(openSealer: OpenSealer) {
    this.#openSealer = openSealer
  }

  /** `installation`: the records of the installation. */
  async current(installation: Pick<Records, 'get'>, now: Date): Promise<KeyPair> {
    const kept = (await installation.get<AuthorityRecord>(AUTHORITY_KEY))?.body
    if (kept !== undefined && isGood(kept.certificate, now)) {
      const key = (await this.#openSealer()).open(PLACE, kept.sealedKey)
      if (key === undefined) throw new Error('The installation key does not open the private CA.')
      return { certificate: kept.certificate, privateKey: key.toString('latin1') }
    }
    if (this.#made === undefined || !isGood(this.#made.record.certificate, now)) {
      const sealer = await this.#openSealer()
      this.#made = make(now, (key) => sealer.seal(PLACE, key))
    }
    return this.#made.pair
  }

  /** Has to run in the write that keeps what this authority has signed. */
  async keep(installation: WritableRecords, { certificate }: KeyPair): Promise<void> {
    if (this.#made?.pair.certificate !== certificate) return
    await installation.put(AUTHORITY_KEY, this.#made.record)
  }
}

function make(now: Date, seal: (key: string) => string) {
  const fromEpochMs = now.getTime() - BACKDATE_MS
  const pair = makePrivateAuthority({
    fromEpochMs,
    untilEpochMs: fromEpochMs + LIFE_DAYS * DAY_MS,
  })
  return { pair, record: { certificate: pair.certificate, sealedKey: seal(pair.privateKey) } }
}

function isGood(certificate: string, now: Date): boolean {
  const leftMs = new X509Certificate(certificate).validToDate.getTime() - now.getTime()
  return leftMs > LEFT_DAYS_LEAST * DAY_MS
}
