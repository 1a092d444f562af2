/** An origin may answer before it has read the whole request. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

test('t00019 an early refusal reaches the client, and nothing of the rest is taken for a request', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'POST /': origin.url } })
  const client = await gateway.client()
  client.send(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  const first = await origin.accepted()
  await first.requestHead()
  first.send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
  const response = await client.response()
  assert.equal(response.status, 403)
  assert.equal(response.text, 'no')
  client.send('x'.repeat(1000))
  assert.doesNotMatch(await Promise.race([client.closed(), first.closed()]), /HTTP\/1\.1 [245]/)
  const other = (await gateway.client()).ask('POST', '/', [], 'fresh')
  const second = await origin.accepted(1)
  assert.equal((await second.request()).text, 'fresh')
  second.send(ok('second'))
  assert.equal((await other.response()).text, 'second')
})
