/** The limit of the account: one bucket for all its APIs, behind those of the routes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Invocation } from '../../src/invocation/invocation.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

function ask(gateway: TestGateway, apiId: string, target: string): Promise<number> {
  return gateway.get(target, `Host: ${apiId}.execute-api.localhost`).then(({ status }) => status)
}

test('k00003 all APIs take from one bucket', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const gateway = await startGateway(t, {
    clock,
    limits: { accountRatePerSecond: 1, accountBurst: 3 },
    stages: [
      { apiId: 'aaaaaaaaaa', routes: { 'GET /a': url } },
      { apiId: 'bbbbbbbbbb', routes: { 'GET /b': url } },
    ],
  })
  assert.equal(await ask(gateway, 'aaaaaaaaaa', '/a'), 200)
  assert.equal(await ask(gateway, 'bbbbbbbbbb', '/b'), 200)
  assert.equal(await ask(gateway, 'aaaaaaaaaa', '/a'), 200)
  assert.equal(await ask(gateway, 'bbbbbbbbbb', '/b'), 429)
  clock.advance(1_001)
  assert.equal(await ask(gateway, 'bbbbbbbbbb', '/b'), 200)
  assert.equal(await ask(gateway, 'aaaaaaaaaa', '/a'), 429)
})

test('k00003 the route is asked first, and gets its token back from the account', async (t) => {
  const [clock, { url }] = [new TestClock(), await startEcho(t)]
  const reasons: string[] = []
  const details = new Set<string>()
  const gateway = await startGateway(t, {
    clock,
    limits: { accountRatePerSecond: 2, accountBurst: 2 },
    routes: {
      'GET /slow': { uri: url, throttle: { ratePerSecond: 0.001, burst: 2 } },
      'GET /free': url,
    },
  })
  gateway.plane.tail((source) => {
    const { reasonCode = 'passed', refusalDetail } = source as Partial<Invocation>
    reasons.push(reasonCode)
    details.add(`${reasonCode} ${refusalDetail}`.trim())
  })
  const client = await gateway.client()
  for (const target of ['/free', '/slow', '/slow', '/slow', '/slow']) await client.get(target)
  assert.deepEqual(reasons.splice(0), [
    ...['passed', 'passed'],
    ...['ACCOUNT_THROTTLED', 'ACCOUNT_THROTTLED', 'ACCOUNT_THROTTLED'],
  ])
  clock.advance(1_001)
  for (const target of ['/slow', '/slow', '/free', '/free']) await client.get(target)
  assert.deepEqual(
    reasons,
    ['passed', 'ROUTE_THROTTLED', 'passed', 'ACCOUNT_THROTTLED'],
    'the one token was still there, and the refused call took none of the account',
  )
  assert.deepEqual(
    [...details],
    ['passed', 'ACCOUNT_THROTTLED 2 a second, burst 2', 'ROUTE_THROTTLED 0.001 a second, burst 2'],
  )
})
