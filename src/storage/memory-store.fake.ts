/**
 * A Store in memory, for tests: the whole contract of `store.ts`, as the suite says it, without a file.
 *
 * Bodies are kept as JSON text, so a test sees what a real store would give back: no undefined members, no dates, and
 * never an object that somebody else may change.
 */

import { assert } from '../base/assert.ts'
import { CHAIN_START, canonicalJson, chainHash } from './audit-chain.ts'
import { Cursors } from './cursor.ts'
import { isSameJson, NetChanges } from './net-changes.ts'
import type {
  AuditEntry,
  AuditQuery,
  AuditRecord,
  Body,
  Change,
  ChangeSet,
  Page,
  PageRequest,
  Reader,
  RecordKey,
  Scope,
  Store,
  StoredRecord,
  Transaction,
  WritableRecords,
} from './store.ts'

interface Row {
  readonly scope: Scope
  readonly key: RecordKey
  /** JSON. */
  readonly body: string
  readonly revision: number
  /** In the order in which records were made. */
  readonly position: number
}

/** Name of a record → its row. Never changed once it is committed. */
type Rows = ReadonlyMap<string, Row>

const cursors = new Cursors(Buffer.from('of tests'))

export class MemoryStore implements Store {
  revision = 0
  #rows: Rows = new Map()
  #position = 0
  readonly #log: AuditRecord[] = []
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false
  readonly #listeners = new Set<(set: ChangeSet) => void>()
  readonly #epochMs: () => number

