/** A chunked request body is decoded and framed anew for the origin (RFC 9112 §7.1). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startEcho, startOrigin } from '../harness/origin.ts'

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'

test('t00003 extensions, leading zeros and trailers do not reach the origin', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  client.send(`${HEAD}5;a="b;c"\r\nhello\r\n0006\r\n world\r\n0;last\r\nX-Trailer: secret\r\n\r\n`)
  const echo = (await client.response()).json as Echo
  assert.equal(echo.body, 'hello world')
  assert.doesNotMatch(origin.recorded[0]!, /secret|a="b|last/)
})

test('t00003 a body that comes byte by byte arrives whole', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  for (const byte of `${HEAD}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`) await client.flush(byte)
  assert.equal(((await client.response()).json as Echo).body, 'abcde')
  assert.equal((await client.call('POST', '/', [], 'again')).status, 200)
})

test('t00003 the origin sees the body while it is still coming', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = (await gateway.client()).send(`${HEAD}5\r\nfirst\r\n`)
  const connection = await origin.accepted()
  assert.equal((await connection.requestHead()).framing, 'chunked')
  assert.equal((await connection.chunk()).toString(), 'first')
  client.send('6\r\nsecond\r\n0\r\n\r\n')
  assert.equal((await connection.chunk()).toString(), 'second')
  assert.equal((await connection.chunk()).length, 0)
  connection.send(ok('done'))
  assert.equal((await client.response()).text, 'done')
})
