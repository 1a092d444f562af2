import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { ServiceErrorCode } from '../aws/service-error.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import { INSTALLATION, type Reader, type Store, type WritableRecords } from '../storage/store.ts'
import { openedKey } from './access-key-record.ts'
import {
  createAccessKey,
  ensureFirstKey,
  listAccessKeys,
  localAccessKey,
  removeAccessKey,
} from './access-keys.ts'
import { Sealer } from './installation-key.ts'

const ACCOUNT = '000000000000'
const sealer = new Sealer(randomBytes(32))
const SOURCE = { sealer, randomBytes, now: new Date('2026-11-22T10:00:00.000Z') }
const FIRST = { accountId: ACCOUNT, description: 'first start' }

function write<T>(store: Store, work: (records: WritableRecords) => Promise<T>): Promise<T> {
  return store.write((transaction) => work(transaction.in(INSTALLATION)))
}

const keysOf = (store: Store) =>
  store.read((reader: Reader) => listAccessKeys(reader.in(INSTALLATION)))

const rejected = (code: ServiceErrorCode) => (thrown: unknown) =>
  (thrown as { code?: string }).code === code

test('a key is made from random bytes, and everything but its secret can be read again', async () => {
  const store = new MemoryStore()
  const bytes = (size: number) => new Uint8Array(size).map((_, i) => i * 37)
  const request = { accountId: '123456789012', readOnly: true, description: 'dashboard' }
  const key = await write(store, (records) =>
    createAccessKey(records, request, { ...SOURCE, randomBytes: bytes }),
  )
  assert.deepEqual(key, {
    accessKeyId: 'AKPOAASUU34UXHPAGKCN',
    secretAccessKey: Buffer.from(bytes(30)).toString('base64'),
    accountId: '123456789012',
    readOnly: true,
    description: 'dashboard',
    createdAt: '2026-11-22T10:00:00.000Z',
  })
  const { secretAccessKey, ...view } = key
  assert.equal(secretAccessKey.length, 40)
  assert.deepEqual(await keysOf(store), [view])
})

test('ids have the form that AWS tools expect, and differ', async () => {
  const store = new MemoryStore()
  const ids = new Set<string>()
  for (let i = 0; i < 50; i++) {
    const key = await write(store, (records) =>
      createAccessKey(records, { accountId: ACCOUNT }, SOURCE),
    )
    assert.match(key.accessKeyId, /^AKPO[A-Z2-7]{16}$/)
    assert.match(key.secretAccessKey, /^[A-Za-z0-9+/]{40}$/)
    ids.add(key.accessKeyId)
  }
  assert.equal(ids.size, 50)
  assert.deepEqual(
    (await keysOf(store)).map(({ accessKeyId }) => accessKeyId),
    [...ids],
  )
})

test('refused: an account that is none, a description that is a book', async () => {
  const store = new MemoryStore()
  for (const accountId of [
    '',
    '12345678901',
    '1234567890123',
    '12345678901x',
    '*',
    '١٢٣٤٥٦٧٨٩٠١٢',
  ]) {
    const made = write(store, (records) => createAccessKey(records, { accountId }, SOURCE))
    await assert.rejects(made, rejected('BadRequestException'))
  }
  const request = { accountId: ACCOUNT, description: 'x'.repeat(257) }
  const made = write(store, (records) => createAccessKey(records, request, SOURCE))
  await assert.rejects(made, rejected('BadRequestException'))
  assert.deepEqual(await keysOf(store), [])
})

test('there are at most a thousand keys', async () => {
  const store = new MemoryStore()
  await write(store, async (records) => {
    const view = { accountId: ACCOUNT, readOnly: true, description: '', createdAt: '' }
    for (let i = 0; i < 1_000; i++) {
      const accessKeyId = `AKPO${i}`
      const key = { kind: 'access-key', parent: '', id: accessKeyId }
      await records.put(key, { ...view, accessKeyId, secretAccessKey: 'x' })
    }
  })
  const made = write(store, (records) => createAccessKey(records, { accountId: ACCOUNT }, SOURCE))
  await assert.rejects(made, rejected('LimitExceededException'))
})

test('the first start makes a key, the second finds it', async () => {
  const store = new MemoryStore()
  const first = await write(store, (records) => ensureFirstKey(records, FIRST, SOURCE))
  assert.ok(first)
  assert.equal(first.readOnly, false)
  const second = await write(store, (records) => ensureFirstKey(records, FIRST, SOURCE))
  assert.equal(second, undefined)
  assert.equal((await keysOf(store)).length, 1)
  const local = await store.read((reader) => localAccessKey(reader.in(INSTALLATION)))
  assert.deepEqual(openedKey(sealer, local!), first)
  assert.ok(!JSON.stringify(local).includes(first.secretAccessKey))
})

test('a key that only reads is neither a first key nor a local one', async () => {
  const store = new MemoryStore()
  const readOnly = { accountId: ACCOUNT, readOnly: true }
  await write(store, (records) => createAccessKey(records, readOnly, SOURCE))
  const local = () => store.read((reader) => localAccessKey(reader.in(INSTALLATION)))
  assert.equal(await local(), undefined)
  const first = await write(store, (records) => ensureFirstKey(records, FIRST, SOURCE))
  assert.ok(first)
  await write(store, (records) => createAccessKey(records, { accountId: ACCOUNT }, SOURCE))
  assert.equal((await local())?.accessKeyId, first.accessKeyId)
})

test('removal: gone is gone, and the last key that may write stays', async () => {
  const store = new MemoryStore()
  const make = (readOnly: boolean) =>
    write(store, (records) => createAccessKey(records, { accountId: ACCOUNT, readOnly }, SOURCE))
  const [writer, reader, other] = [await make(false), await make(true), await make(false)]
  const remove = (id: string) => write(store, (records) => removeAccessKey(records, id))
  await remove(other.accessKeyId)
  await assert.rejects(remove(other.accessKeyId), rejected('NotFoundException'))
  await assert.rejects(remove(writer.accessKeyId), rejected('ConflictException'))
  await remove(reader.accessKeyId)
  await assert.rejects(remove(writer.accessKeyId), rejected('ConflictException'))
  await make(false)
  await remove(writer.accessKeyId)
  assert.equal((await keysOf(store)).length, 1)
})

test('keys are records of the installation only', async () => {
  const store = new MemoryStore()
  const scope = { accountId: ACCOUNT, region: 'us-east-1' }
  const made = store.write((transaction) =>
    createAccessKey(transaction.in(scope), { accountId: ACCOUNT }, SOURCE),
  )
  await assert.rejects(made, /belong to the installation/)
})