  /** `epochMs`: the time of audit records. */
  constructor(epochMs: () => number = () => 0) {
    this.#epochMs = epochMs
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    assert(!this.#isClosed, 'a store is not used after it was closed')
    const view = new View(this.#rows)
    return work(view).finally(() => view.end())
  }

  async write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    assert(!this.#isClosed, 'a store is not used after it was closed')
    const result = this.#turn.then(() => this.#write(work))
    this.#turn = result.catch(() => undefined)
    return result
  }

  onCommit(listener: (set: ChangeSet) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async auditLog({ limit, before = Number.POSITIVE_INFINITY }: AuditQuery): Promise<AuditRecord[]> {
    const older = this.#log.filter(({ sequence }) => sequence < before)
    return older.toReversed().slice(0, limit)
  }

  async verifyAuditLog(): Promise<number | undefined> {
    const hashes = [CHAIN_START, ...this.#log.map(({ hash }) => hash)]
    return this.#log.find((record, i) => hashOf(hashes[i]!, record) !== record.hash)?.sequence
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#turn
  }

  /** What a test of opening again needs: the same content, not closed. */
  reopened(): MemoryStore {
    this.#isClosed = false
    return this
  }

  async #write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = new MemoryTransaction(this.#rows, this.revision + 1, () => ++this.#position)
    const result = await work(transaction).finally(() => transaction.end())
    const changes = transaction.changes()
    this.#rows = transaction.rows
    for (const entry of transaction.entries) this.#append(entry)
    if (changes.length === 0) return result
    this.revision++
    for (const listener of this.#listeners) listener({ revision: this.revision, changes })
    return result
  }

  #append(entry: AuditEntry): void {
    const time = new Date(this.#epochMs()).toISOString()
    const record = { ...entry, sequence: this.#log.length + 1, time, hash: '' }
    const hash = hashOf(this.#log.at(-1)?.hash ?? CHAIN_START, record)
    this.#log.push({ ...record, hash })
  }
}

class View implements Reader {
  rows: Rows
  #isOver = false

  constructor(rows: Rows) {
    this.rows = rows
  }

  end(): void {
    this.#isOver = true
  }

  in(scope: Scope) {
    return {
      scope,
      get: async <T extends Body>(key: RecordKey) => {
        this.check()
        const row = this.rows.get(nameOf(scope, key))
        return row && recordOf<T>(row)
      },
      list: async <T extends Body>(kind: string, parent: string, page: PageRequest = {}) => {
        this.check()
        return this.#list<T>({ scope, kind, parent }, page)
      },
    }
  }

  async everywhere<T extends Body>(kind: string): Promise<readonly StoredRecord<T>[]> {
    this.check()
    return this.ordered(({ key }) => key.kind === kind).map((row) => recordOf<T>(row))
  }

  check(): void {
    assert(!this.#isOver, 'a reader or transaction is not used after its end')
  }

  ordered(isMeant: (row: Row) => boolean): Row[] {
    const rows = [...this.rows.values()].filter(isMeant)
    return rows.sort((one, other) => one.position - other.position)
  }

  #list<T extends Body>(
    name: { scope: Scope; kind: string; parent: string },
    { limit, after }: PageRequest,
  ): Page<T> {
    const start = after === undefined ? 0 : cursors.decode(name, after)
    const rows = this.ordered((row) => isChild(row, name.scope, name.parent)).filter(
      ({ key, position }) => key.kind === name.kind && position > start,
    )
    const shown = rows.slice(0, limit)
    const isLast = shown.length === rows.length
    const next = isLast ? undefined : cursors.encode(name, shown.at(-1)!.position)
    return { records: shown.map((row) => recordOf<T>(row)), next }
  }
}

class MemoryTransaction extends View implements Transaction {
  entries: AuditEntry[] = []
  override rows: Map<string, Row>
  readonly #revision: number
  readonly #nextPosition: () => number
  readonly #changes = new NetChanges()

  constructor(rows: Rows, revision: number, nextPosition: () => number) {
    super(rows)
    this.rows = new Map(rows)
    this.#revision = revision
    this.#nextPosition = nextPosition
  }

  override in(scope: Scope): WritableRecords {
    const children = (parent: string) => this.ordered((row) => isChild(row, scope, parent))
    return {
      ...super.in(scope),
      put: async (key, body) => this.#put(scope, key, JSON.stringify(body)),
      delete: async (key) => this.#delete(scope, key),
      children: async (parent) => children(parent).map(({ key }) => key),
      deleteChildren: async (parent) => {
        for (const { key } of children(parent)) this.#delete(scope, key)
      },
    }
  }

  changes(): readonly Change[] {
    return this.#changes.list()
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    const [rows, entries, mark] = [new Map(this.rows), this.entries, this.#changes.mark()]
    try {
      return await work()
    } catch (error) {
      this.rows = rows
      this.entries = entries
      this.#changes.undoTo(mark)
      throw error
    }
  }

  async audit(entry: AuditEntry): Promise<void> {
    this.entries = [...this.entries, JSON.parse(JSON.stringify(entry)) as AuditEntry]
  }

  #put(scope: Scope, { kind, parent, id }: RecordKey, text: string): void {
    this.check()
    const key = { kind, parent, id }
    const { original, current } = this.#touch(scope, key)
    if (current !== undefined && isSameJson(current.body, text)) return
    const isBack = original !== undefined && isSameJson(original.body, text)
    const position = current?.position ?? original?.position ?? this.#nextPosition()
    const row = isBack ? original : { body: text, revision: this.#revision }
    const changed: Row = { scope, key, body: row.body, revision: row.revision, position }
    this.rows.set(nameOf(scope, key), changed)
    this.#changes.note({ scope, key, original, body: row.body })
  }

  #delete(scope: Scope, key: RecordKey): boolean {
    this.check()
    const { original, current } = this.#touch(scope, key)
    if (current === undefined) return false
    this.rows.delete(nameOf(scope, key))
    this.#changes.note({ scope, key: current.key, original, body: undefined })
    return true
  }

  #touch(scope: Scope, key: RecordKey) {
    const current = this.rows.get(nameOf(scope, key))
    const touched = this.#changes.find(scope, key)
    return { current, original: touched === undefined ? current : touched.original }
  }
}

function isChild(row: Row, { accountId, region }: Scope, parent: string): boolean {
  const { scope, key } = row
  return scope.accountId === accountId && scope.region === region && key.parent === parent
}

function recordOf<T extends Body>({ scope, key, body, revision }: Row): StoredRecord<T> {
  return { ...key, scope, body: JSON.parse(body) as T, revision }
}

function nameOf({ accountId, region }: Scope, { kind, parent, id }: RecordKey): string {
  return JSON.stringify([accountId, region, kind, parent, id])
}

function hashOf(previous: string, { hash: _, sequence, time, ...entry }: AuditRecord): string {
  return chainHash(previous, { sequence, time, entry: canonicalJson(entry) })
}
