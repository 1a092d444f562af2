/** A response body that the client cannot get is read away or given up; the client is served on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin, startServing } from '../harness/origin.ts'

test('i00006 HEAD where the integration says GET, with a body that comes later', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /': { uri: origin.url, integrationMethod: 'GET' } },
  })
  const client = (await gateway.client()).ask('HEAD', '/')
  const connection = await origin.accepted()
  assert.equal((await connection.request()).requestLine[0], 'GET')
  connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
  assert.equal((await client.response('HEAD')).get('content-length'), '10')
  connection.send('world')
  client.ask('GET', '/')
  const next = await Promise.race([
    connection.request(),
    origin.accepted(1).then((c) => c.request()),
  ])
  assert.equal(next.requestLine[0], 'GET')
  for (const other of origin.connections) other.send(ok('second'))
  assert.equal((await client.response()).text, 'second')
})

test('i00006 a status without a body, mapped onto a response with one', async (t) => {
  const origin = await startServing(t, () => ok('x'.repeat(100_000)))
  const responseParameters = { 200: { 'overwrite:statuscode': '204' } }
  const gateway = await startGateway(t, {
    routes: { 'GET /': { uri: origin.url, responseParameters } },
  })
  const client = await gateway.client()
  for (let i = 0; i < 3; i++) {
    const response = await client.get('/')
    assert.equal(response.status, 204)
    assert.equal(response.get('content-length'), undefined)
  }
})

test('i00006 a body that turns malformed after the response has begun cuts both', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
  const connection = await origin.accepted()
  await connection.requestHead()
  connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nearly')
  await client.responseHead()
  client.send('zzz\r\n')
  assert.equal(await client.closed(), 'early')
  await connection.closed()
})
