/**
 * Connections for reading, one for each read that is going on.
 *
 * Reads are asynchronous and overlap, and each needs a transaction of its own for one consistent view; under WAL they
 * wait for nobody. A few connections stay open for the next reads. How many reads go on at once is bounded by whoever
 * calls: the control port.
 */

import { StoreUnusable } from '../store-unusable.ts'
import type { Connection } from './connection.ts'

const IDLE_MAX = 4

export class ReaderPool {
  readonly #open: () => Connection
  readonly #idle: Connection[] = []
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(open: () => Connection) {
    this.#open = open
  }

  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw closedError()
    const running = this.#use(work)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Resolves when the reads that go on have ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#running)
    for (const connection of this.#idle.splice(0)) connection.close()
  }

  async #use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#idle.pop() ?? this.#open()
    try {
      connection.execute('BEGIN')
      return await work(connection)
    } finally {
      this.#giveBack(connection)
    }
  }

  #giveBack(connection: Connection): void {
    if (connection.isInTransaction) connection.execute('ROLLBACK')
    if (this.#idle.length < IDLE_MAX) this.#idle.push(connection)
    else connection.close()
  }
}

export function closedError(): StoreUnusable {
  return new StoreUnusable('The store is closed.', 'Start Postern again.')
}
