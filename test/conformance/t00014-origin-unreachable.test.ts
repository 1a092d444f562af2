/** An origin that cannot be reached is a 503 with the message of HTTP APIs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'

const CASES = {
  'nobody listens': 'http://127.0.0.1:1/',
  'the name does not resolve': 'http://no-such-origin.invalid/',
}

for (const [why, uri] of Object.entries(CASES)) {
  test(`t00014 ${why}`, async (t) => {
    const gateway = await startGateway(t, { routes: { 'ANY /': uri } })
    const client = await gateway.client()
    for (const [method, body] of [
      ['GET', ''],
      ['POST', 'body'],
    ] as const) {
      const response = await client.call(method, '/', [], body)
      assert.equal(response.status, 503)
      assert.equal(response.text, '{"message":"Service Unavailable"}')
    }
  })
}
