/** A client that does not get on with it is let go: 408 inside a request, silence between two. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { startOrigin } from '../harness/origin.ts'

test('t00023 a head that is not complete in time → 408', async (t) => {
  const clock = new TestClock()
  const gateway = await startGateway(t, { clock, routes: {} })
  const client = await gateway.client()
  assert.equal((await client.get('/missing')).status, 404)
  await client.flush('GET / HTTP/1.1\r\nX: ')
  // The answer to a request on another connection proves that the bytes above were read.
  await gateway.get('/missing')
  clock.advance(10_100)
  const response = await client.response()
  assert.equal(response.status, 408)
  assert.equal(response.get('connection'), 'close')
  assert.equal(await client.closed(), '')
})

test('t00023 a body that stops coming → 408, and the origin request is given up', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    clock,
    routes: { 'POST /': { uri: origin.url, timeoutInMillis: 600_000 } },
  })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello')
  const connection = await origin.accepted()
  await connection.requestHead()
  clock.advance(61_000)
  const answer = await client.response()
  assert.equal(answer.status, 408)
  await connection.closed()
})

test('t00023 an idle connection is closed without a word', async (t) => {
  const clock = new TestClock()
  const gateway = await startGateway(t, { clock, routes: {} })
  const client = await gateway.client()
  await client.get('/missing')
  clock.advance(75_100)
  assert.equal(await client.closed(), '')
})
