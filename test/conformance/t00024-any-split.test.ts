/** However the network cuts a request into pieces, it is the same request. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho, startOrigin } from '../harness/origin.ts'

const REQUEST =
  'POST /a%20b?q=1 HTTP/1.1\r\nHost: api.test\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody'

test('t00024 a request cut in two at every byte', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /{x}': `${origin.url}/{x}` } })
  const client = await gateway.client()
  for (let at = 1; at < REQUEST.length; at++) {
    await client.flush(REQUEST.slice(0, at))
    await gateway.get('/elsewhere')
    const echo = (await client.send(REQUEST.slice(at)).response()).json as Echo
    assert.deepEqual([echo.target, echo.body], ['/a%20b?q=1', 'body'], `cut at ${at}`)
  }
})

test('t00024 a response cut into single bytes', async (t) => {
  const answer =
    'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
  const origin = await startOrigin(t, async (connection) => {
    await connection.request()
    for (const byte of answer) await connection.flush(byte)
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const response = await gateway.get('/')
  assert.deepEqual([response.status, response.get('x'), response.text], [201, 'y', 'abc'])
})

test('t00024 one empty line before a request line is forgiven', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 3; i++) assert.equal((await client.send('\r\n').get('/')).status, 200)
  await client.flush('\r')
  await gateway.get('/elsewhere')
  assert.equal((await client.send('\n').get('/')).status, 200)
})
