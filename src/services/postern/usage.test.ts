import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { ServiceCalls } from '../service-calls.fake.ts'
import { addUsage } from '../usage/usage-records.ts'
import { usageOperations } from './usage.ts'

const { ListUsage, TopUpQuota } = usageOperations
const METER = 'a1b2c3d4e5/$default'

let calls: ServiceCalls

beforeEach(async () => {
  calls = new ServiceCalls()
  const use = (client: string, date: string, allowed: number) => ({
    meter: { ...calls.scope, name: METER },
    ...{ client, date, added: { allowed, throttled: 1, overQuota: 0 } },
  })
  await calls.store.write((transaction) =>
    addUsage(
      (scope) => transaction.in(scope),
      [
        use('one', '2026-11-21', 5),
        use('one', '2026-11-22', 7),
        { ...use('two', '2026-11-22', 2), quota: { period: 20_778, used: 2 } },
        { ...use('k1', '2026-11-22', 1), meter: { ...calls.scope, name: 'plan/p1' } },
      ],
    ),
  )
})

async function listed(request: object): Promise<string[]> {
  const { Usage } = await calls.call(ListUsage, request)
  return Usage.map(({ date, meter, client, allowed }) => `${date} ${meter} ${client} ${allowed}`)
}

test('usage is that of today unless days are named, by limit and client', async () => {
  assert.deepEqual(await listed({}), [
    `2026-11-22 ${METER} one 7`,
    `2026-11-22 ${METER} two 2`,
    '2026-11-22 plan/p1 k1 1',
  ])
  assert.deepEqual(await listed({ From: '2026-11-01', Client: 'one' }), [
    `2026-11-21 ${METER} one 5`,
    `2026-11-22 ${METER} one 7`,
  ])
  assert.deepEqual(await listed({ ApiId: 'a1b2c3d4e5', From: '2026-11-22', Client: 'k1' }), [])
  await assert.rejects(calls.call(ListUsage, { From: '2026-13-01' }), /no date/)
})

test('a quota is topped up for its current period, again and again', async () => {
  const request = { Meter: METER, Client: 'two', Calls: 10 }
  const first = await calls.call(TopUpQuota, request)
  assert.deepEqual(first, {
    Meter: METER,
    Client: 'two',
    Period: '2026-11-21',
    Used: 2,
    Granted: 10,
  })
  assert.equal((await calls.call(TopUpQuota, { ...request, Calls: -4 })).Granted, 6)
  await assert.rejects(calls.call(TopUpQuota, { ...request, Client: 'nobody' }), /used nothing/)
  await assert.rejects(calls.call(TopUpQuota, { ...request, Calls: 0.5 }), /whole number/)
})
