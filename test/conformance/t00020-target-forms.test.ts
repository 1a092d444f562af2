/** The four forms of a request target (RFC 9112 §3.2). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const CASES = [
  ['GET http://api.test/pets?x=1 HTTP/1.1\r\nHost: api.test\r\n\r\n', 200, '/pets?x=1'],
  ['GET HTTP://API.test HTTP/1.1\r\nHost: api.TEST\r\n\r\n', 200, '/'],
  ['GET http://other.test/pets HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['GET http://api.test:81/pets HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['GET http://user@api.test/pets HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['GET ftp://api.test/pets HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['GET pets HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n', 400, ''],
  ['CONNECT / HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['GET * HTTP/1.1\r\nHost: api.test\r\n\r\n', 400, ''],
  ['OPTIONS * HTTP/1.1\r\nHost: api.test\r\n\r\n', 404, ''],
] as const

test('t00020 targets in every form', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /': origin.url, 'ANY /{proxy+}': `${origin.url}/{proxy}` },
  })
  for (const [request, status, target] of CASES) {
    await t.test(request.slice(0, request.indexOf('\r')), async () => {
      const response = await (await gateway.client()).send(request).response()
      assert.equal(response.status, status)
      if (status === 200) assert.equal((response.json as Echo).target, target)
    })
  }
})
