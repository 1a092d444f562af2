/** An origin that does not answer in time is a 503, and its connection is not used again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

test('t00013 no response head within the timeout of the integration', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': { uri: origin.url, timeoutInMillis: 60 } },
  })
  const client = (await gateway.client()).ask('GET', '/')
  const connection = await origin.accepted()
  await connection.request()
  const response = await client.response()
  assert.equal(response.status, 503)
  assert.equal(response.text, '{"message":"Service Unavailable"}')
  assert.equal(await connection.closed(), '')
})

test('t00013 a late answer reaches nobody', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': { uri: origin.url, timeoutInMillis: 60 } },
  })
  const client = (await gateway.client()).ask('GET', '/')
  const late = await origin.accepted()
  await late.request()
  assert.equal((await client.response()).status, 503)
  late.send(ok('late'))
  client.ask('GET', '/')
  const second = await origin.accepted(1)
  await second.request()
  second.send(ok('in time'))
  assert.equal((await client.response()).text, 'in time')
})
