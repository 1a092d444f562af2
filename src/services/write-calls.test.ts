import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import { limitsOf } from '../domain/limits.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import type { LiveStages } from './live-stages.ts'
import { WriteCalls } from './write-calls.ts'
import { WriteQueue } from './write-queue.ts'

const SCOPE = { accountId: '123456789012', region: 'eu-central-1' }
const FACTS = {
  scope: SCOPE,
  caller: { accountId: '123456789012', accessKeyId: 'AKPO', readOnly: false, sourceIp: '::1' },
  requestId: 'request-1',
  action: 'apigatewayv2:CreateApi',
}
const API = { kind: 'api', parent: '', id: 'a' }

function world(stages: Partial<LiveStages> = {}) {
  const store = new MemoryStore()
  const now = () => new Date(0)
  const newId = () => 'id'
  const queue = new WriteQueue({
    ...{ store, now, newId },
    stages: {
      after: async () => ({ live: [], gone: [] }),
      all: async () => ({ live: [], refused: [] }),
      ...stages,
    },
    publisher: { begin: () => {}, prepare: () => assert.fail('no stage has changed') },
  })
  const settings = { limitProfile: 'aws' as const, limits: limitsOf('aws'), apiEndpoint: () => '' }
  const served = () => ({ revision: 0, apis: [] })
  const calls = new WriteCalls({ ...{ store, settings, served, now, newId } }, queue)
  return { store, calls }
}

describe('the audit log', () => {
  test('says who has written what', async () => {
    const { store, calls } = world()
    await calls.run(FACTS, ({ records }) => records.put(API, { Name: 'x' }))
    const [{ who, sourceIp, action, changes, refused } = assert.fail()] = await log(store)
    assert.deepEqual([who, sourceIp, action], ['AKPO', '::1', FACTS.action])
    assert.deepEqual(changes, [{ resource: 'api/a', after: { Name: 'x' } }])
    assert.equal(refused, undefined)
  })

  test('says who was refused, and nothing of what he wrote stays', async () => {
    const { store, calls } = world()
    const refused = calls.run(FACTS, async ({ records }) => {
      await records.put(API, { Name: 'x' })
      throw new ServiceError('ConflictException', 'It is there.')
    })
    await assert.rejects(refused, { code: 'ConflictException', message: 'It is there.' })
    const [entry = assert.fail(), ...others] = await log(store)
    assert.deepEqual(others, [])
    assert.equal(entry.refused, 'ConflictException: It is there.')
    assert.deepEqual(entry.changes, [])
    assert.deepEqual(await apis(store), [])
  })

  test('says who has asked for what cannot go live', async () => {
    const { store, calls } = world({
      after: async () => {
        throw new ServiceError('BadRequestException', 'JWT is not enforced yet')
      },
    })
    const refused = calls.run(FACTS, ({ records }) => records.put(API, { Name: 'x' }))
    await assert.rejects(refused, { message: 'JWT is not enforced yet' })
    const [entry = assert.fail(), ...others] = await log(store)
    assert.deepEqual(others, [])
    assert.equal(entry.refused, 'BadRequestException: JWT is not enforced yet')
    assert.equal(entry.who, 'AKPO')
    assert.deepEqual(await apis(store), [])
  })

  test('does not grow by what the refusal of a large call has to say', async () => {
    const { store, calls } = world()
    const reasons = 'route GET /pets: it has no target\n'.repeat(100_000)
    const refused = calls.run(FACTS, () =>
      Promise.reject(new ServiceError('BadRequestException', reasons)),
    )
    await assert.rejects(refused, { message: reasons })
    const [entry = assert.fail()] = await log(store)
    assert.equal(entry.refused!.length, 1_000)
  })

  test('is silent on calls that change nothing', async () => {
    const { store, calls } = world()
    assert.equal(await calls.run(FACTS, async () => 'nothing to do'), 'nothing to do')
    assert.deepEqual(await log(store), [])
  })
})

test('a bug leaves nothing behind', async () => {
  const { store, calls } = world()
  const broken = calls.run(FACTS, async ({ records }) => {
    await records.put(API, { Name: 'x' })
    throw new TypeError('x is undefined')
  })
  await assert.rejects(broken, TypeError)
  assert.deepEqual(await log(store), [])
  assert.deepEqual(await apis(store), [])
})

test('what the program does by itself may reach other accounts, and is told as well', async () => {
  const { store, calls } = world()
  const other = { accountId: '999999999999', region: 'us-east-1' }
  await calls.run(FACTS, (_context, transaction) => transaction.in(other).put(API, { Name: 'x' }))
  const [{ changes } = assert.fail()] = await log(store)
  assert.deepEqual(changes, [{ resource: 'api/a', after: { Name: 'x' } }])
})

function log(store: MemoryStore) {
  return store.auditLog({ limit: 10 })
}

function apis(store: MemoryStore) {
  return store.read((reader) => reader.everywhere('api'))
}
