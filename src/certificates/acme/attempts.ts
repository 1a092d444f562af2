/**
 * How often the order of a certificate has failed, and when it may be tried again: records of their own beside the
 * certificates, so that trying changes nothing that is served.
 *
 * What an ACME server asks of the whole installation (RFC 8555 §6.6) stands here too, in one record.
 */

import { INSTALLATION, type Scope, type Store } from '../../storage/store.ts'

export interface AttemptRecord {
  /** In a row. */
  readonly failures: number
  readonly notBeforeMs: number
}

export const NO_ATTEMPT: AttemptRecord = { failures: 0, notBeforeMs: 0 }

export interface AttemptOf {
  readonly scope: Scope
  readonly id: string
}

const KIND = 'acme-attempt'
const PAUSE = { kind: KIND, parent: '', id: 'pause' }

export class Attempts {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** By id; those of certificates that are gone are removed. While a server wants to be left alone, for all. */
  async read(certificates: readonly AttemptOf[]): Promise<ReadonlyMap<string, AttemptRecord>> {
    const stored = await this.#store.read((reader) => reader.everywhere<AttemptRecord>(KIND))
    const pauseMs = stored.find(({ id, scope }) => isPause(id, scope))?.body.notBeforeMs ?? 0
    const own = stored.filter(({ id, scope }) => !isPause(id, scope))
    const ids = new Set(certificates.map(({ id }) => id))
    const stale = own.filter(({ id }) => !ids.has(id))
    for (const attempt of stale) await this.forget(attempt)
    const found = new Map(own.map(({ id, body }) => [id, body]))
    return new Map(
      certificates.map(({ id }) => {
        const { failures, notBeforeMs } = found.get(id) ?? NO_ATTEMPT
        return [id, { failures, notBeforeMs: Math.max(notBeforeMs, pauseMs) }]
      }),
    )
  }

  async write({ scope, id }: AttemptOf, attempt: AttemptRecord): Promise<void> {
    await this.#store.write((transaction) =>
      transaction.in(scope).put({ kind: KIND, parent: '', id }, attempt),
    )
  }

  async forget({ scope, id }: AttemptOf): Promise<void> {
    await this.#store.write(async (transaction) => {
      await transaction.in(scope).delete({ kind: KIND, parent: '', id })
    })
  }

  /** Nothing is ordered before then. */
  async pause(untilMs: number): Promise<void> {
    await this.#store.write((transaction) =>
      transaction.in(INSTALLATION).put(PAUSE, { failures: 0, notBeforeMs: untilMs }),
    )
  }
}

function isPause(id: string, scope: Scope): boolean {
  return id === PAUSE.id && scope.accountId === INSTALLATION.accountId
}
