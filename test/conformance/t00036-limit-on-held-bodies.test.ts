/** A body that a mapping reads is held in memory, and so has a limit of its own. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const BODIES = [
  ['declared', 'Content-Length: 2000\r\n\r\n', 413],
  ['with its head', `Content-Length: 2000\r\n\r\n${'x'.repeat(2000)}`, 413],
  ['chunked', `Transfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n0\r\n\r\n`, 413],
  ['chunked and open', `Transfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(1500)}`, 413],
  ['at the limit', `Content-Length: 1000\r\n\r\n${'x'.repeat(1000)}`, 200],
] as const

for (const [name, rest, status] of BODIES) {
  test(`t00036 ${name} → ${status}`, async (t) => {
    const origin = await startEcho(t)
    const gateway = await startGateway(t, {
      limits: { bufferedBodyBytes: 1_000 },
      routes: {
        'POST /mapped': {
          uri: origin.url,
          requestParameters: { 'overwrite:header.x-v': '$request.body.v' },
        },
        'POST /streamed': origin.url,
      },
    })
    const client = (await gateway.client()).send(`POST /mapped HTTP/1.1\r\nHost: a\r\n${rest}`)
    assert.equal((await client.response()).status, status)
    assert.equal((await gateway.call('POST', '/streamed', [], 'x'.repeat(2000))).status, 200)
  })
}
