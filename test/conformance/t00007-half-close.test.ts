/** A client that has said all it wants to say still gets its answers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho, startOrigin } from '../harness/origin.ts'

test('t00007 requests before the FIN are answered, then the connection closes', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'ANY /{proxy+}': `${origin.url}/{proxy}` } })
  const client = await gateway.client()
  client.ask('GET', '/1').ask('POST', '/2', [], 'body').ask('GET', '/3').end()
  for (const target of ['/1', '/2', '/3']) {
    assert.equal(((await client.response()).json as Echo).target, target)
  }
  assert.equal(await client.closed(), '')
})

test('t00007 a FIN inside a head is the end of it', async (t) => {
  const gateway = await startGateway(t, { routes: {} })
  const client = (await gateway.client()).send('GET / HTTP/1.1\r\nHo').end()
  assert.doesNotMatch(await client.closed(), /HTTP\/1\.1 [23]/)
})

test('t00007 a FIN inside a body never completes the request at the origin', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello')
  const connection = await origin.accepted()
  await connection.requestHead()
  client.end()
  assert.equal(await connection.closed(), 'hello')
  assert.doesNotMatch(await client.closed(), /HTTP\/1\.1 2/)
})
