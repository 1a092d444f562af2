/**
 * One write: records, savepoints, audit entries, and what has changed, until it is committed or rolled back.
 *
 * A record that a transaction takes away and brings back stays in its place: outside nobody has seen it gone. Entries of
 * the audit log wait until the commit, where their place in the chain is known. When SQLite or a savepoint fails in a way
 * that leaves open what still stands, the transaction is lost: whatever it is asked from then on fails, so nothing of it
 * is committed.
 */

import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { canonicalJson } from '../audit-chain.ts'
import { isSameJson, NetChanges, type Touched } from '../net-changes.ts'
import type {
  AuditEntry,
  Body,
  Change,
  ChangeSet,
  RecordKey,
  Scope,
  StoredRecord,
  Transaction,
  WritableRecords,
} from '../store.ts'
import { appendAudit, type PendingAudit } from './audit-table.ts'
import type { Connection } from './connection.ts'
import { type RecordTable, TableReader } from './record-table.ts'

export interface TransactionParts {
  readonly connection: Connection
  readonly table: RecordTable
  readonly clock: Clock
  /** What the store's revision becomes if this changes a record. */
  readonly revision: number
}

type State = { readonly is: 'open' | 'over' } | { readonly is: 'lost'; readonly error: unknown }

const NESTED = 'savepoints end in the opposite order of their beginning'

/** What a savepoint comes back to. */
interface Mark {
  readonly depth: number
  readonly changes: number
  readonly audits: number
}

export class WriteTransaction implements Transaction {
  readonly #parts: TransactionParts
  readonly #reader: TableReader
  readonly #changes = new NetChanges()
  readonly #audits: PendingAudit[] = []
  #depth = 0
  #state: State = { is: 'open' }

  constructor(parts: TransactionParts) {
    this.#parts = parts
    this.#reader = new TableReader(parts.table, () => this.#check())
  }

  begin(): void {
    const { connection } = this.#parts
    // A rollback that failed itself has left its transaction open.
    if (connection.isInTransaction) connection.execute('ROLLBACK')
    connection.write('begin', 'BEGIN IMMEDIATE')
  }

  in(scope: Scope): WritableRecords {
    return {
      ...this.#reader.in(scope),
      put: async (key, body) => this.#put(scope, key, body),
      delete: async (key) => this.#delete(scope, key),
      children: async (parent) => {
        this.#check()
        return this.#parts.table.children(scope, parent)
      },
      deleteChildren: async (parent) => {
        this.#check()
        for (const key of this.#parts.table.children(scope, parent)) this.#delete(scope, key)
      },
    }
  }

  everywhere<T extends Body>(kind: string): Promise<readonly StoredRecord<T>[]> {
    return this.#reader.everywhere<T>(kind)
  }

  changes(): readonly Change[] {
    return this.#changes.list()
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const mark = this.#enterSavepoint()
    let result: T
    try {
      result = await work()
    } catch (error) {
      this.#undoTo(mark, error)
      throw error
    }
    this.#leaveSavepoint(mark)
    return result
  }

  async audit(entry: AuditEntry): Promise<void> {
    this.#check()
    const time = new Date(this.#parts.clock.epochMs()).toISOString()
    this.#audits.push({ time, entry: canonicalJson(entry) })
  }

  /** What was changed; undefined: no record was. A transaction that wrote nothing does not reach the disk. */
  commit(): ChangeSet | undefined {
    this.#check()
    assert(this.#depth === 0, 'every savepoint has ended before its transaction')
    const { connection, revision } = this.#parts
    const isChanged = !this.#changes.isEmpty()
    if (!isChanged && this.#audits.length === 0) {
      this.rollBack()
      return undefined
    }
    appendAudit(connection, this.#audits)
    if (isChanged) {
      const sql = `UPDATE meta SET value = ? WHERE name = 'revision'`
      connection.write('set-revision', sql, revision)
    }
    connection.fail('before commit')
    connection.execute('COMMIT')
    this.#state = { is: 'over' }
    return isChanged ? { revision, changes: this.#changes.list() } : undefined
  }

  /** Never throws: what is left open is closed by the next `begin`. */
  rollBack(): void {
    this.#state = { is: 'over' }
    if (!this.#parts.connection.isInTransaction) return
    try {
      this.#parts.connection.write('rollback', 'ROLLBACK')
    } catch {}
  }

  #put(scope: Scope, key: RecordKey, body: Body): void {
    this.#check()
    const text = JSON.stringify(body)
    const { original, body: current } = this.#touch(scope, key)
    if (current !== undefined && isSameJson(current, text)) return
    const isBack = original !== undefined && isSameJson(original.body, text)
    const row = isBack ? original : { body: text, revision: this.#parts.revision }
    const position = current === undefined ? (original?.position ?? null) : null
    this.#parts.table.put(scope, key, { body: row.body, revision: row.revision, position })
    this.#changes.note({ scope, key, original, body: row.body })
  }

  #delete(scope: Scope, key: RecordKey): boolean {
    this.#check()
    const touched = this.#touch(scope, key)
    if (touched.body === undefined) return false
    this.#parts.table.delete(scope, key)
    this.#changes.note({ ...touched, body: undefined })
    return true
  }

  /** The record as it was and as it is now. */
  #touch(scope: Scope, { kind, parent, id }: RecordKey): Touched {
    const key = { kind, parent, id }
    const touched = this.#changes.find(scope, key)
    if (touched !== undefined) return touched
    const original = this.#parts.table.find(scope, key)
    return { scope, key, original, body: original?.body }
  }

  #enterSavepoint(): Mark {
    this.#check()
    this.#depth += 1
    this.#orLost(() =>
      this.#parts.connection.write('savepoint', `SAVEPOINT ${savepointName(this.#depth)}`),
    )
    return {
      depth: this.#depth,
      changes: this.#changes.mark(),
      audits: this.#audits.length,
    }
  }

  #leaveSavepoint({ depth }: Mark): void {
    this.#check()
    this.#orLost(() => {
      assert(depth === this.#depth, NESTED)
      this.#parts.connection.write('release-savepoint', `RELEASE ${savepointName(depth)}`)
      this.#depth -= 1
    })
  }

  #undoTo(mark: Mark, error: unknown): void {
    if (this.#state.is !== 'open') return
    const { connection } = this.#parts
    if (!connection.isInTransaction) {
      this.#state = { is: 'lost', error }
      return
    }
    this.#orLost(() => {
      assert(mark.depth === this.#depth, NESTED)
      connection.write('undo-savepoint', `ROLLBACK TO ${savepointName(mark.depth)}`)
    })
    this.#changes.undoTo(mark.changes)
    this.#audits.splice(mark.audits)
    this.#leaveSavepoint(mark)
  }

  #orLost(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#state = { is: 'lost', error }
      throw error
    }
  }

  #check(): void {
    if (this.#state.is === 'lost') throw this.#state.error
    assert(this.#state.is === 'open', 'a transaction is not used after its end')
    // A full disk and its like make SQLite give up the whole transaction by itself; a statement that came now would
    // stand alone.
    if (!this.#parts.connection.isInTransaction) {
      throw new Error('The database has given up the transaction.')
    }
  }
}

function savepointName(depth: number): string {
  return `savepoint_${depth}`
}
