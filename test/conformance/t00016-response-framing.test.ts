/** Responses whose end is unclear never pass; their connections are never used again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startAnswering, startOrigin } from '../harness/origin.ts'

const REFUSED = {
  'both framings':
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
  'two equal lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
  'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc',
  'an unknown coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'a signed length': 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc',
  'a folded field': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'bare line feeds': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'no status line': 'hello\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'a NUL in a field': 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n',
  'a head without end': `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}`,
}

for (const [what, answer] of Object.entries(REFUSED)) {
  test(`t00016 a response with ${what} → 503`, async (t) => {
    const origin = await startAnswering(t, answer)
    const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
    const client = await gateway.client()
    for (let connections = 1; connections <= 2; connections++) {
      const response = await client.get('/')
      assert.equal(response.status, 503)
      assert.equal(response.text, '{"message":"Service Unavailable"}')
      assert.equal(origin.connections.length, connections)
    }
  })
}

test('t00016 without framing the end of the connection ends the body', async (t) => {
  const origin = await startOrigin(t, async (connection) => {
    await connection.request()
    connection.send('HTTP/1.1 200 OK\r\n\r\nuntil the end').end()
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 2; i++) assert.equal((await client.get('/')).text, 'until the end')
})
