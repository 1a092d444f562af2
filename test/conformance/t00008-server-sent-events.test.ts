/** An event reaches the client before the origin has ended its response. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startOrigin } from '../harness/origin.ts'

test('t00008 events are passed on one by one', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /events': origin.url } })
  const client = (await gateway.client()).ask('GET', '/events', ['Accept: text/event-stream'])
  const connection = await origin.accepted()
  await connection.request()
  connection.send(
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  const head = await client.responseHead()
  assert.equal(head.get('content-type'), 'text/event-stream')
  for (let i = 0; i < 20; i++) {
    const event = `id: ${i}\ndata: tick\n\n`
    connection.send(`${event.length.toString(16)}\r\n${event}\r\n`)
    assert.equal((await client.chunk()).toString(), event)
  }
  connection.send('0\r\n\r\n')
  assert.equal((await client.chunk()).length, 0)
  assert.equal(await client.stream.takeUntil('\r\n'), '')
})
