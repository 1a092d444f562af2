/**
 * User pools, their clients, domains and public keys in memory, for those who need them at every call.
 *
 * It follows the store: what a write has answered is here. Users are not, there may be millions.
 */

import type { Change, ChangeSet, Scope, Store, StoredRecord } from '../../storage/store.ts'
import type {
  SigningKeyRecord,
  UserPoolClientRecord,
  UserPoolDomainRecord,
  UserPoolRecord,
} from './records.ts'

export interface KnownPool {
  readonly scope: Scope
  readonly pool: UserPoolRecord
}

export interface KnownClient extends KnownPool {
  readonly client: UserPoolClientRecord
}

type Entry = Pick<StoredRecord, 'scope' | 'kind' | 'parent' | 'id' | 'body'>

const FOLLOWED = ['user-pool', 'user-pool-client', 'user-pool-key', 'user-pool-domain'] as const

export class UserPoolDirectory {
  readonly #pools = new Map<string, KnownPool>()
  readonly #clients = new Map<string, UserPoolClientRecord>()
  readonly #keys = new Map<string, Map<string, SigningKeyRecord>>()
  readonly #domains = new Map<string, string>()
  #stop: () => void = () => {}

  /** Resolves when it holds what the store holds. */
  static async open(store: Store): Promise<UserPoolDirectory> {
    const directory = new UserPoolDirectory()
    await directory.#follow(store)
    return directory
  }

  get isEmpty(): boolean {
    return this.#pools.size === 0
  }

  pool(poolId: string): KnownPool | undefined {
    return this.#pools.get(poolId)
  }

  pools(): Iterable<KnownPool> {
    return this.#pools.values()
  }

  client(clientId: string): KnownClient | undefined {
    const client = this.#clients.get(clientId)
    const pool = client && this.#pools.get(client.UserPoolId)
    return pool === undefined ? undefined : { ...pool, client: client! }
  }

  poolOfDomain(domain: string): KnownPool | undefined {
    return this.#pools.get(this.#domains.get(domain) ?? '')
  }

  /** Oldest first. */
  keys(poolId: string): readonly SigningKeyRecord[] {
    const keys = [...(this.#keys.get(poolId)?.values() ?? [])]
    return keys.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  }

  key(poolId: string, kid: string): SigningKeyRecord | undefined {
    return this.#keys.get(poolId)?.get(kid)
  }

  close(): void {
    this.#stop()
  }

  /** Commits that come while records are read are applied after them. */
  async #follow(store: Store): Promise<void> {
    const early: ChangeSet[] = []
    let hear = (set: ChangeSet): void => void early.push(set)
    this.#stop = store.onCommit((set) => hear(set))
    await store.read(async (reader) => {
      for (const kind of FOLLOWED) {
        for (const record of await reader.everywhere(kind)) this.#hold(record)
      }
    })
    hear = ({ changes }) => {
      for (const change of changes) this.#apply(change)
    }
    for (const set of early) hear(set)
  }

  #apply({ scope, key, after }: Change): void {
    if (!(FOLLOWED as readonly string[]).includes(key.kind)) return
    if (after !== undefined) this.#hold({ scope, ...key, body: after })
    else if (key.kind === 'user-pool') this.#pools.delete(key.id)
    else if (key.kind === 'user-pool-client') this.#clients.delete(key.id)
    else if (key.kind === 'user-pool-domain') this.#domains.delete(key.id)
    else this.#dropKey(key.parent, key.id)
  }

  #hold({ scope, kind, parent, id, body }: Entry): void {
    if (kind === 'user-pool') this.#pools.set(id, { scope, pool: body as UserPoolRecord })
    else if (kind === 'user-pool-client') this.#clients.set(id, body as UserPoolClientRecord)
    else if (kind === 'user-pool-domain') {
      this.#domains.set(id, (body as UserPoolDomainRecord).userPoolId)
    } else {
      const keys = this.#keys.get(parent) ?? new Map<string, SigningKeyRecord>()
      this.#keys.set(parent, keys.set(id, body as SigningKeyRecord))
    }
  }

  #dropKey(poolId: string, kid: string): void {
    const keys = this.#keys.get(poolId)
    keys?.delete(kid)
    if (keys?.size === 0) this.#keys.delete(poolId)
  }
}
