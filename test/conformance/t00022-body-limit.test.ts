/** A request body beyond the limit is a 413: at once when its length is declared, else when it is crossed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho, startOrigin } from '../harness/origin.ts'

const LIMITS = { requestBodyBytes: 1_000 }

test('t00022 a declared length beyond the limit never reaches the origin', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url }, limits: LIMITS })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n')
  const response = await client.response()
  assert.equal(response.status, 413)
  assert.equal(response.text, '{"message":"Request Entity Too Large"}')
  assert.equal(response.get('connection'), 'close')
  assert.equal(origin.connections.length, 0)
})

test('t00022 a chunked body is refused where it crosses the limit', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url }, limits: LIMITS })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n')
  client.send(`${'a'.repeat(500)}\r\n`)
  const connection = await origin.accepted()
  await connection.requestHead()
  client.send(`1f5\r\n${'b'.repeat(501)}\r\n0\r\n\r\n`)
  assert.equal((await client.response()).status, 413)
  assert.doesNotMatch(await connection.closed(), /0\r\n\r\n$/)
})

for (const framing of [
  'Content-Length: 1000\r\n\r\n',
  'Transfer-Encoding: chunked\r\n\r\n3e8\r\n',
]) {
  test(`t00022 exactly at the limit passes: ${framing.split('\r')[0]}`, async (t) => {
    const origin = await startEcho(t)
    const gateway = await startGateway(t, { routes: { 'POST /': origin.url }, limits: LIMITS })
    const client = await gateway.client()
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${framing}${'x'.repeat(1_000)}`)
    if (framing.startsWith('T')) client.send('\r\n0\r\n\r\n')
    assert.equal(((await client.response()).json as Echo).body.length, 1_000)
  })
}
