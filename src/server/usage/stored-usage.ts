/** The keeper of usage, loaded and begun with the first stage whose clients have limits. */

import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import type { Limits } from '../../domain/limits.ts'
import type { Store } from '../../storage/store.ts'
import type { ProgramLog } from '../program-log.ts'
import type { ClientTables } from './client-memory.ts'
import type { UsageKeeper } from './usage-keeper.ts'

export interface StoredUsageParts {
  readonly store: Store
  readonly tables: ClientTables
  readonly limits: Limits
  readonly log: ProgramLog
}

export class StoredUsage {
  readonly #parts: StoredUsageParts
  #keeper: UsageKeeper | undefined

  constructor(parts: StoredUsageParts) {
    this.#parts = parts
  }

  /** The tables have been made. */
  async restore(): Promise<void> {
    const { UsageKeeper } = await import('./usage-keeper.ts')
    const { store, tables, limits, log } = this.#parts
    this.#keeper ??= new UsageKeeper({
      store,
      tables,
      epochMs: () => systemClock.epochMs(),
      after: (delayMs, action) => {
        const timer = setTimeout(action, delayMs)
        timer.unref()
        return () => clearTimeout(timer)
      },
      flushMs: limits.usageFlushMs,
      daysMax: limits.usageDays,
      trouble: (error) => log.error(`usage is not written, and tried again: ${messageOf(error)}`),
    })
    await this.#keeper.restore()
  }

  async close(): Promise<void> {
    await this.#keeper?.close()
  }
}
