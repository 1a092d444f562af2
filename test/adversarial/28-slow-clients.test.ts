/**
 * Test 28: clients that send or read one byte now and then hold a connection, for a bounded time, and nothing else.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Flow } from '../harness/flow.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { startEcho, startOrigin } from '../harness/origin.ts'

test('28 slow heads: many trickling connections end in 408 and do not stop the others', async (t) => {
  const clock = new TestClock()
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { clock, routes: { $default: origin.url } })
  const slow = await Promise.all(Array.from({ length: 200 }, () => gateway.client()))
  for (const byte of 'GET / HTTP') {
    await Promise.all(slow.map((client) => client.flush(byte)))
    // Every byte read proves itself by the next answer; none of them moves the deadline.
    assert.equal((await gateway.get('/alive')).status, 200)
    clock.advance(900)
  }
  clock.advance(2_000)
  for (const client of slow) {
    assert.equal((await client.response()).status, 408)
    assert.equal(await client.closed(), '')
  }
  assert.equal(origin.requests.length, 10)
})

test('28 slow bodies: a trickle below the rate ends in 408, however steady it is', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    clock,
    routes: { $default: { uri: origin.url, timeoutInMillis: 10_000_000 } },
  })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n')
  const connection = await origin.accepted()
  await connection.requestHead()
  for (let sent = 0; client.stream.recorded.length === 0; sent++) {
    assert.ok(sent < 40, 'the trickle is still served')
    client.send('x')
    await connection.stream.grown(connection.stream.recorded.length + 1).catch(() => undefined)
    clock.advance(8_000)
    await nextTicks()
  }
  assert.equal((await client.response()).status, 408)
})

test('28 slow reading: a client that takes nothing of its response is let go', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { clock, routes: { $default: origin.url } })
  const client = (await gateway.client()).ask('GET', '/')
  client.socket.pause()
  const connection = await origin.accepted()
  await connection.request()
  connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${256 << 20}\r\n\r\n`)
  const flow = new Flow(connection, 256 << 20)
  await flow.stalled()
  for (let i = 0; i < 4; i++) {
    clock.advance(30_100)
    await nextTicks()
  }
  await connection.closed()
  assert.equal(gateway.plane.inFlight, 0)
})

test('28 idle hoarders are closed after the keep-alive time, and refused beyond the number of connections', async (t) => {
  const clock = new TestClock()
  const gateway = await startGateway(t, { clock, routes: {}, limits: { clientConnections: 50 } })
  const hoard = await Promise.all(Array.from({ length: 50 }, () => gateway.client()))
  await Promise.all(hoard.map((client) => client.get('/')))
  const late = await gateway.client()
  const refused = await late.response()
  assert.equal(refused.status, 503)
  assert.equal(await late.closed(), '')
  clock.advance(75_100)
  for (const client of hoard) {
    assert.equal(await client.closed(), '')
    client.end()
  }
  while (gateway.plane.stats.some((each) => each.connectionsOpen > 0)) await pause(1)
  assert.equal((await gateway.get('/')).status, 404)
})

/** Lets the timers' wheel turn over what the clock has passed. */
async function nextTicks(): Promise<void> {
  await pause(50)
}
