/**
 * Values that a random text stands for, for a while: codes of the authorization endpoint, sessions of the hosted pages.
 *
 * In memory, under the SHA-256 of the text, so that a look at the memory of this class gives nothing to sign in with.
 * Bounded, in all and for each owner: whoever makes many pushes out his own. A restart forgets them, and users sign in
 * again.
 */

import { createHash } from 'node:crypto'

export interface ShortLivedParts {
  readonly randomBytes: (length: number) => Buffer
  readonly nowMs: () => number
  readonly lifeMs: number
  readonly countMax: number
  readonly ownerMax: number
}

interface Entry<T> {
  readonly value: T
  readonly owner: string
  readonly endsMs: number
}

const TEXT_BYTES = 32

export class ShortLived<T> {
  readonly #parts: ShortLivedParts
  /** In the order in which they end, as all live equally long. */
  readonly #entries = new Map<string, Entry<T>>()
  readonly #owners = new Map<string, Set<string>>()

  constructor(parts: ShortLivedParts) {
    this.#parts = parts
  }

  /** Returns the text that stands for `value` from now on. */
  add(value: T, owner: string): string {
    this.#dropEnded()
    const own = this.#owners.get(owner)
    if (own !== undefined && own.size >= this.#parts.ownerMax) this.#drop(first(own))
    if (this.#entries.size >= this.#parts.countMax) this.#drop(first(this.#entries.keys()))
    const text = this.#parts.randomBytes(TEXT_BYTES).toString('base64url')
    const name = nameOf(text)
    this.#entries.set(name, { value, owner, endsMs: this.#parts.nowMs() + this.#parts.lifeMs })
    this.#owners.set(owner, (this.#owners.get(owner) ?? new Set()).add(name))
    return text
  }

  get(text: string): T | undefined {
    const entry = this.#entries.get(nameOf(text))
    return entry === undefined || entry.endsMs <= this.#parts.nowMs() ? undefined : entry.value
  }

  delete(text: string): void {
    this.#drop(nameOf(text))
  }

  #dropEnded(): void {
    const nowMs = this.#parts.nowMs()
    for (const [name, { endsMs }] of this.#entries) {
      if (endsMs > nowMs) return
      this.#drop(name)
    }
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    const own = this.#owners.get(entry.owner)
    own?.delete(name)
    if (own?.size === 0) this.#owners.delete(entry.owner)
  }
}

function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function first(names: Iterable<string>): string {
  const [name = ''] = names
  return name
}
