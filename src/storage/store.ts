/**
 * Where the control plane keeps what it must not lose: records, the feed of their changes, and the audit log.
 *
 * A record is a document under a kind, a parent and an id, within an account and a region. All writes happen in
 * transactions, one after the other, and are there as a whole or not at all, whatever ends the process. One suite
 * (`store.suite.ts`) says what every implementation must do; the first is `sqlite/`.
 */

/** Resources of different accounts or regions never see each other. */
export interface Scope {
  readonly accountId: string
  readonly region: string
}

/** What belongs to the installation and not to an account: access keys. */
export const INSTALLATION: Scope = { accountId: '*', region: '*' }

export interface RecordKey {
  /** `api`, `route`, `stage` … */
  readonly kind: string
  /** The id that it lives and dies with: the API's for a route; '' for what stands alone. */
  readonly parent: string
  readonly id: string
}

/** Plain JSON. Members that are undefined are not stored. */
export type Body = object

export interface StoredRecord<T extends Body = Body> extends RecordKey {
  readonly scope: Scope
  readonly body: T
  /** Revision of the store at which it was written last. */
  readonly revision: number
}

export interface PageRequest {
  /** At most so many; undefined: all. */
  readonly limit?: number
  /** Where the page before ended: `next` of that page. A cursor that the store has not made throws InvalidCursor. */
  readonly after?: string
}

export interface Page<T extends Body = Body> {
  /** In the order in which they were made. */
  readonly records: readonly StoredRecord<T>[]
  /** Undefined on the last page. */
  readonly next: string | undefined
}

export class InvalidCursor extends Error {
  override name = 'InvalidCursor'
}

/** Reads one scope. */
export interface Records {
  readonly scope: Scope
  get<T extends Body>(key: RecordKey): Promise<StoredRecord<T> | undefined>
  list<T extends Body>(kind: string, parent: string, page?: PageRequest): Promise<Page<T>>
}

/** Reads and writes one scope within a transaction; reads see its writes. */
export interface WritableRecords extends Records {
  put(key: RecordKey, body: Body): Promise<void>
  /** False: it was not there. Children are not touched. */
  delete(key: RecordKey): Promise<boolean>
  /** Keys of every record of this parent, of every kind. */
  children(parent: string): Promise<readonly RecordKey[]>
  deleteChildren(parent: string): Promise<void>
}

export interface Reader {
  in(scope: Scope): Records
  /** Records of one kind in every scope, in the order in which they were made. */
  everywhere<T extends Body>(kind: string): Promise<readonly StoredRecord<T>[]>
}

export interface Change {
  readonly scope: Scope
  readonly key: RecordKey
  /** Undefined: it was not there. */
  readonly before: Body | undefined
  /** Undefined: it is not there any more. */
  readonly after: Body | undefined
}

/** One call that changed something, or tried to; see `AuditRecord`. */
export interface AuditEntry {
  readonly scope: Scope
  /** The access key, or what acted by itself: `command line`, `first start`. */
  readonly who: string
  readonly sourceIp: string
  readonly requestId: string
  /** `apigatewayv2:CreateRoute`. */
  readonly action: string
  /** Kind and path of what was changed, with the documents before and after. Secrets are left out by the writer. */
  readonly changes: readonly AuditChange[]
  /** Undefined: done. Else the error that refused it, and `changes` is empty. */
  readonly refused?: string
  /** How many such calls this entry stands for; undefined: one. */
  readonly times?: number
}

export interface AuditChange {
  /** `route/{apiId}/{routeId}` */
  readonly resource: string
  readonly before?: unknown
  readonly after?: unknown
}

/** An entry as it stands in the log. Each hash covers the entry and the hash before it: a cut or an edit shows. */
export interface AuditRecord extends AuditEntry {
  /** From 1, without gaps. */
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly time: string
  /** Hex SHA-256. */
  readonly hash: string
}

export interface Transaction extends Reader {
  in(scope: Scope): WritableRecords
  /** What this transaction has changed so far, net, one entry a record, in the order of the first touch. */
  changes(): readonly Change[]
  /** Runs `work`; when it throws, its writes are undone, the others of the transaction stay, and the error is rethrown. */
  savepoint<T>(work: () => Promise<T>): Promise<T>
  audit(entry: AuditEntry): Promise<void>
}

/** Newest first. */
export interface AuditQuery {
  readonly limit: number
  /** Only entries older than this sequence. */
  readonly before?: number
}

/** One committed transaction. */
export interface ChangeSet {
  readonly revision: number
  readonly changes: readonly Change[]
}

export interface Store {
  /** Grows by one with every transaction that changed a record. */
  readonly revision: number
  /** A consistent view; never waits for a writer and never sees half of a transaction. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>
  /**
   * Waits for its turn, runs `work`, commits when it resolves, rolls back and rethrows when it throws. When this
   * resolves, the writes survive the end of the process and of the machine.
   */
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Hears of every committed transaction that changed a record, in order. Returns how to stop. */
  onCommit(listener: (set: ChangeSet) => void): () => void
  auditLog(query: AuditQuery): Promise<readonly AuditRecord[]>
  /** Sequence of the first record whose hash does not fit; undefined: the log is whole. */
  verifyAuditLog(): Promise<number | undefined>
  close(): Promise<void>
}
