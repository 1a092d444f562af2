/**
 * Test 4: nobody changes the protocol. An Upgrade is ignored, its fields do not pass, and what follows is HTTP.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { assertCanonical } from '../harness/oracle.ts'
import { ok, startEcho, startOrigin } from '../harness/origin.ts'

const UPGRADES = {
  'an unknown protocol with a body':
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: foo\r\nContent-Length: 5\r\n\r\nhello',
  'h2c with its settings':
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 5\r\n\r\nhello',
  'WebSocket with a body':
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nContent-Length: 5\r\n\r\nhello',
  'a list of protocols in chunks':
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: a, b/1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
}

test('4 an upgrade is one ordinary request, and the pipelined bytes behind it are the next', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (const [what, bytes] of Object.entries(UPGRADES)) {
    await t.test(what, async () => {
      await assertCanonical(gateway, origin, bytes, { body: 'hello' })
      assert.equal(origin.requests.at(-2)?.get('upgrade'), undefined)
      assert.equal(origin.requests.at(-2)?.get('http2-settings'), undefined)
      assert.doesNotMatch(origin.requests.at(-2)?.get('connection') ?? '', /upgrade/i)
    })
  }
})

test('4 an origin that switches protocols unasked is cut off', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = (await gateway.client()).ask(
    'POST',
    '/',
    ['Connection: upgrade', 'Upgrade: foo'],
    'x',
  )
  const first = await origin.accepted()
  await first.request()
  first.send(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\nraw bytes',
  )
  assert.equal((await client.response()).status, 503)
  await first.closed()
  client.ask('GET', '/')
  const second = await origin.accepted(1)
  await second.request()
  second.send(ok('fresh'))
  assert.equal((await client.response()).text, 'fresh')
})
