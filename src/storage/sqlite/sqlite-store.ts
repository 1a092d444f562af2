/**
 * The store in one SQLite file: one connection writes, one write after the other; each read has a connection of its own.
 *
 * The only folder that knows SQLite. What the contract promises stands in `../store.ts` and is tested by
 * `../store.suite.ts`; how the file is kept is told in docs/guide/store.md, and why in docs/decisions/.
 */

import type { Clock } from '../../base/clock.ts'
import { Cursors } from '../cursor.ts'
import type { AuditQuery, AuditRecord, ChangeSet, Reader, Store, Transaction } from '../store.ts'
import { readAudit, verifyAudit } from './audit-table.ts'
import type { Connection, Faults } from './connection.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { closedError, ReaderPool } from './reader-pool.ts'
import { RecordTable } from './record-table.ts'
import { type Durability, makeFolder, openReader, openWriter, storeFile } from './store-file.ts'
import { toDiskTrouble, toTrouble } from './trouble.ts'
import { readMeta, readView } from './view.ts'
import { WriteTransaction } from './write-transaction.ts'

export { StoreUnusable } from '../store-unusable.ts'

export interface SqliteStoreOptions {
  /** Where the file is, or is to be made. */
  readonly folder: string
  readonly clock: Clock
  /** Only tests have any. */
  readonly faults?: Faults
  /** `machine` unless a test is in a hurry. */
  readonly durability?: Durability
}

/** Throws StoreUnusable when the folder cannot be used, or somebody else uses it. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { folder, clock, faults, durability = 'machine' } = options
  const file = storeFile(folder)
  let lock: FolderLock | undefined
  try {
    makeFolder(folder)
    lock = lockFolder(folder)
    const epochMs = clock.epochMs()
    const { isAfterCrash } = lock
    const writer = openWriter({ folder, durability, faults, epochMs, isAfterCrash })
    return new SqliteStore({ file, writer, lock, clock, openReader: () => openReader(folder) })
  } catch (error) {
    lock?.release('failed')
    throw toTrouble(error, file)
  }
}

interface StoreParts {
  readonly file: string
  readonly writer: Connection
  readonly openReader: () => Connection
  readonly lock: FolderLock
  readonly clock: Clock
}

class SqliteStore implements Store {
  readonly #parts: StoreParts
  readonly #cursors: Cursors
  readonly #readers: ReaderPool
  readonly #listeners = new Set<(set: ChangeSet) => void>()
  #revision: number
  /** Resolves when the last write that was asked for is over. */
  #turn: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#cursors = new Cursors(readMeta(parts.writer, 'cursor-key'))
    this.#revision = readMeta(parts.writer, 'revision')
    this.#readers = new ReaderPool(parts.openReader)
  }

  get revision(): number {
    return this.#revision
  }

  read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#use((connection) => readView({ connection, cursors: this.#cursors, work }))
  }

  async write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw closedError()
    const done = this.#turn.then(() => this.#transact(work))
    this.#turn = done.catch(() => {})
    return done
  }

  onCommit(listener: (set: ChangeSet) => void): () => void {
    // A function may listen twice; each is an entry of its own.
    const entry = (set: ChangeSet): void => listener(set)
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  auditLog(query: AuditQuery): Promise<readonly AuditRecord[]> {
    return this.#use(async (connection) => readAudit(connection, query))
  }

  verifyAuditLog(): Promise<number | undefined> {
    return this.#use(verifyAudit)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#turn
    await this.#readers.close()
    this.#parts.writer.close()
    this.#parts.lock.release('closed')
  }

  async #use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#readers.use(work)
    } catch (error) {
      throw toDiskTrouble(error, this.#parts.file)
    }
  }

  async #transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { writer: connection, clock } = this.#parts
    const table = new RecordTable(connection, this.#cursors)
    const revision = this.#revision + 1
    const transaction = new WriteTransaction({ connection, table, clock, revision })
    try {
      transaction.begin()
      const result = await work(transaction)
      const set = transaction.commit()
      if (set !== undefined) this.#announce(set)
      connection.fail('after commit')
      return result
    } catch (error) {
      transaction.rollBack()
      throw toDiskTrouble(error, this.#parts.file)
    }
  }

  #announce(set: ChangeSet): void {
    this.#revision = set.revision
    for (const listener of [...this.#listeners]) {
      try {
        listener(set)
      } catch (error) {
        // The write is done and the others have to hear of it; a bug of a listener is the program's to see.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
