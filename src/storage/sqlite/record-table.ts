/**
 * The table of records on one connection: what the statements are, and how a row becomes a record.
 *
 * The reads are those of the contract (`Reader`); the writes are the two that `WriteTransaction` is made of.
 */

import { assert } from '../../base/assert.ts'
import type { Cursors } from '../cursor.ts'
import type { Original } from '../net-changes.ts'
import type {
  Body,
  Page,
  PageRequest,
  Reader,
  RecordKey,
  Records,
  Scope,
  StoredRecord,
} from '../store.ts'
import type { Connection } from './connection.ts'

interface RecordRow extends RecordKey, Original {
  readonly accountId: string
  readonly region: string
}

/** A record to be written. Its position: where it was before, or null for the end. */
export interface NewRow {
  readonly position: number | null
  readonly body: string
  readonly revision: number
}

const COLUMNS =
  'position, account_id AS accountId, region, kind, parent, id, body, revision FROM record'
const BY_KEY = 'WHERE account_id = ? AND region = ? AND parent = ? AND kind = ? AND id = ?'
const FIND = `SELECT position, body, revision FROM record ${BY_KEY}`
const LIST = `SELECT ${COLUMNS} WHERE kind = ? AND account_id = ? AND region = ? AND parent = ?
  AND position > ? ORDER BY position LIMIT ?`
const EVERYWHERE = `SELECT ${COLUMNS} WHERE kind = ? ORDER BY position`
const CHILDREN = `SELECT kind, parent, id FROM record
  WHERE account_id = ? AND region = ? AND parent = ? ORDER BY position`
const PUT = `INSERT INTO record (account_id, region, parent, kind, id, position, body, revision)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, region, parent, kind, id)
  DO UPDATE SET body = excluded.body, revision = excluded.revision`
const DELETE = `DELETE FROM record ${BY_KEY}`

const NO_LIMIT = -1

export class RecordTable {
  readonly #connection: Connection
  readonly #cursors: Cursors

  constructor(connection: Connection, cursors: Cursors) {
    this.#connection = connection
    this.#cursors = cursors
  }

  find(scope: Scope, key: RecordKey): Original | undefined {
    return this.#connection.get<Original>(FIND, ...valuesOf(scope, key))
  }

  get<T extends Body>(scope: Scope, key: RecordKey): StoredRecord<T> | undefined {
    const row = this.find(scope, key)
    if (row === undefined) return undefined
    const { kind, parent, id } = key
    const { accountId, region } = scope
    return toRecord<T>({ ...row, kind, parent, id, accountId, region })
  }

  list<T extends Body>(scope: Scope, kind: string, listed: ListedPart): Page<T> {
    const { parent, page } = listed
    const { limit, after } = page
    assert(limit === undefined || limit >= 1, 'a page has at least one record')
    const name = { scope, kind, parent }
    const start = after === undefined ? 0 : this.#cursors.decode(name, after)
    // One more than asked for says whether there is another page.
    const count = limit === undefined ? NO_LIMIT : limit + 1
    const values = [kind, scope.accountId, scope.region, parent, start, count]
    const rows = this.#connection.all<RecordRow>(LIST, ...values)
    const isLast = limit === undefined || rows.length <= limit
    const shown = isLast ? rows : rows.slice(0, limit)
    return {
      records: shown.map((row) => toRecord<T>(row)),
      next: isLast ? undefined : this.#cursors.encode(name, shown.at(-1)!.position),
    }
  }

  everywhere<T extends Body>(kind: string): StoredRecord<T>[] {
    return this.#connection.all<RecordRow>(EVERYWHERE, kind).map((row) => toRecord<T>(row))
  }

  children(scope: Scope, parent: string): RecordKey[] {
    assert(parent !== '', 'what stands alone has no parent to be found by')
    return this.#connection
      .all<RecordKey>(CHILDREN, scope.accountId, scope.region, parent)
      .map(({ kind, id }) => ({ kind, parent, id }))
  }

  put(scope: Scope, key: RecordKey, row: NewRow): void {
    const values = valuesOf(scope, key)
    // SQLite stores UTF-8, where a lone surrogate would become another character, and two keys one.
    assert(values.join('').isWellFormed(), 'the parts of a key are texts that UTF-8 can hold')
    this.#connection.write('put-record', PUT, ...values, row.position, row.body, row.revision)
  }

  delete(scope: Scope, key: RecordKey): void {
    this.#connection.write('delete-record', DELETE, ...valuesOf(scope, key))
  }
}

/** What is listed of a kind. */
export interface ListedPart {
  readonly parent: string
  readonly page: PageRequest
}

/** Reads a table as the contract has it. `check` throws when the read or the transaction is over. */
export class TableReader implements Reader {
  readonly #table: RecordTable
  readonly #check: () => void

  constructor(table: RecordTable, check: () => void) {
    this.#table = table
    this.#check = check
  }

  in(scope: Scope): Records {
    const table = this.#table
    const check = this.#check
    return {
      scope,
      async get<T extends Body>(key: RecordKey) {
        check()
        return table.get<T>(scope, key)
      },
      async list<T extends Body>(kind: string, parent: string, page: PageRequest = {}) {
        check()
        return table.list<T>(scope, kind, { parent, page })
      },
    }
  }

  async everywhere<T extends Body>(kind: string): Promise<readonly StoredRecord<T>[]> {
    this.#check()
    return this.#table.everywhere<T>(kind)
  }
}

function toRecord<T extends Body>(row: RecordRow): StoredRecord<T> {
  const { accountId, region, kind, parent, id, revision } = row
  const body = JSON.parse(row.body) as T
  return { scope: { accountId, region }, kind, parent, id, body, revision }
}

/** In the order of `BY_KEY` and of `PUT`. */
function valuesOf({ accountId, region }: Scope, { kind, parent, id }: RecordKey): string[] {
  return [accountId, region, parent, kind, id]
}
