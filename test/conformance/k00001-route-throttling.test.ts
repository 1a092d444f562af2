/** Limits of routes: the burst at once, then the rate; the route's own before the stage's default, a bucket each. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

async function statuses(gateway: TestGateway, target: string, count: number): Promise<number[]> {
  const client = await gateway.client()
  const seen: number[] = []
  for (let i = 0; i < count; i++) seen.push((await client.get(target)).status)
  return seen
}

test('k00001 a route lets its burst pass, then its rate', async (t) => {
  const [clock, origin] = [new TestClock(), await startEcho(t)]
  const throttle = { ratePerSecond: 2, burst: 3 }
  const gateway = await startGateway(t, { clock, throttle, routes: { 'GET /a': origin.url } })
  assert.deepEqual(await statuses(gateway, '/a', 5), [200, 200, 200, 429, 429])
  clock.advance(499)
  assert.deepEqual(await statuses(gateway, '/a', 1), [429])
  clock.advance(2)
  assert.deepEqual(await statuses(gateway, '/a', 2), [200, 429])
  clock.advance(1_600)
  assert.deepEqual(await statuses(gateway, '/a', 4), [200, 200, 200, 429])
  assert.equal(origin.requests.length, 7, 'the origin got what was let in')
})

test('k00001 the default is a bucket for each route, and a route may have its own', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    throttle: { ratePerSecond: 1, burst: 1 },
    routes: {
      'GET /a': url,
      'GET /b': url,
      'GET /more': { uri: url, throttle: { ratePerSecond: 1, burst: 2 } },
      'GET /closed': { uri: url, throttle: { ratePerSecond: 100, burst: 0 } },
      'GET /stopped': { uri: url, throttle: { ratePerSecond: 0, burst: 100 } },
    },
  })
  assert.deepEqual(await statuses(gateway, '/a', 2), [200, 429])
  assert.deepEqual(await statuses(gateway, '/b', 2), [200, 429])
  assert.deepEqual(await statuses(gateway, '/more', 3), [200, 200, 429])
  assert.deepEqual(await statuses(gateway, '/closed', 2), [429, 429])
  assert.deepEqual(await statuses(gateway, '/stopped', 2), [429, 429])
  clock.advance(60_000)
  assert.deepEqual(await statuses(gateway, '/closed', 1), [429])
})

test('k00001 what no route takes is not throttled and takes no token', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    throttle: { ratePerSecond: 1, burst: 1 },
    limits: { accountRatePerSecond: 1, accountBurst: 1 },
    routes: { 'GET /a': url },
    cors: { allowOrigins: ['*'] },
  })
  assert.deepEqual(await statuses(gateway, '/nowhere', 3), [404, 404, 404])
  const preflight = ['Origin: https://a.example', 'Access-Control-Request-Method: GET']
  assert.equal((await gateway.call('OPTIONS', '/a', preflight)).status, 204)
  assert.deepEqual(await statuses(gateway, '/a', 2), [200, 429])
})

test('k00001 a deployment leaves the tokens as they are; a new limit begins with what is left', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const routes = { 'GET /a': url }
  const throttle = { ratePerSecond: 1, burst: 5 }
  const gateway = await startGateway(t, { clock, throttle, routes })
  assert.deepEqual(await statuses(gateway, '/a', 3), [200, 200, 200])
  gateway.apply({ throttle, routes: { ...routes, 'GET /b': url } })
  assert.deepEqual(await statuses(gateway, '/a', 1), [200])
  gateway.apply({ throttle: { ratePerSecond: 10, burst: 100 }, routes })
  assert.deepEqual(await statuses(gateway, '/a', 2), [200, 429])
  clock.advance(101)
  assert.deepEqual(await statuses(gateway, '/a', 2), [200, 429])
  gateway.apply({ routes })
  assert.deepEqual(await statuses(gateway, '/a', 3), [200, 200, 200])
})

test('k00001 by the time of the machine, no more than burst and rate allow, and no less', async (t) => {
  const { url } = await startEcho(t)
  const throttle = { ratePerSecond: 200, burst: 20 }
  const gateway = await startGateway(t, { throttle, routes: { 'GET /a': url } })
  const clients = await Promise.all(Array.from({ length: 4 }, () => gateway.client()))
  const begun = performance.now()
  const seen = await Promise.all(
    clients.map(async (client) => {
      let passed = 0
      for (let i = 0; i < 150; i++) if ((await client.get('/a')).status === 200) passed++
      return passed
    }),
  )
  const elapsed = performance.now() - begun
  const passed = seen.reduce((sum, each) => sum + each, 0)
  assert.ok(passed >= throttle.burst, `${passed} passed`)
  assert.ok(passed <= throttle.burst + (elapsed * throttle.ratePerSecond) / 1_000 + 1, `${passed}`)
})
