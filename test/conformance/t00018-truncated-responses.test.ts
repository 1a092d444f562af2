/** A response that ends too early never looks complete. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

test('t00018 a length that is not reached breaks the client connection', async (t) => {
  const origin = await startOrigin(t, async (connection) => {
    await connection.request()
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort').end()
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = (await gateway.client()).ask('GET', '/')
  const received = await client.closed()
  assert.ok(received.includes('503') || received.endsWith('\r\n\r\nshort'), received)
})

test('t00018 an end inside the head is a 503', async (t) => {
  const origin = await startOrigin(t, async (connection) => {
    await connection.request()
    connection.send('HTTP/1.1 200 OK\r\nContent-Le').end()
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  assert.equal((await gateway.get('/')).status, 503)
})

test('t00018 a connection that died in a body serves nobody else', async (t) => {
  const origin = await startOrigin(t, async (connection, index) => {
    await connection.request()
    if (index === 0) connection.send('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort').end()
    else connection.send(ok('whole'))
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  await (await gateway.client()).ask('GET', '/').closed()
  assert.equal((await gateway.get('/')).text, 'whole')
})
