import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../aws/service-error.ts'
import { OutboxBounds } from '../../identity/messages/outbox-bounds.ts'
import { OUTBOX_KIND, type OutboxMessage } from '../../identity/messages/outbox-message.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { outboxOperations } from './outbox.ts'

const { ListOutboxMessages } = outboxOperations
const POOLS = ['eu-central-1_a', 'eu-central-1_b'] as const

function message(userPoolId: string, username: string, createdAt: string): OutboxMessage {
  return {
    userPoolId,
    username,
    medium: 'EMAIL',
    destination: `${username}@example.com`,
    purpose: 'SIGN_UP',
    subject: 'Your code',
    body: 'Your code is 123456',
    code: '123456',
    createdAt,
  }
}

async function world(): Promise<ServiceCalls> {
  const calls = new ServiceCalls()
  await calls.write(async ({ records }) => {
    for (const id of POOLS) await records.put({ kind: 'user-pool', parent: '', id }, { Id: id })
    const put = (pool: string, id: string, username: string, time: string) =>
      records.put({ kind: OUTBOX_KIND, parent: pool, id }, message(pool, username, time))
    await put(POOLS[0], 'm1', 'ana', '2026-11-22T10:00:00.000Z')
    await put(POOLS[0], 'm2', 'ben', '2026-11-22T12:00:00.000Z')
    await put(POOLS[1], 'm3', 'ana', '2026-11-22T11:00:00.000Z')
    await put(POOLS[0], 'm4', 'ana', '2026-11-22T12:00:00.000Z')
  })
  return calls
}

test('the newest first, of all pools, or of one, or of one user', async () => {
  const calls = await world()
  const ids = async (request: object) =>
    (await calls.call(ListOutboxMessages, request)).Messages.map(({ id }) => id)
  assert.deepEqual(await ids({}), ['m4', 'm2', 'm3', 'm1'])
  assert.deepEqual(await ids({ UserPoolId: POOLS[1] }), ['m3'])
  assert.deepEqual(await ids({ Username: 'ana' }), ['m4', 'm3', 'm1'])
  assert.deepEqual(await ids({ MaxResults: 1 }), ['m4'])
  assert.deepEqual(await ids({ UserPoolId: 'eu-central-1_none' }), [])
  for (const MaxResults of [0, 1_001, 1.5]) await assert.rejects(ids({ MaxResults }), ServiceError)
})

test('codes are not for read-only keys', async () => {
  const caller = { accountId: '1', accessKeyId: 'AKPOTEST', readOnly: true, sourceIp: '' }
  const run = ListOutboxMessages.run({}, { caller } as never)
  await assert.rejects(run, { code: 'AccessDeniedException' })
})

test('what is old goes, and the oldest of a pool that has too many', async () => {
  const calls = await world()
  const left = async () => (await calls.call(ListOutboxMessages, {})).Messages.map(({ id }) => id)
  let actions = 0
  const bounds = new OutboxBounds({
    store: calls.store,
    clock: { now: () => 0, epochMs: () => Date.parse('2026-11-22T12:30:00.000Z') },
    every: () => () => actions++,
    lifeMs: 5_400_000,
    countMax: 1,
  })
  bounds.start()
  await bounds.run()
  assert.deepEqual(await left(), ['m4', 'm3'])
  await bounds.run()
  assert.deepEqual(await left(), ['m4', 'm3'])
  bounds.close()
  assert.equal(actions, 1)
})
