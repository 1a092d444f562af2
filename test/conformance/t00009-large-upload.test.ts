/** A large request body streams: a slow origin holds the client back, nothing piles up in between. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow, firstDifference } from '../harness/flow.ts'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

const BYTES = 64 << 20
/** What the kernel may hold on two loopback connections, generously. */
const IN_BETWEEN_MAX = 40 << 20

for (const chunked of [false, true]) {
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${BYTES}`
  test(`t00009 64 MB with ${framing}`, async (t) => {
    const origin = await startOrigin(t)
    const gateway = await startGateway(t, {
      routes: { 'PUT /file': origin.url },
      limits: { requestBodyBytes: BYTES },
    })
    const client = await gateway.client()
    client.send(`PUT /file HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`)
    const connection = await origin.accepted()
    connection.socket.pause()
    if (chunked) client.send(`${BYTES.toString(16)}\r\n`)
    const flow = new Flow(client, BYTES)
    assert.ok((await flow.stalled()) < IN_BETWEEN_MAX, `${flow.sent} bytes left the client`)
    connection.socket.resume()
    await flow.finished
    if (chunked) client.send('\r\n0\r\n\r\n')
    const request = await connection.request()
    assert.equal(request.body.length, BYTES)
    assert.equal(firstDifference(request.body), -1)
    connection.send(ok('stored'))
    assert.equal((await client.response()).text, 'stored')
  })
}
