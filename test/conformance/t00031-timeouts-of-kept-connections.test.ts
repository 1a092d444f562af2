/** A timeout counts from the request, also on a connection that was idle under a much longer one. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

test('t00031 the integration timeout of the second request on an origin connection', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    clock,
    routes: { 'GET /': { uri: origin.url, timeoutInMillis: 100 } },
  })
  const client = (await gateway.client()).ask('GET', '/')
  const connection = await origin.accepted()
  await connection.request()
  connection.send(ok('first'))
  assert.equal((await client.response()).text, 'first')
  client.ask('GET', '/')
  await connection.request()
  clock.advance(200)
  assert.equal((await client.response()).status, 503)
})
