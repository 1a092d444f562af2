/**
 * What time does to user pools: keys that have signed long enough are replaced, and what can open nothing any more goes.
 *
 * A pool gets its new key at once; the old one loses its private half and stays published until its tokens are over.
 * Whatever cannot be done now is done the next time.
 */

import type { Store, StoredRecord } from '../../storage/store.ts'
import type { KnownPool } from './directory.ts'
import type { CodeRecord, SigningKeyRecord, TokenFamilyRecord } from './records.ts'
import { isForgotten, newSigningKey, retired } from './signing-keys.ts'
import { isForgettable } from './token-families.ts'
import type { UserPools } from './user-pools.ts'

/** Records of one kind that are looked at together. */
const PAGE = 500

export interface HousekeepingParts {
  readonly pools: UserPools
  readonly store: Store
  readonly signingKeyAgeMs: number
  readonly now: () => Date
}

export class Housekeeping {
  readonly #parts: HousekeepingParts
  #isRunning = false

  constructor(parts: HousekeepingParts) {
    this.#parts = parts
  }

  /** Rejects when the store or the installation key cannot be used. */
  async run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (const known of [...this.#parts.pools.directory.pools()]) {
        await this.#renewKey(known)
        const kinds = ['user-pool-token-family', 'user-pool-code'] as const
        for (const kind of kinds) await this.#prune(known, kind)
      }
    } finally {
      this.#isRunning = false
    }
  }

  async #renewKey({ pool, scope }: KnownPool): Promise<void> {
    const { pools, store, signingKeyAgeMs, now } = this.#parts
    const keys = pools.directory.keys(pool.Id)
    const old = keys.filter(
      ({ retiredAt, createdAt }) =>
        retiredAt === undefined && now().getTime() - Date.parse(createdAt) >= signingKeyAgeMs,
    )
    const forgotten = keys.filter((key) => isForgotten(key, now()))
    if (old.length + forgotten.length === 0) return
    const made =
      old.length === 0 ? undefined : await newSigningKey(await pools.sealer(), pool.Id, now())
    const keyOf = (id: string) => ({ kind: 'user-pool-key', parent: pool.Id, id })
    await store.write(async (transaction) => {
      const records = transaction.in(scope)
      const still = await records.get({ kind: 'user-pool', parent: '', id: pool.Id })
      if (still === undefined) return
      if (made !== undefined) await records.put(keyOf(made.kid), made)
      for (const key of old) await records.put(keyOf(key.kid), retired(key, now()))
      for (const { kid } of forgotten) await records.delete(keyOf(kid))
      const added: readonly SigningKeyRecord[] = made === undefined ? [] : [made]
      await transaction.audit({
        ...{ scope, who: 'key rotation', sourceIp: '', requestId: '' },
        action: 'postern:RotateSigningKeys',
        changes: [...added, ...old, ...forgotten].map(({ kid }) => ({
          resource: `user-pool-key/${pool.Id}/${kid}`,
        })),
      })
    })
  }

  async #prune({ pool, scope }: KnownPool, kind: Prunable): Promise<void> {
    const { store, now } = this.#parts
    let after: string | undefined
    do {
      const page = await store.read((reader) =>
        reader.in(scope).list<CodeRecord & TokenFamilyRecord>(kind, pool.Id, {
          limit: PAGE,
          ...(after === undefined ? {} : { after }),
        }),
      )
      const over = page.records.filter((record) => this.#isOver(record, now()))
      if (over.length > 0) {
        await store.write(async (transaction) => {
          const records = transaction.in(scope)
          for (const key of over) {
            // A new code may stand there by now.
            const still = await records.get<CodeRecord & TokenFamilyRecord>(key)
            if (still !== undefined && this.#isOver(still, now())) await records.delete(key)
          }
        })
      }
      after = page.next
    } while (after !== undefined)
  }

  #isOver({ kind, body }: StoredRecord<CodeRecord & TokenFamilyRecord>, now: Date): boolean {
    if (kind === 'user-pool-token-family') return isForgettable(body, now)
    return Date.parse(body.expiresAt) <= now.getTime()
  }
}

type Prunable = 'user-pool-token-family' | 'user-pool-code'
