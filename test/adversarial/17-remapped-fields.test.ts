/**
 * Test 17: the names under which AWS hands back fields that it took away are no way to smuggle them in.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startEcho, startServing } from '../harness/origin.ts'

const REMAPPED = [
  'Host',
  'Authorization',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'X-Forwarded-For',
  'User-Agent',
]

test('17 x-amzn-remapped-* of a client becomes nothing', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const name of REMAPPED) {
    for (const spelling of [
      `x-amzn-remapped-${name}`,
      `X-AMZN-Remapped-${name}`.replaceAll('-', '_'),
    ]) {
      const response = await gateway.call('POST', '/', [`${spelling}: evil`], 'body')
      const { fields, body } = response.json as Echo
      assert.equal(body, 'body')
      assert.deepEqual(
        Object.entries(fields).filter(([, value]) => value.includes('evil')),
        [],
        spelling,
      )
      assert.equal(fields['host'], `127.0.0.1:${origin.port}`)
    }
  }
})

test('17 fields of an origin under those names do not change the framing', async (t) => {
  const origin = await startServing(t, () =>
    ok(
      'body',
      'x-amzn-remapped-content-length: 99',
      'x-amzn-remapped-transfer-encoding: chunked',
      'x-amzn-remapped-connection: close',
    ),
  )
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 2; i++) assert.equal((await client.get('/')).text, 'body')
})
