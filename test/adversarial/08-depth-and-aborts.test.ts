/**
 * Test 8: pipelining a thousand deep, half-closes, and a client that leaves at every byte of a request.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const BODY = 'b'.repeat(1_024)
const HEAD = `POST /p HTTP/1.1\r\nHost: api.test\r\nX-Filler: ${'f'.repeat(900)}\r\n`
const FRAMINGS = {
  length: `${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  chunked: `${HEAD}Transfer-Encoding: chunked\r\n\r\n200\r\n${BODY.slice(0, 512)}\r\n200\r\n${BODY.slice(512)}\r\n0\r\n\r\n`,
}

for (const [framing, request] of Object.entries(FRAMINGS)) {
  for (const leave of ['end', 'reset'] as const) {
    test(`8 ${leave} after every prefix of a 2 kB request (${framing})`, async (t) => {
      const origin = await startEcho(t)
      const gateway = await startGateway(t, { routes: { $default: origin.url } })
      for (let length = 0; length < request.length; length += 64) {
        await Promise.all(
          Array.from({ length: Math.min(64, request.length - length) }, async (_, i) => {
            const client = await gateway.client()
            await client.flush(Buffer.from(request.slice(0, length + i), 'latin1'))
            if (leave === 'reset') {
              client.reset()
              return
            }
            assert.doesNotMatch(await client.end().closed(), /HTTP\/1\.1 2/)
          }),
        )
      }
      assert.deepEqual(origin.requests, [], 'no prefix is a request')
      const whole = await (await gateway.client()).send(request).response()
      assert.equal((whole.json as Echo).body, BODY)
    })
  }
}

test('8 a thousand pipelined requests, then a half-close: a thousand answers', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < 1_000; i++) client.ask('GET', `/${i}`)
  client.end()
  for (let i = 0; i < 1_000; i++) {
    assert.equal(((await client.response()).json as Echo).target, `/${i}`)
  }
  assert.equal(await client.closed(), '')
})

test('8 a client that pipelines and leaves has no effect on the next', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  for (let round = 0; round < 20; round++) {
    const client = await gateway.client()
    for (let i = 0; i < 50; i++) client.ask('GET', `/gone/${round}/${i}`)
    if (round % 2 === 0) await client.response()
    client.reset()
    const echo = (await gateway.get(`/next/${round}`)).json as Echo
    assert.equal(echo.target, `/next/${round}`)
  }
})
