/**
 * Keeps the outbox small: messages go when they are old, and the oldest of a pool when there are too many.
 *
 * Codes that nobody needs any more are codes that nobody should find.
 */

import type { Clock } from '../../base/clock.ts'
import type { Scope, Store } from '../../storage/store.ts'
import { OUTBOX_KIND, type OutboxMessage } from './outbox-message.ts'

export interface OutboxBoundsParts {
  readonly store: Store
  readonly clock: Clock
  /** Calls again and again; returns how to end that. */
  readonly every: (periodMs: number, action: () => void) => () => void
  readonly lifeMs: number
  /** For each pool. */
  readonly countMax: number
}

const PERIOD_MS = 60_000

export class OutboxBounds {
  readonly #parts: OutboxBoundsParts
  /** Nothing can be too old or too many while nothing was written. */
  #mayHold = true
  #isRunning = false
  #stops: readonly (() => void)[] = []

  constructor(parts: OutboxBoundsParts) {
    this.#parts = parts
  }

  start(): void {
    const { store, every } = this.#parts
    const stopListening = store.onCommit(({ changes }) => {
      if (changes.some(({ key }) => key.kind === OUTBOX_KIND)) this.#mayHold = true
    })
    this.#stops = [stopListening, every(PERIOD_MS, () => void this.run())]
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  /** Does not reject: what cannot be done now is done the next time. */
  async run(): Promise<void> {
    if (!this.#mayHold || this.#isRunning) return
    this.#isRunning = true
    try {
      this.#mayHold = false
      const left = await this.#prune()
      if (left > 0) this.#mayHold = true
    } catch {
      this.#mayHold = true
    } finally {
      this.#isRunning = false
    }
  }

  /** Returns how many there are afterwards. */
  async #prune(): Promise<number> {
    const { store, clock, lifeMs, countMax } = this.#parts
    const records = await store.read((reader) => reader.everywhere<OutboxMessage>(OUTBOX_KIND))
    const endsBefore = new Date(clock.epochMs() - lifeMs).toISOString()
    const seen = new Map<string, number>()
    // From the newest: what comes after the last that fits is too much.
    const superfluous = records.toReversed().filter(({ scope, parent, body }) => {
      const pool = nameOf(scope, parent)
      const count = (seen.get(pool) ?? 0) + 1
      seen.set(pool, count)
      return count > countMax || body.createdAt < endsBefore
    })
    if (superfluous.length > 0) {
      await store.write(async (transaction) => {
        for (const { scope, kind, parent, id } of superfluous) {
          await transaction.in(scope).delete({ kind, parent, id })
        }
      })
    }
    return records.length - superfluous.length
  }
}

function nameOf({ accountId, region }: Scope, parent: string): string {
  return JSON.stringify([accountId, region, parent])
}
