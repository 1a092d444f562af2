/** Connections persist on both sides until somebody says otherwise (RFC 9112 §9.3). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startAnswering, startEcho } from '../harness/origin.ts'

test('t00001 one client connection and one origin connection serve request after request', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'ANY /{proxy+}': `${origin.url}/{proxy}` } })
  const client = await gateway.client()
  for (let i = 0; i < 5; i++) {
    const response = await client.call(
      i % 2 === 0 ? 'GET' : 'POST',
      `/${i}`,
      [],
      i % 2 === 0 ? '' : 'x',
    )
    assert.equal((response.json as Echo).target, `/${i}`)
    assert.equal((response.json as Echo).connection, 0)
  }
  assert.equal(origin.connections.length, 1)
})

test('t00001 Connection: close is honoured and announced', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  for (const field of [
    'Connection: close',
    'Connection: close, keep-alive',
    'Connection: x, Close',
  ]) {
    const client = await gateway.client()
    const response = await client.get('/', field)
    assert.equal(response.get('connection'), 'close', field)
    assert.equal(await client.closed(), '', field)
  }
})

test('t00001 HTTP/1.0 closes unless the client asks to keep the connection', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  const kept = await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').response()
  assert.equal(kept.get('connection')?.toLowerCase(), 'keep-alive')
  assert.equal((await client.send('GET / HTTP/1.0\r\n\r\n').response()).status, 200)
  assert.equal(await client.closed(), '')
})

test('t00001 an origin that closes after its answer costs nothing', async (t) => {
  const origin = await startAnswering(t, ok('x', 'Connection: close'))
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 3; i++) assert.equal((await client.call('POST', '/', [], 'b')).text, 'x')
  assert.equal(origin.connections.length, 3)
})
