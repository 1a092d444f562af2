/**
 * One connection to the database: statements prepared once, and named points where tests let a write fail.
 *
 * Everything that a write does to the file goes through `write`, which passes two points of failure; reads pass none,
 * since they leave nothing behind.
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

export type WriteStatement =
  | 'begin'
  | 'put-record'
  | 'delete-record'
  | 'insert-audit'
  | 'set-revision'
  | 'savepoint'
  | 'undo-savepoint'
  | 'release-savepoint'
  | 'commit'
  | 'rollback'

export type FaultPoint = `${'before' | 'after'} ${WriteStatement}`

/** Called at every point of a write. May throw, as a full disk would, or end the process. */
export type Faults = (point: FaultPoint) => void

export class Connection {
  readonly #database: DatabaseSync
  readonly #faults: Faults | undefined
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync, faults?: Faults) {
    this.#database = database
    this.#faults = faults
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[]
  }

  /** A statement that the points of failure do not concern, or several of them. */
  execute(sql: string): void {
    this.#database.exec(sql)
  }

  write(statement: WriteStatement, sql: string, ...values: SQLInputValue[]): void {
    this.fail(`before ${statement}`)
    this.#prepared(sql).run(...values)
    this.fail(`after ${statement}`)
  }

  /** Fails if a test wants it to. */
  fail(point: FaultPoint): void {
    this.#faults?.(point)
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
