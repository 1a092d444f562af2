/** Limits of clients: who a client is, a bucket and a quota each, overrides by name, and the order of refusals. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { ClientLimits } from '../../src/domain/http-api.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const BY_HEADER: ClientLimits = {
  client: '$request.header.x-client',
  metered: false,
  clients: {},
}
const DAY_MS = 86_400_000

async function statuses(gateway: TestGateway, fields: string[], count: number): Promise<number[]> {
  const client = await gateway.client()
  const seen: number[] = []
  for (let i = 0; i < count; i++) seen.push((await client.get('/a', ...fields)).status)
  return seen
}

test('k00004 each client has a bucket of its own; calls without a value are one client', async (t) => {
  const [clock, origin] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    clientLimits: { ...BY_HEADER, throttle: { ratePerSecond: 1, burst: 2 } },
    routes: { 'GET /a': origin.url, 'GET /b': origin.url },
  })
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 3), [200, 200, 429])
  assert.deepEqual(await statuses(gateway, ['X-Client: two'], 3), [200, 200, 429])
  assert.deepEqual(await statuses(gateway, [], 2), [200, 200])
  assert.deepEqual(await statuses(gateway, ['X-Client:'], 1), [429])
  assert.equal((await gateway.get('/b', 'X-Client: one')).status, 429, 'over all routes')
  clock.advance(1_001)
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 2), [200, 429])
  const refused = await gateway.get('/a', 'X-Client: one')
  assert.equal(refused.text, '{"message":"Too Many Requests"}')
  assert.equal(refused.get('retry-after'), '1')
  assert.equal(origin.requests.length, 7)
})

test('k00004 a client that is named has its own figures, and an operation its own bucket', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    clientLimits: {
      ...BY_HEADER,
      throttle: { ratePerSecond: 1, burst: 3 },
      clients: { partner: { throttle: { ratePerSecond: 1, burst: 5 } }, free: {} },
    },
    routes: {
      'GET /a': url,
      'GET /b': {
        uri: url,
        clientLimits: { ...BY_HEADER, throttle: { ratePerSecond: 1, burst: 1 } },
      },
    },
  })
  assert.equal((await gateway.get('/b', 'X-Client: one')).status, 200)
  assert.equal((await gateway.get('/b', 'X-Client: one')).status, 429)
  // What the operation refused took nothing from the bucket of the API.
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 3), [200, 200, 429])
  const partner = await statuses(gateway, ['X-Client: partner'], 6)
  assert.deepEqual(partner, [200, 200, 200, 200, 200, 429])
  assert.ok((await statuses(gateway, ['X-Client: free'], 20)).every((status) => status === 200))
})

test('k00004 a quota counts what was let in, over the period, and says Limit Exceeded', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    logFormat:
      '$context.status $context.error.responseType $context.error.message $context.requestId',
    clientLimits: {
      ...BY_HEADER,
      metered: true,
      throttle: { ratePerSecond: 1_000, burst: 2 },
      quota: { limit: 3, period: 'DAY', offset: 0 },
    },
    routes: { 'GET /a': url },
  })
  const fields = ['X-Client: one']
  assert.deepEqual(await statuses(gateway, fields, 3), [200, 200, 429])
  clock.advance(2)
  assert.deepEqual(await statuses(gateway, fields, 1), [200], 'a throttled call used no quota')
  const refused = await gateway.get('/a', ...fields)
  assert.equal(refused.status, 429)
  assert.equal(refused.text, '{"message":"Limit Exceeded"}')
  assert.ok(Number(refused.get('retry-after')) > 80_000)
  assert.deepEqual(await statuses(gateway, ['X-Client: two'], 1), [200])
  clock.advanceDate(DAY_MS)
  assert.deepEqual(await statuses(gateway, fields, 1), [200])
  assert.ok(gateway.logLines.some((line) => line.startsWith('429 QUOTA_EXCEEDED Limit Exceeded ')))
})

test('k00004 what the quota refuses takes no token of anybody', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    throttle: { ratePerSecond: 0.001, burst: 2 },
    clientLimits: {
      ...BY_HEADER,
      metered: true,
      quota: { limit: 1, period: 'MONTH', offset: 0 },
    },
    routes: { 'GET /a': url },
  })
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 4), [200, 429, 429, 429])
  assert.deepEqual(await statuses(gateway, ['X-Client: two'], 1), [200], 'the token of the route')
  assert.deepEqual(await statuses(gateway, ['X-Client: three'], 1), [429])
})

test('k00004 a key of a usage plan has the limits of the plan; a route may require one', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const digest = (value: string) => createHash('sha256').update(value).digest('hex')
  const value = 'k'.repeat(40)
  const gateway = await startGateway(t, {
    clock,
    usagePlans: [
      {
        planId: 'plan01',
        throttle: { ratePerSecond: 1, burst: 2 },
        quota: { limit: 3, period: 'DAY', offset: 0 },
        routes: { 'GET /closed': { ratePerSecond: 1, burst: 1 } },
        keys: { [digest(value)]: 'key0000001' },
      },
    ],
    routes: { 'GET /a': url, 'GET /closed': { uri: url, apiKeyRequired: true } },
  })
  const closed = async (...fields: string[]) => (await gateway.get('/closed', ...fields)).status
  assert.equal(await closed(), 403)
  assert.equal(await closed('X-API-Key: wrong'), 403)
  const refused = await gateway.get('/closed')
  assert.equal(refused.text, '{"message":"Forbidden"}')
  assert.equal(await closed(`X-API-Key: ${value}`), 200)
  assert.equal(await closed(`X-API-Key: ${value}`), 429, 'the limit of the method')
  assert.deepEqual(await statuses(gateway, [`X-API-Key: ${value}`], 2), [200, 429], 'the plan')
  assert.deepEqual(await statuses(gateway, [], 5), [200, 200, 200, 200, 200], 'no plan')
  clock.advance(5_000)
  assert.deepEqual(await statuses(gateway, [`X-API-Key: ${value}`], 1), [200])
  const over = await gateway.get('/a', `X-API-Key: ${value}`)
  assert.equal(over.text, '{"message":"Limit Exceeded"}')
})

test('k00004 a change of the API keeps what clients have used', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const limits: ClientLimits = {
    ...BY_HEADER,
    metered: true,
    throttle: { ratePerSecond: 0.001, burst: 2 },
    quota: { limit: 5, period: 'DAY', offset: 0 },
  }
  const gateway = await startGateway(t, { clock, clientLimits: limits, routes: { 'GET /a': url } })
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 3), [200, 200, 429])
  gateway.apply({ clientLimits: limits, routes: { 'GET /a': url, 'GET /b': url } })
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 1), [429])
  const { throttle: _, ...open } = limits
  gateway.apply({ clientLimits: open, routes: { 'GET /a': url } })
  assert.deepEqual(await statuses(gateway, ['X-Client: one'], 4), [200, 200, 200, 429])
})

test('k00004 a secret and a very long name are known by their digests', async (t) => {
  const { url } = await startEcho(t)
  const digest = (value: string) =>
    `sha256:${createHash('sha256').update(value).digest('hex').slice(0, 32)}`
  const long = 'n'.repeat(300)
  const own = { throttle: { ratePerSecond: 0.001, burst: 1 } }
  const gateway = await startGateway(t, {
    clock: new TestClock(),
    stages: [
      {
        apiId: 'secret0001',
        clientLimits: {
          ...BY_HEADER,
          client: '$request.header.x-api-key',
          clients: { [digest('secret')]: own },
        },
        routes: { 'GET /a': url },
      },
      {
        apiId: 'long000001',
        clientLimits: { ...BY_HEADER, clients: { [digest(long)]: own } },
        routes: { 'GET /a': url },
      },
    ],
  })
  for (const fields of [
    ['Host: secret0001.execute-api.localhost', 'X-API-Key: secret'],
    ['Host: long000001.execute-api.localhost', `X-Client: ${long}`],
  ]) {
    assert.deepEqual(await statuses(gateway, fields, 2), [200, 429])
  }
})
