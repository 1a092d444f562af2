/** HEAD, 204 and 304 have no body, whatever their fields say (RFC 9110 §6.4.1). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startAnswering } from '../harness/origin.ts'

const CASES = [
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n', 200, '1234'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200, undefined],
  ['GET', 'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n', 204, undefined],
  ['DELETE', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', 204, undefined],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', 304, undefined],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200, '0'],
] as const

for (const [method, answer, status, length] of CASES) {
  test(`t00005 ${method} answered with ${answer.split('\r\n', 2).join(', ')}`, async (t) => {
    const origin = await startAnswering(t, answer)
    const gateway = await startGateway(t, { routes: { 'ANY /': origin.url } })
    const client = await gateway.client()
    for (let i = 0; i < 2; i++) {
      const response = await client.call(method, '/')
      assert.equal(response.status, status)
      assert.equal(response.text, '')
      assert.equal(response.get('content-length'), length)
    }
    assert.equal(origin.connections.length, 1, 'the connection is still usable')
  })
}

test("t00005 the gateway's own answer to HEAD has a length and no body", async (t) => {
  const gateway = await startGateway(t, { routes: {} })
  const client = await gateway.client()
  assert.equal((await client.call('HEAD', '/missing')).get('content-length'), '23')
  assert.equal((await client.get('/missing')).text, '{"message":"Not Found"}')
})
