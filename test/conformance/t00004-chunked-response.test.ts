/** A chunked response is decoded and framed anew for the client. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startAnswering, startOrigin } from '../harness/origin.ts'

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

test('t00004 chunks pass, extensions and trailers do not', async (t) => {
  const origin = await startAnswering(
    t,
    `${CHUNKED}5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: secret\r\n\r\n`,
  )
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 2; i++) {
    const response = await client.get('/')
    assert.equal(response.text, 'hello!')
    assert.deepEqual(response.trailers, [])
  }
  assert.equal(origin.connections.length, 1)
  assert.doesNotMatch(client.stream.recorded.toString(), /x=y|secret/)
})

test('t00004 an HTTP/1.0 client gets the body delimited by the end of the connection', async (t) => {
  const origin = await startAnswering(t, `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  const response = await client.send('GET / HTTP/1.0\r\n\r\n').response()
  assert.equal(response.get('transfer-encoding'), undefined)
  assert.equal(response.text, 'hello')
})

test('t00004 a chunked body that breaks off looks broken to the client', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = (await gateway.client()).ask('GET', '/')
  const connection = await origin.accepted()
  await connection.request()
  connection.send(`${CHUNKED}5\r\nhello\r\n`)
  assert.equal((await client.responseHead()).framing, 'chunked')
  assert.equal((await client.chunk()).toString(), 'hello')
  connection.reset()
  assert.doesNotMatch(await client.closed(), /0\r\n\r\n$/)
})
