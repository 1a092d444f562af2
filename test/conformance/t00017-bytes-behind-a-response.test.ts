/** Bytes behind a response belong to nobody: the connection is closed and no client sees them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startAnswering, startOrigin } from '../harness/origin.ts'

const POISON = ok('poison')

const CASES = {
  'a whole second response': ok('right') + POISON,
  'a single byte': `${ok('right')}x`,
  'bytes behind a chunked body': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n${POISON}`,
  'a body behind a 204': `HTTP/1.1 204 No Content\r\n\r\n${POISON}`,
  'a body behind a 304': `HTTP/1.1 304 Not Modified\r\n\r\n${POISON}`,
}

for (const [what, answer] of Object.entries(CASES)) {
  test(`t00017 ${what} is thrown away with its connection`, async (t) => {
    const origin = await startAnswering(t, answer)
    const gateway = await startGateway(t, { routes: { 'GET /{n}': origin.url } })
    const client = await gateway.client()
    for (let i = 0; i < 4; i++) {
      const response = await client.get(`/${i}`)
      assert.ok([200, 204, 304].includes(response.status))
      assert.ok(['', 'right'].includes(response.text), response.text)
    }
    assert.doesNotMatch(client.stream.recorded.toString(), /poison/)
    assert.equal(origin.connections.length, 4)
  })
}

test('t00017 bytes that arrive while a connection is idle close it', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = (await gateway.client()).ask('GET', '/')
  const first = await origin.accepted()
  await first.request()
  first.send(ok('right'))
  assert.equal((await client.response()).text, 'right')
  first.send(POISON)
  await first.closed()
  client.ask('GET', '/')
  const second = await origin.accepted(1)
  await second.request()
  second.send(ok('right again'))
  assert.equal((await client.response()).text, 'right again')
})
