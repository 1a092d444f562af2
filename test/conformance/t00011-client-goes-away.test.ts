/** When the client is gone, its origin request is given up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow } from '../harness/flow.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { startOrigin } from '../harness/origin.ts'
import type { Peer } from '../harness/peer.ts'

const LEAVE = {
  'resets while the origin thinks': async (client: Peer) => client.reset(),
  'closes while the origin thinks': async (client: Peer) => void client.socket.destroy(),
}

for (const [how, leave] of Object.entries(LEAVE)) {
  test(`t00011 a client that ${how} ends the origin request`, async (t) => {
    const origin = await startOrigin(t)
    const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
    const client = (await gateway.client()).ask('POST', '/', [], 'body')
    const connection = await origin.accepted()
    await connection.request()
    // A closed client looks like a half-closed one until something is written to it.
    if (how.startsWith('closes'))
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n')
    await leave(client)
    if (how.startsWith('closes')) await new Flow(connection, 1 << 20).finished
    assert.equal(await connection.closed(), '')
  })
}

test('t00011 a client that resets inside its body ends the origin request', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
  const connection = await origin.accepted()
  await connection.requestHead()
  assert.equal((await connection.chunk()).toString(), 'abc')
  client.reset()
  assert.doesNotMatch(await connection.closed(), /0\r\n\r\n/)
})

test('t00011 a client that closed its side and takes nothing counts as gone after a while', async (t) => {
  const clock = new TestClock()
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { clock, routes: { 'GET /': origin.url } })
  const client = (await gateway.client()).ask('GET', '/')
  const connection = await origin.accepted()
  await connection.request()
  connection.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n')
  await client.responseHead()
  client.end()
  const gone = connection.closed()
  while (gateway.plane.inFlight > 0) {
    clock.advance(5_000)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.equal(await gone, '')
})
