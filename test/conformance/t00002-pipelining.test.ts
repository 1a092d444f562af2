/** Requests that are sent ahead are answered in order, however many there are (RFC 9112 §9.3.2). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startEcho, startOrigin } from '../harness/origin.ts'

test('t00002 a thousand pipelined requests get their own answers in order', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'ANY /{proxy+}': `${origin.url}/{proxy}` } })
  const client = await gateway.client()
  let burst = ''
  for (let i = 0; i < 1_000; i++) {
    burst +=
      i % 3 === 0
        ? `POST /n/${i} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n${String(i).padStart(3, '0')}`
        : `GET /n/${i} HTTP/1.1\r\nHost: a\r\n\r\n`
  }
  client.send(burst)
  for (let i = 0; i < 1_000; i++) {
    const echo = (await client.response()).json as Echo
    assert.equal(echo.target, `/n/${i}`)
    assert.equal(echo.body, i % 3 === 0 ? String(i).padStart(3, '0') : '')
  }
})

test('t00002 the second waits for the first although its origin is faster', async (t) => {
  const slow = await startOrigin(t)
  const fast = await startEcho(t, 'fast')
  const gateway = await startGateway(t, {
    routes: { 'GET /slow': slow.url, 'GET /fast': fast.url },
  })
  const client = (await gateway.client()).ask('GET', '/slow').ask('GET', '/fast')
  const held = await slow.accepted()
  await held.request()
  held.send(ok('slow'))
  assert.equal((await client.response()).text, 'slow')
  assert.equal(((await client.response()).json as Echo).origin, 'fast')
})

test('t00002 nothing behind a refused request is looked at', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = (await gateway.client()).ask('GET', '/').send('BAD\r\n\r\n').ask('GET', '/?late')
  assert.equal((await client.response()).status, 200)
  assert.equal((await client.response()).status, 400)
  assert.equal(await client.closed(), '')
  assert.equal(origin.requests.length, 1)
})
