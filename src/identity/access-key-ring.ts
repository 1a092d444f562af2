/**
 * The access keys in memory, for those who look one up at every call.
 *
 * It follows the store: a key works from the commit that makes it, and stops working with the commit that removes it.
 */

import { type Change, type ChangeSet, INSTALLATION, type Store } from '../storage/store.ts'
import {
  ACCESS_KEY,
  type AccessKeyRecord,
  type AccessKeyView,
  openedKey,
} from './access-key-record.ts'
import type { Sealer } from './installation-key.ts'

interface HeldKey {
  readonly view: AccessKeyView
  readonly secret: { readonly secretAccessKey: string }
}

export class AccessKeyRing {
  readonly #keys = new Map<string, HeldKey>()
  readonly #sealer: Sealer
  #stop: () => void = () => {}

  private constructor(sealer: Sealer) {
    this.#sealer = sealer
  }

  /** Resolves when every key of the store is on the ring. */
  static async open(store: Store, sealer: Sealer): Promise<AccessKeyRing> {
    const ring = new AccessKeyRing(sealer)
    await ring.#follow(store)
    return ring
  }

  /** For those who check signatures; undefined: there is no such key. */
  secretOf(accessKeyId: string): { readonly secretAccessKey: string } | undefined {
    return this.#keys.get(accessKeyId)?.secret
  }

  find(accessKeyId: string): AccessKeyView | undefined {
    return this.#keys.get(accessKeyId)?.view
  }

  /** Hears of no further commit, and knows no key any more. */
  close(): void {
    this.#stop()
    this.#keys.clear()
  }

  /** Commits that come while the keys are read are applied after them: they may be part of what is read, or not. */
  async #follow(store: Store): Promise<void> {
    const early: ChangeSet[] = []
    let hear = (set: ChangeSet): void => {
      early.push(set)
    }
    this.#stop = store.onCommit((set) => hear(set))
    const page = await store.read((reader) =>
      reader.in(INSTALLATION).list<AccessKeyRecord>(ACCESS_KEY, ''),
    )
    for (const { body } of page.records) this.#hold(body)
    hear = ({ changes }) => {
      for (const change of changes) this.#apply(change)
    }
    for (const set of early) hear(set)
  }

  #apply({ scope, key, after }: Change): void {
    if (key.kind !== ACCESS_KEY || scope.accountId !== INSTALLATION.accountId) return
    if (after === undefined) this.#keys.delete(key.id)
    else this.#hold(after as AccessKeyRecord)
  }

  #hold(record: AccessKeyRecord): void {
    const { secretAccessKey, ...view } = openedKey(this.#sealer, record)
    this.#keys.set(view.accessKeyId, { view, secret: { secretAccessKey } })
  }
}
