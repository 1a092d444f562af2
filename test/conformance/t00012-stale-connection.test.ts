/** A kept-alive origin connection that died before a byte of response: repeat what may be repeated (RFC 9110 §9.2.2). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'
import type { Peer } from '../harness/peer.ts'

/** Answers the first request of its first connection, then hangs up on whatever comes next. */
async function hangUp(connection: Peer, index: number): Promise<void> {
  await connection.request()
  connection.send(ok(`connection ${index}`))
  if (!(await connection.stream.more())) return
  await connection.request()
  if (index === 0) connection.socket.destroy()
  else connection.send(ok(`connection ${index}`))
}

const CASES = [
  ['GET', '', 200],
  ['HEAD', '', 200],
  ['DELETE', '', 200],
  ['PUT', 'whole', 200],
  ['POST', 'order', 503],
  ['PATCH', 'change', 503],
] as const

for (const [method, body, status] of CASES) {
  test(`t00012 ${method} on a stale connection → ${status}`, async (t) => {
    const origin = await startOrigin(t, hangUp)
    const gateway = await startGateway(t, { routes: { 'ANY /': origin.url } })
    const client = await gateway.client()
    assert.equal((await client.get('/')).text, 'connection 0')
    const response = await client.call(method, '/', [], body)
    assert.equal(response.status, status)
    if (method === 'GET') assert.equal(response.text, 'connection 1')
    assert.equal(origin.connections.length, status === 200 ? 2 : 1)
  })
}

test('t00012 a fresh connection that hangs up is not tried again', async (t) => {
  const origin = await startOrigin(t, async (connection) => {
    await connection.request()
    connection.socket.destroy()
  })
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  assert.equal((await gateway.get('/')).status, 503)
  assert.equal(origin.connections.length, 1)
})
