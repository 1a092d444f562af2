import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import { INSTALLATION, type Reader } from '../storage/store.ts'
import type { AccessKey } from './access-key-record.ts'
import { AccessKeyRing } from './access-key-ring.ts'
import { createAccessKey, removeAccessKey } from './access-keys.ts'
import { Sealer } from './installation-key.ts'

const ACCOUNT = '000000000000'
const sealer = new Sealer(randomBytes(32))
const SOURCE = { sealer, randomBytes, now: new Date(0) }

function make(store: MemoryStore): Promise<AccessKey> {
  return store.write((transaction) =>
    createAccessKey(transaction.in(INSTALLATION), { accountId: ACCOUNT }, SOURCE),
  )
}

function remove(store: MemoryStore, { accessKeyId }: AccessKey): Promise<void> {
  return store.write((transaction) => removeAccessKey(transaction.in(INSTALLATION), accessKeyId))
}

function knows(ring: AccessKeyRing, key: AccessKey): boolean {
  const { accessKeyId, secretAccessKey, ...rest } = key
  const view = ring.find(accessKeyId)
  const secret = ring.secretOf(accessKeyId)
  assert.equal(view === undefined, secret === undefined)
  if (view === undefined) return false
  assert.deepEqual(view, { accessKeyId, ...rest })
  assert.deepEqual(secret, { secretAccessKey })
  return true
}

test('it holds what the store holds, and follows every commit', async () => {
  const store = new MemoryStore()
  const old = await make(store)
  const ring = await AccessKeyRing.open(store, sealer)
  assert.ok(knows(ring, old))
  const made = await make(store)
  assert.ok(knows(ring, made))
  await remove(store, old)
  assert.ok(!knows(ring, old))
  assert.ok(knows(ring, made))
})

test('a removed key works until its removal is committed, and no longer', async () => {
  const store = new MemoryStore()
  const [key] = [await make(store), await make(store)]
  const ring = await AccessKeyRing.open(store, sealer)
  const failed = store.write(async (transaction) => {
    await removeAccessKey(transaction.in(INSTALLATION), key.accessKeyId)
    assert.ok(knows(ring, key))
    throw new Error('rolled back')
  })
  await assert.rejects(failed, /rolled back/)
  assert.ok(knows(ring, key))
  // Heard before the ring's own listener is of no interest; what counts is that the write has returned.
  await remove(store, key)
  assert.ok(!knows(ring, key))
})

test('commits while it is opened are neither lost nor undone', async () => {
  for (const order of ['commits before what is read', 'commits after what is read'] as const) {
    const store = new MemoryStore()
    const [leaving] = [await make(store), await make(store)]
    let made: AccessKey | undefined
    const change = async () => {
      made = await make(store)
      await remove(store, leaving)
    }
    const read = store.read.bind(store)
    store.read = async <T>(work: (reader: Reader) => Promise<T>): Promise<T> => {
      if (order === 'commits before what is read') await change()
      const result = await read(work)
      if (order === 'commits after what is read') await change()
      return result
    }
    const ring = await AccessKeyRing.open(store, sealer)
    assert.ok(knows(ring, made!), order)
    assert.ok(!knows(ring, leaving), order)
  }
})

test('records of other kinds and scopes are no keys', async () => {
  const store = new MemoryStore()
  const key = await make(store)
  const ring = await AccessKeyRing.open(store, sealer)
  await store.write(async (transaction) => {
    const records = transaction.in({ accountId: ACCOUNT, region: 'us-east-1' })
    await records.put(
      { kind: 'access-key', parent: '', id: 'AKPOX' },
      { ...key, accessKeyId: 'AKPOX' },
    )
    await transaction.in(INSTALLATION).put({ kind: 'api', parent: '', id: key.accessKeyId }, {})
    await transaction.in(INSTALLATION).delete({ kind: 'api', parent: '', id: key.accessKeyId })
  })
  assert.equal(ring.find('AKPOX'), undefined)
  assert.ok(knows(ring, key))
})

test('closed, it knows nobody', async () => {
  const store = new MemoryStore()
  const key = await make(store)
  const ring = await AccessKeyRing.open(store, sealer)
  ring.close()
  assert.ok(!knows(ring, key))
  assert.ok(!knows(ring, await make(store)))
})
