/** Test 48: what a limit refuses is refused before its body is read and before the origin hears of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientLimits } from '../../src/domain/http-api.ts'
import { type StageDescription, startGateway, TestClock } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const ONE = { ratePerSecond: 0.001, burst: 1 }
const CLIENT: ClientLimits = { client: '$request.header.x-client', metered: false, clients: {} }

const LEVELS: readonly [name: string, stage: Partial<StageDescription>, message: string][] = [
  ['the client', { clientLimits: { ...CLIENT, throttle: ONE } }, 'Too Many Requests'],
  ['the stage', { throttle: ONE }, 'Too Many Requests'],
  [
    'the quota',
    {
      clientLimits: {
        ...CLIENT,
        metered: true,
        quota: { limit: 1, period: 'DAY', offset: 0 },
      },
    },
    'Limit Exceeded',
  ],
]

for (const [name, stage, message] of LEVELS) {
  test(`48 ${name} refuses a body of ten megabytes that is never sent`, async (t) => {
    const origin = await startEcho(t)
    const gateway = await startGateway(t, {
      clock: new TestClock(),
      ...stage,
      routes: { 'POST /a': origin.url },
    })
    assert.equal((await gateway.call('POST', '/a', ['X-Client: one'], 'body')).status, 200)
    const client = await gateway.client()
    client.send(
      'POST /a HTTP/1.1\r\nHost: a\r\nX-Client: one\r\nContent-Length: 10000000\r\n\r\nonly this',
    )
    const refused = await client.response()
    assert.equal(refused.status, 429)
    assert.equal(refused.text, JSON.stringify({ message }))
    assert.equal(origin.requests.length, 1)
  })
}
