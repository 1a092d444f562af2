/** Whatever the gateway itself answers, a page of an allowed origin may read it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'

const ORIGIN = 'Origin: https://app.test'

test('b00006 404, 413 and 503 carry the CORS fields', async (t) => {
  const gateway = await startGateway(t, {
    cors: { allowOrigins: ['https://app.test'] },
    routes: { 'POST /upload': 'http://127.0.0.1:1/' },
    limits: { requestBodyBytes: 100 },
  })
  const chunked = `${ORIGIN}\r\nTransfer-Encoding: chunked`
  for (const [target, field, body, status] of [
    ['/missing', ORIGIN, '', 404],
    ['/upload', ORIGIN, 'x'.repeat(200), 413],
    ['/upload', ORIGIN, '', 503],
    ['/missing', chunked, '', 404],
  ] as const) {
    const client = await gateway.client()
    const response = await client.call('POST', target, [field], body)
    assert.equal(response.status, status, target)
    assert.equal(response.get('access-control-allow-origin'), 'https://app.test', `${status}`)
  }
})
