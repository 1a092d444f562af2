/** Interim responses of the origin are skipped; a flood of them is a failure. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startAnswering } from '../harness/origin.ts'

test('t00015 1xx responses before the final one do not reach the client', async (t) => {
  const origin = await startAnswering(
    t,
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('final')}`,
  )
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 2; i++) assert.equal((await client.get('/')).text, 'final')
  assert.doesNotMatch(client.stream.recorded.toString(), / 10[03] /)
  assert.equal(origin.connections.length, 1)
})

test('t00015 nobody asked for another protocol: 101 is refused', async (t) => {
  const origin = await startAnswering(
    t,
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nraw',
  )
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const response = await gateway.get('/', 'Connection: upgrade', 'Upgrade: x')
  assert.equal(response.status, 503)
  assert.doesNotMatch(origin.recorded[0]!, /upgrade/i)
})
