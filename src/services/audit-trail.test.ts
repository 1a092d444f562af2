import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import type { WritableRecords } from '../storage/store.ts'
import { AuditTrail } from './audit-trail.ts'

const SCOPE = { accountId: '1', region: 'r' }
const API = { kind: 'api', parent: '', id: 'a' }
const ROUTE = { kind: 'route', parent: 'a', id: 'r1' }

async function changesOf(work: (records: WritableRecords) => Promise<unknown>, seed = true) {
  const store = new MemoryStore()
  return store.write(async (transaction) => {
    if (seed) await transaction.in(SCOPE).put(API, { Name: 'before' })
    const trail = new AuditTrail()
    await work(trail.over(transaction).in(SCOPE))
    return { changes: trail.changes(), scopes: trail.scopes() }
  })
}

test('what is written is told with its place, before and after', async () => {
  const { changes, scopes } = await changesOf(async (records) => {
    await records.put(API, { Name: 'between' })
    await records.put(API, { Name: 'after' })
    await records.put(ROUTE, { RouteKey: '$default' })
  })
  assert.deepEqual(changes, [
    { resource: 'api/a', before: { Name: 'before' }, after: { Name: 'after' } },
    { resource: 'route/a/r1', after: { RouteKey: '$default' } },
  ])
  assert.deepEqual(scopes, [SCOPE])
})

test('what another call of the batch wrote is not told', async () => {
  const { changes } = await changesOf(async () => {})
  assert.deepEqual(changes, [])
})

test('what is as it was is not told', async () => {
  const { changes } = await changesOf(async (records) => {
    await records.put(ROUTE, {})
    await records.delete(ROUTE)
    await records.put(API, { Name: 'before' })
  })
  assert.deepEqual(changes, [])
})

test('children that go with their parent are told one by one', async () => {
  const { changes } = await changesOf(async (records) => {
    await records.put(ROUTE, { RouteKey: 'GET /' })
    await records.deleteChildren('a')
    await records.delete(API)
  })
  assert.deepEqual(changes, [{ resource: 'api/a', before: { Name: 'before' } }])
})

test('secrets and frozen definitions are left out', async () => {
  const { changes } = await changesOf(async (records) => {
    const key = { accessKeyId: 'AK', secretAccessKey: 'top secret', readOnly: false }
    await records.put({ kind: 'access-key', parent: '', id: 'AK' }, key)
    const frozen = { api: { Name: 'n' }, routes: [1], integrations: [2], models: [3] }
    await records.put({ kind: 'deployment-definition', parent: 'a', id: 'd' }, frozen)
  })
  assert.deepEqual(changes, [
    { resource: 'access-key/AK', after: { accessKeyId: 'AK', readOnly: false } },
    { resource: 'deployment-definition/a/d', after: { api: { Name: 'n' } } },
  ])
})
