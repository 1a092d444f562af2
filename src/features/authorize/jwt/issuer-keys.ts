/**
 * The keys of one issuer, in one worker: fetched when a token first asks for them, and kept.
 *
 * `{issuer}/.well-known/openid-configuration` says where the keys are (OpenID Connect Discovery §4). Whoever asks while
 * they are being fetched waits for the same answer. Invariant: however many tokens come, and whatever key ids they
 * name, an issuer is asked at most once in `issuerRetryMs`.
 *
 *   age of the keys   0 ──── half of issuerKeysMs ──── issuerKeysMs ──── issuerKeysStaleMs
 *                     used   used, fetched again       fetched again     gone: everything is
 *                            on the side               first; used when  refused
 *                                                      that fails
 */

import type { Clock } from '../../../base/clock.ts'
import type { Limits } from '../../../domain/limits.ts'
import type { FetchDocument } from '../../../http/client/fetch-document.ts'
import { fetchKeySet } from './discovery.ts'
import type { KeySet, SigningKey } from './key-set.ts'

export interface IssuerKeysDeps {
  readonly clock: Clock
  readonly limits: Limits
  readonly fetchDocument: FetchDocument
}

export type KeyLookup =
  | { readonly kind: 'found'; readonly keys: readonly SigningKey[] }
  /** They are being fetched; `whenAnswered` tells. */
  | { readonly kind: 'waiting' }
  /** The issuer has no such key. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreachable'; readonly detail: string }

const WAITING: KeyLookup = { kind: 'waiting' }
const UNKNOWN: KeyLookup = { kind: 'unknown' }

export class IssuerKeys {
  readonly issuer: string
  /** Grows when the keys are others than before, or gone. */
  generation = 0
  readonly #deps: IssuerKeysDeps
  readonly #waiting = new Set<() => void>()
  /** Ids that the issuer did not have, with the time from which on it may be asked again. */
  readonly #unknown = new Map<string, number>()
  #keys: KeySet | undefined
  #fetchedMs = 0
  #asking = false
  #askedMs = Number.NEGATIVE_INFINITY
  /** Why the last attempt failed; '' when it did not. */
  #failure = ''

  constructor(issuer: string, deps: IssuerKeysDeps) {
    this.issuer = issuer
    this.#deps = deps
  }

  find(keyId: string): KeyLookup {
    const now = this.#deps.clock.epochMs()
    this.#dropStale(now)
    const found = this.#keys?.byId.get(keyId)
    if (found === undefined) return this.#findMissing(keyId, now)
    const age = this.#age(now)
    const { issuerKeysMs } = this.#deps.limits
    if (age >= issuerKeysMs / 2) this.#mayAsk(now)
    // Keys that are too old are used only while the issuer does not answer.
    return age >= issuerKeysMs && this.#asking && this.#failure === ''
      ? WAITING
      : { kind: 'found', keys: found }
  }

  /** Those that are there at this moment, for operators. */
  get keyIds(): readonly string[] {
    return [...(this.#keys?.byId.keys() ?? [])]
  }

  /** Until when a verdict may be kept without looking here again. */
  heldUntil(now: number): number {
    const { issuerKeysMs, issuerRetryMs } = this.#deps.limits
    return Math.max(this.#fetchedMs + issuerKeysMs / 2, now + issuerRetryMs)
  }

  /** Calls back once, in a later turn, when the issuer has answered or failed to. Returns how to wait no longer. */
  whenAnswered(told: () => void): () => void {
    this.#waiting.add(told)
    return () => this.#waiting.delete(told)
  }

  #findMissing(keyId: string, now: number): KeyLookup {
    if (this.#asking) return WAITING
    const isKnownToMiss = (this.#unknown.get(keyId) ?? 0) > now
    if (!isKnownToMiss && this.#mayAsk(now)) {
      if (this.#keys !== undefined) this.#remember(keyId, now)
      return WAITING
    }
    return this.#failure === '' ? UNKNOWN : { kind: 'unreachable', detail: this.#failure }
  }

  /** True when the issuer is being asked from now on. */
  #mayAsk(now: number): boolean {
    if (this.#asking) return true
    // A clock that was set back must not keep an issuer from being asked.
    if (Math.abs(now - this.#askedMs) < this.#deps.limits.issuerRetryMs) return false
    this.#asking = true
    void this.#ask()
    return true
  }

  async #ask(): Promise<void> {
    const { limits, fetchDocument, clock } = this.#deps
    const fetched = await fetchKeySet(this.issuer, { fetchDocument, keysMax: limits.issuerKeys })
    const now = clock.epochMs()
    this.#asking = false
    this.#askedMs = now
    this.#failure = fetched.kind === 'failed' ? fetched.reason : ''
    if (fetched.kind === 'keys') this.#take(fetched.keys, now)
    const told = [...this.#waiting]
    this.#waiting.clear()
    for (const tell of told) tell()
  }

  #take(keys: KeySet, now: number): void {
    if (keys.fingerprint !== this.#keys?.fingerprint) this.generation++
    this.#keys = keys
    this.#fetchedMs = now
  }

  #dropStale(now: number): void {
    if (this.#keys === undefined || this.#age(now) < this.#deps.limits.issuerKeysStaleMs) return
    this.#keys = undefined
    this.generation++
  }

  #age(now: number): number {
    return Math.abs(now - this.#fetchedMs)
  }

  #remember(keyId: string, now: number): void {
    const { unknownKeyIds, unknownKeyIdMs } = this.#deps.limits
    this.#unknown.delete(keyId)
    this.#unknown.set(keyId, now + unknownKeyIdMs)
    for (const oldest of this.#unknown.keys()) {
      if (this.#unknown.size <= unknownKeyIds) return
      this.#unknown.delete(oldest)
    }
  }
}
