/** A large response streams: a slow client holds the origin back, nothing piles up in between. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow, firstDifference } from '../harness/flow.ts'
import { startGateway } from '../harness/gateway.ts'
import { startOrigin } from '../harness/origin.ts'

const BYTES = 64 << 20
/** What the kernel may hold on two loopback connections, generously. */
const IN_BETWEEN_MAX = 40 << 20

for (const framing of [
  'Transfer-Encoding: chunked',
  `Content-Length: ${BYTES}`,
  'Connection: close',
]) {
  test(`t00010 64 MB with ${framing}`, async (t) => {
    const origin = await startOrigin(t)
    const gateway = await startGateway(t, { routes: { 'GET /file': origin.url } })
    const client = (await gateway.client()).ask('GET', '/file')
    client.socket.pause()
    const connection = await origin.accepted()
    await connection.request()
    connection.send(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`)
    const chunked = framing.startsWith('Transfer')
    if (chunked) connection.send(`${BYTES.toString(16)}\r\n`)
    const flow = new Flow(connection, BYTES)
    assert.ok((await flow.stalled()) < IN_BETWEEN_MAX, `${flow.sent} bytes left the origin`)
    client.socket.resume()
    await flow.finished
    if (chunked) connection.send('\r\n0\r\n\r\n')
    if (framing.startsWith('Connection')) connection.end()
    const response = await client.response()
    assert.equal(response.body.length, BYTES)
    assert.equal(firstDifference(response.body), -1)
  })
}
