/** The time of an integration is the origin's: a client that pauses within its body does not use it up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Flow } from '../harness/flow.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

test('t00038 pauses before and within a body, each longer than the timeout', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    clock,
    routes: { 'POST /': { uri: origin.url, timeoutInMillis: 100 } },
  })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n')
  const connection = await origin.accepted()
  await connection.requestHead()
  for (const byte of 'abc') {
    clock.advance(1_000)
    await pause(50)
    client.send(byte)
    assert.equal((await connection.stream.take(1)).toString(), byte)
  }
  connection.send(ok('in time'))
  assert.equal((await client.response()).text, 'in time')
})

test('t00038 the time runs once the body is there', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    clock,
    routes: { 'POST /': { uri: origin.url, timeoutInMillis: 100 } },
  })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n')
  const connection = await origin.accepted()
  await connection.requestHead()
  client.send('a')
  await connection.stream.take(1)
  clock.advance(200)
  assert.equal((await client.response()).status, 503)
})

test('t00038 and while an origin does not take the body', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    clock,
    limits: { requestBodyBytes: 1 << 30 },
    routes: { 'POST /': { uri: origin.url, timeoutInMillis: 100 } },
  })
  const client = await gateway.client()
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${1 << 29}\r\n\r\n`)
  const connection = await origin.accepted()
  connection.socket.pause()
  await new Flow(client, 1 << 29).stalled()
  clock.advance(200)
  assert.equal((await client.response()).status, 503)
})
