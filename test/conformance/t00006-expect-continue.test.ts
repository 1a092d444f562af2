/** 100-continue is the business of this hop alone (RFC 9110 §10.1.1). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'

test('t00006 the client is told to continue, the origin never hears of it', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = (await gateway.client()).send(HEAD)
  assert.equal(await client.stream.takeUntil('\r\n\r\n'), 'HTTP/1.1 100 Continue')
  const echo = (await client.send('hello').response()).json as Echo
  assert.equal(echo.body, 'hello')
  assert.equal(echo.fields['expect'], undefined)
})

test('t00006 a body that comes unasked needs no interim response', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const response = await (await gateway.client()).send(`${HEAD}hello`).response()
  assert.equal(response.status, 200)
})

test('t00006 a refusal comes instead of 100, and the connection is not read on', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = (await gateway.client()).send(HEAD)
  const response = await client.response()
  assert.equal(response.status, 404)
  assert.equal(response.get('connection'), 'close')
  client.ask('GET', '/')
  assert.equal(await client.closed(), '')
  assert.equal(origin.connections.length, 0)
})

test('t00006 any other expectation is refused', async (t) => {
  const gateway = await startGateway(t, { routes: {} })
  assert.equal((await gateway.get('/', 'Expect: 200-ok')).status, 400)
})
