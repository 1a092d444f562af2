/**
 * The main thread's half of `postern tail`: workers send live requests only while somebody watches, and each watcher gets
 * those that fit its filter.
 *
 * A watcher that reads too slowly is told how many lines it has missed; nothing waits for it.
 */

import type { TailLine } from '../../domain/tail-line.ts'
import type { TailBatch } from '../worker/worker-tail.ts'

export interface TailFilter {
  readonly accountId?: string
  readonly apiId?: string
  readonly routeKey?: string
  /** `404`, `5xx`; any of them. */
  readonly statuses?: readonly string[]
}

/** More watchers than this are refused. */
export const WATCHERS_MAX = 16

interface Watcher {
  readonly filter: TailFilter
  readonly show: (lines: readonly TailLine[], omitted: number) => void
}

export class LiveTail {
  readonly #watchers = new Set<Watcher>()
  readonly #switch: (on: boolean) => void

  /** `onOff` asks every worker to begin or to stop. */
  constructor(onOff: (on: boolean) => void) {
    this.#switch = onOff
  }

  get isFull(): boolean {
    return this.#watchers.size >= WATCHERS_MAX
  }

  /** Returns how to stop. */
  watch(filter: TailFilter, show: Watcher['show']): () => void {
    const watcher = { filter, show }
    this.#watchers.add(watcher)
    if (this.#watchers.size === 1) this.#switch(true)
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#switch(false)
    }
  }

  receive({ lines, omitted }: TailBatch): void {
    for (const { filter, show } of this.#watchers) {
      const fitting = lines.filter((line) => fits(line, filter))
      if (fitting.length + omitted > 0) show(fitting, omitted)
    }
  }
}

function fits(line: TailLine, { accountId, apiId, routeKey, statuses }: TailFilter): boolean {
  if (accountId !== undefined && line.accountId !== accountId) return false
  if (apiId !== undefined && line.apiId !== apiId) return false
  if (routeKey !== undefined && line.routeKey !== routeKey) return false
  return statuses === undefined || statuses.some((status) => fitsStatus(line.status, status))
}

function fitsStatus(status: number, wanted: string): boolean {
  return wanted.endsWith('xx')
    ? Math.floor(status / 100) === Number(wanted[0])
    : status === Number(wanted)
}
