/**
 * What a transaction has changed so far, net: one entry a record, in the order of the first touch.
 *
 * Bodies are JSON texts as they are stored. A record that is as it was before the transaction is no change, whatever
 * happened to it in between. What a savepoint has noted can be taken back.
 */

import { isDeepStrictEqual } from 'node:util'
import type { Body, Change, RecordKey, Scope } from './store.ts'

/** A record as it was before the transaction touched it. */
export interface Original {
  readonly position: number
  readonly body: string
  readonly revision: number
}

export interface Touched {
  readonly scope: Scope
  readonly key: RecordKey
  /** Undefined: it was not there. */
  readonly original: Original | undefined
  /** Undefined: it is not there now. */
  readonly body: string | undefined
}

interface Step {
  readonly name: string
  /** Undefined: this step was the first touch. */
  readonly before: Touched | undefined
}

export class NetChanges {
  readonly #touched = new Map<string, Touched>()
  readonly #steps: Step[] = []

  find(scope: Scope, key: RecordKey): Touched | undefined {
    return this.#touched.get(nameOf(scope, key))
  }

  note(touched: Touched): void {
    const name = nameOf(touched.scope, touched.key)
    this.#steps.push({ name, before: this.#touched.get(name) })
    this.#touched.set(name, touched)
  }

  /** A place to come back to with `undoTo`. */
  mark(): number {
    return this.#steps.length
  }

  undoTo(mark: number): void {
    for (const { name, before } of this.#steps.splice(mark).reverse()) {
      if (before === undefined) this.#touched.delete(name)
      else this.#touched.set(name, before)
    }
  }

  isEmpty(): boolean {
    return !this.#touched.values().some(isChanged)
  }

  list(): Change[] {
    return [...this.#touched.values()].filter(isChanged).map(({ scope, key, original, body }) => ({
      scope,
      key,
      before: original === undefined ? undefined : (JSON.parse(original.body) as Body),
      after: body === undefined ? undefined : (JSON.parse(body) as Body),
    }))
  }
}

/** Two JSON texts of one value. The order of members does not matter, and cannot change the length. */
export function isSameJson(one: string, other: string): boolean {
  if (one === other) return true
  return one.length === other.length && isDeepStrictEqual(JSON.parse(one), JSON.parse(other))
}

/** A body that is the same as before is kept in the words of before (`WriteTransaction`), so texts can be compared. */
function isChanged({ original, body }: Touched): boolean {
  return original?.body !== body
}

function nameOf({ accountId, region }: Scope, { kind, parent, id }: RecordKey): string {
  return JSON.stringify([accountId, region, kind, parent, id])
}
