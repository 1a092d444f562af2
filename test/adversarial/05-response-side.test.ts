/**
 * Test 5: what a bad or broken origin sends never reaches another client; its connection is given up.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startAnswering, startOrigin } from '../harness/origin.ts'

/** First answers, each a way to leave something behind on the connection. */
const POISON = `HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`
const FIRST = {
  'length and coding': `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${POISON}`,
  'two lengths': `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: ${POISON.length}\r\n\r\n${POISON}`,
  'surplus behind the body': `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${POISON}`,
  'a body behind 204': `HTTP/1.1 204 No Content\r\nContent-Length: ${POISON.length}\r\n\r\n${POISON}`,
  'a body behind 304': `HTTP/1.1 304 Not Modified\r\nContent-Length: ${POISON.length}\r\n\r\n${POISON}`,
  'a flood of interim responses': `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(500)}${POISON}`,
  'an interim response with a length': `HTTP/1.1 100 Continue\r\nContent-Length: ${POISON.length}\r\n\r\n${POISON}`,
  'a chunk that ends wrong': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokxx0\r\n\r\n${POISON}`,
  'chunks with bare line feeds': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\n0\n\n${POISON}`,
  'HTTP/1.0 with chunks': `HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${POISON}`,
  'two whole responses': POISON.replace('poison', 'first!') + POISON,
}

for (const [what, bytes] of Object.entries(FIRST)) {
  test(`5 ${what}: the next client gets its own answer`, async (t) => {
    const origin = await startOrigin(t, async (connection, index) => {
      await connection.request()
      connection.send(index === 0 ? bytes : ok('own'))
    })
    const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
    const victim = await gateway.client()
    // An interim response is skipped, so that what follows it is the answer; anything else must never show.
    const attacker = (await gateway.client()).ask('GET', '/').end()
    const first = await attacker.closed()
    if (!what.includes('interim response with')) assert.doesNotMatch(first, /poison/)
    const next = await victim.get('/')
    assert.doesNotMatch(next.text, /poison/)
    if (!what.includes('interim response with')) assert.equal(next.text, 'own')
  })
}

test('5 a truncated chunked body breaks the client connection and ends nobody else', async (t) => {
  const origin = await startOrigin(t, async (connection, index) => {
    await connection.request()
    const cut = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
    if (index === 0) connection.send(cut).end()
    else connection.send(ok('own'))
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const received = await (await gateway.client()).ask('GET', '/').closed()
  assert.doesNotMatch(received, /\r\n0\r\n\r\n/)
  assert.equal((await gateway.get('/')).text, 'own')
})

test('5 a response of the origin cannot be split by its own field values', async (t) => {
  const origin = await startAnswering(t, ok('x', 'X-A: a\rSet-Cookie: b'))
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const response = await gateway.get('/')
  assert.equal(response.status, 503)
  assert.equal(response.get('set-cookie'), undefined)
})
