import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import type { Scope, Store } from '../store.ts'
import { StoreUnusable } from '../store-unusable.ts'
import { openSqliteReader, type SqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { temporaryFolder } from './temporary-folder.fake.ts'

const SCOPE: Scope = { accountId: '111111111111', region: 'eu-central-1' }

test('reads beside a running store, and sees what it commits', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await put(store, 'a')
  const reader = await openSqliteReader(folder)
  assert.deepEqual(await idsOf(reader), ['a'])
  await put(store, 'b')
  assert.deepEqual(await idsOf(reader), ['a', 'b'])
  await reader.read(async (view) => {
    await view.everywhere('api')
    await put(store, 'c')
    assert.equal((await view.everywhere('api')).length, 2)
  })
  await reader.close()
  await store.close()
})

test('reads a store that nobody has open, and leaves no trace', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await put(store, 'a')
  await store.close()
  const before = readdirSync(folder)
  const reader = await openSqliteReader(folder)
  assert.deepEqual(await idsOf(reader), ['a'])
  await reader.close()
  assert.deepEqual(readdirSync(folder), before)
})

test('takes no lock: a store opens and writes beside it', async (t) => {
  const folder = await temporaryFolder(t)
  await (await openStore(folder)).close()
  const reader = await openSqliteReader(folder)
  const store = await openStore(folder)
  await put(store, 'a')
  await store.close()
  await reader.close()
})

test('sees what a killed store has left in its log', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await put(store, 'a')
  const copy = await temporaryFolder(t)
  for (const name of ['postern.db', 'postern.db-wal']) {
    await cp(join(folder, name), join(copy, name))
  }
  await store.close()
  const reader = await openSqliteReader(copy)
  assert.deepEqual(await idsOf(reader), ['a'])
  await reader.close()
})

test('pages, and the cursors are those of the store', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await put(store, 'a')
  await put(store, 'b')
  const page = await store.read((view) => view.in(SCOPE).list('api', '', { limit: 1 }))
  const reader = await openSqliteReader(folder)
  const rest = await reader.read((view) => view.in(SCOPE).list('api', '', { after: page.next! }))
  assert.deepEqual(
    rest.records.map(({ id }) => id),
    ['b'],
  )
  await reader.close()
  await store.close()
})

test('makes nothing where there is nothing', async (t) => {
  const folder = await temporaryFolder(t)
  for (const place of [folder, join(folder, 'none')]) {
    await assert.rejects(openSqliteReader(place), (error) => {
      return error instanceof StoreUnusable && /There is no store/.test(error.message)
    })
  }
  assert.deepEqual(readdirSync(folder), [])
})

function openStore(folder: string): Promise<Store> {
  return openSqliteStore({ folder, clock: systemClock, durability: 'process' })
}

async function put(store: Store, id: string): Promise<void> {
  await store.write((tx) => tx.in(SCOPE).put({ kind: 'api', parent: '', id }, { id }))
}

async function idsOf(reader: SqliteReader): Promise<string[]> {
  const records = await reader.read((view) => view.everywhere('api'))
  return records.map(({ id }) => id)
}
