/** What the crash tests write, and how they read it back: the same in the process that dies and in the one that looks. */

import type { AuditEntry, RecordKey, Scope, Store } from '../../src/storage/store.ts'

export interface Content {
  readonly revision: number
  /** Of the batch: id → body. */
  readonly batch: Readonly<Record<string, object>>
  readonly numbers: readonly string[]
  readonly auditLength: number
}

const SCOPE: Scope = { accountId: '111111111111', region: 'eu-central-1' }
const ENTRY: AuditEntry = {
  scope: SCOPE,
  who: 'test',
  sourceIp: '',
  requestId: '',
  action: 'postern:Test',
  changes: [{ resource: 'k/p/1', after: { a: 1 } }],
}
/** Longer than a page of the database, so that every record reaches several. */
const FILLING = 'x'.repeat(6_000)
const CARELESS_WRITES = 500

/** One transaction over many records: some stay, some go, some are taken back. Other values need another `value`. */
export async function writeBatch(store: Store, value: string): Promise<void> {
  await store.write(async (tx) => {
    const records = tx.in(SCOPE)
    await records.put(keyOf('batch', 'a'), { value })
    await records.put(keyOf('batch', 'b'), { value, filling: FILLING })
    await records.delete(keyOf('batch', `only when not ${value}`))
    await records.put(keyOf('batch', `only when ${value}`), { value })
    await tx.savepoint(() => records.put(keyOf('batch', 'c'), { value }))
    const undone = tx.savepoint(async () => {
      await records.put(keyOf('batch', 'never'), {})
      throw new Error('as planned')
    })
    await undone.catch(() => {})
    await tx.audit(ENTRY)
  })
}

/** One transaction with one record. */
export async function writeNumber(store: Store, n: number): Promise<void> {
  await store.write(async (tx) => {
    await tx.in(SCOPE).put(keyOf('numbers', `${n}`), { filling: FILLING })
    await tx.audit(ENTRY)
  })
}

/** One transaction, larger than the memory that SQLite takes for it, whose author goes on after every error. */
export async function writeCarelessly(store: Store): Promise<void> {
  await store.write(async (tx) => {
    for (let n = 0; n < CARELESS_WRITES; n += 1) {
      const body = { filling: FILLING }
      const done = tx.savepoint(() => tx.in(SCOPE).put(keyOf('numbers', `careless ${n}`), body))
      await done.catch(() => {})
    }
  })
}

export async function contentOf(store: Store): Promise<Content> {
  const [log] = await store.auditLog({ limit: 1 })
  return store.read(async (reader) => {
    const batch = await reader.in(SCOPE).list('k', 'batch')
    const numbers = await reader.in(SCOPE).list('k', 'numbers')
    return {
      revision: store.revision,
      batch: Object.fromEntries(batch.records.map(({ id, body }) => [id, body])),
      numbers: numbers.records.map(({ id }) => id),
      auditLength: log?.sequence ?? 0,
    }
  })
}

function keyOf(parent: string, id: string): RecordKey {
  return { kind: 'k', parent, id }
}
