import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Clock } from '../../base/clock.ts'
import { testStore } from '../store.suite.ts'
import type { AuditEntry, RecordKey, Scope, Store, Transaction } from '../store.ts'
import type { FaultPoint } from './connection.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { temporaryFolder } from './temporary-folder.fake.ts'

const SCOPE: Scope = { accountId: '111111111111', region: 'eu-central-1' }
const ENTRY: AuditEntry = {
  scope: SCOPE,
  who: 'test',
  sourceIp: '',
  requestId: '',
  action: 'postern:Test',
  changes: [],
}
const clock: Clock = { now: () => 0, epochMs: () => 0 }

testStore('sqlite', async (t, suiteClock) => {
  const folder = await temporaryFolder(t)
  return () => openSqliteStore({ folder, clock: suiteClock, durability: 'process' })
})

/** Fails once, at the first point where it should. */
class FaultyDisk {
  readonly error = new Error('the disk has failed')
  points: FaultPoint[] = []
  #fails: (point: FaultPoint, i: number) => boolean = () => false

  readonly faults = (point: FaultPoint): void => {
    this.points.push(point)
    if (!this.#fails(point, this.points.length - 1)) return
    this.#fails = () => false
    throw this.error
  }

  /** Counts points from here on. */
  failWhen(fails: (point: FaultPoint, i: number) => boolean): void {
    this.points = []
    this.#fails = fails
  }
}

test('an error at any point of a write leaves the old state, and a store that works on', async (t) => {
  const disk = new FaultyDisk()
  const store = await open(t, disk)
  await store.write(simpleState)
  disk.failWhen(() => false)
  await store.write(richWrite)
  const points = [...disk.points]
  assert.deepEqual(points.slice(-3), ['after set-revision', 'before commit', 'after commit'])
  for (const [failing, point] of points.entries()) {
    await store.write(simpleState)
    const before = await contentOf(store)
    disk.failWhen((_, i) => i === failing)
    await assert.rejects(store.write(richWrite), (error) => error === disk.error, point)
    const kept = { revision: before.revision + 1, ids: ['a', 'b', 'd'] }
    assert.deepEqual(await contentOf(store), point === 'after commit' ? kept : before, point)
  }
  assert.equal(await store.verifyAuditLog(), undefined)
})

test('an error in a savepoint costs the savepoint, at its edges the transaction', async (t) => {
  const disk = new FaultyDisk()
  const store = await open(t, disk)
  const idsAfterErrorAt = async (point: FaultPoint, error?: Error): Promise<string[]> => {
    await store.write((tx) => tx.in(SCOPE).deleteChildren('p'))
    const write = store.write(async (tx) => {
      await put(tx, 'before')
      disk.failWhen((each) => each === point)
      const work = async (): Promise<void> => {
        await put(tx, 'inside')
        if (error !== undefined) throw error
      }
      await assert.rejects(tx.savepoint(work))
      await put(tx, 'after')
    })
    await write.catch((thrown) => assert.equal(thrown, disk.error))
    return (await contentOf(store)).ids
  }
  for (const point of ['before put-record', 'after put-record'] as const) {
    assert.deepEqual(await idsAfterErrorAt(point), ['before', 'after'], point)
  }
  for (const statement of ['savepoint', 'release-savepoint'] as const) {
    assert.deepEqual(await idsAfterErrorAt(`before ${statement}`), [], statement)
    assert.deepEqual(await idsAfterErrorAt(`after ${statement}`), [], statement)
  }
  const error = new Error('no')
  assert.deepEqual(await idsAfterErrorAt('before undo-savepoint', error), [])
  assert.deepEqual(await idsAfterErrorAt('after undo-savepoint', error), [])
})

test('a rollback that fails does not stop the next write', async (t) => {
  for (const point of ['before rollback', 'after rollback'] as const) {
    const disk = new FaultyDisk()
    const store = await open(t, disk)
    disk.failWhen((each) => each === point)
    const error = new Error('no')
    const failing = store.write(async (tx) => {
      await put(tx, 'gone')
      throw error
    })
    await assert.rejects(failing, (thrown) => thrown === error)
    await store.write((tx) => put(tx, 'kept'))
    assert.deepEqual(await contentOf(store), { revision: 1, ids: ['kept'] })
  }
})

test('a write that changes nothing does not reach the disk', async (t) => {
  const disk = new FaultyDisk()
  const store = await open(t, disk)
  await store.write((tx) => put(tx, 'a'))
  disk.failWhen((point) => point === 'before commit')
  await store.write(async (tx) => void (await tx.everywhere('k')))
  await store.write((tx) => put(tx, 'a'))
  await store.write(async (tx) => {
    await put(tx, 'b')
    await tx.in(SCOPE).delete(keyOf('b'))
  })
  assert.deepEqual(await contentOf(store), { revision: 1, ids: ['a'] })
})

test('savepoints that do not nest lose the transaction', async (t) => {
  const store = await open(t, new FaultyDisk())
  const write = store.write(async (tx) => {
    const gate = Promise.withResolvers<void>()
    const outer = tx.savepoint(() => gate.promise)
    const inner = tx.savepoint(() => gate.promise.then(() => put(tx, 'a')))
    gate.resolve()
    await Promise.allSettled([outer, inner])
  })
  await assert.rejects(write, /opposite order/)
  assert.deepEqual(await contentOf(store), { revision: 0, ids: [] })
})

test('a key that UTF-8 cannot hold is refused', async (t) => {
  const store = await open(t, new FaultyDisk())
  await assert.rejects(
    store.write((tx) => put(tx, '\ud800')),
    /UTF-8/,
  )
  await store.write((tx) => put(tx, '\ufffd'))
  assert.deepEqual((await contentOf(store)).ids, ['\ufffd'])
})

test('many reads at once each have their view', async (t) => {
  const store = await open(t, new FaultyDisk())
  const gate = Promise.withResolvers<void>()
  const reads: Promise<readonly number[]>[] = []
  for (let i = 0; i < 12; i += 1) {
    const started = Promise.withResolvers<void>()
    const read = store.read(async (reader) => {
      const first = (await reader.everywhere('k')).length
      started.resolve()
      await gate.promise
      return [first, (await reader.everywhere('k')).length]
    })
    reads.push(read)
    await started.promise
    await store.write((tx) => put(tx, `${i}`))
  }
  gate.resolve()
  const seen = await Promise.all(reads)
  assert.deepEqual(
    seen,
    seen.map((_, i) => [i, i]),
  )
})

test('a listener that throws harms neither the write nor the other listeners', async (t) => {
  const store = await open(t, new FaultyDisk())
  const error = new Error('a bug')
  const thrown: unknown[] = []
  t.mock.method(globalThis, 'queueMicrotask', (report: () => void) => {
    try {
      report()
    } catch (each) {
      thrown.push(each)
    }
  })
  const heard: number[] = []
  store.onCommit(() => {
    throw error
  })
  store.onCommit(({ revision }) => heard.push(revision))
  await store.write((tx) => put(tx, 'a'))
  assert.deepEqual(heard, [1])
  assert.deepEqual(thrown, [error])
})

/** Changes records in every way, with savepoints that stay and go, and audit entries. */
async function richWrite(tx: Transaction): Promise<void> {
  const records = tx.in(SCOPE)
  await records.put(keyOf('a'), { changed: true })
  await put(tx, 'b')
  await records.delete(keyOf('c'))
  await tx.savepoint(() => put(tx, 'd'))
  const work = async (): Promise<void> => {
    await put(tx, 'e')
    throw new Error('as planned')
  }
  await tx.savepoint(work).catch((error: Error) => {
    if (error.message !== 'as planned') throw error
  })
  await tx.audit(ENTRY)
  await tx.audit({ ...ENTRY, refused: 'ConflictException' })
}

async function simpleState(tx: Transaction): Promise<void> {
  for (const id of ['b', 'd', 'e']) await tx.in(SCOPE).delete(keyOf(id))
  await put(tx, 'a')
  await put(tx, 'c')
}

async function contentOf(store: Store): Promise<{ revision: number; ids: string[] }> {
  const page = await store.read((reader) => reader.in(SCOPE).list('k', 'p'))
  return { revision: store.revision, ids: page.records.map(({ id }) => id) }
}

function put(tx: Transaction, id: string): Promise<void> {
  return tx.in(SCOPE).put(keyOf(id), { id })
}

function keyOf(id: string): RecordKey {
  return { kind: 'k', parent: 'p', id }
}

async function open(t: TestContext, disk: FaultyDisk): Promise<Store> {
  const folder = await temporaryFolder(t)
  const store = await openSqliteStore({ folder, clock, durability: 'process', faults: disk.faults })
  t.after(() => store.close())
  return store
}
