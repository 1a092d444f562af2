/** A client that sends far ahead, bodies included, is held back and served in order. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startServing } from '../harness/origin.ts'

const REQUESTS = 400
const BODY_BYTES = 5_000

test('t00028 two megabytes of pipelined requests', async (t) => {
  const origin = await startServing(t, (request) => ok(`${request.target} ${request.body.length}`))
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const client = await gateway.client()
  for (let i = 0; i < REQUESTS; i++) {
    const head = `POST /${i} HTTP/1.1\r\nHost: a\r\n`
    const body = 'b'.repeat(BODY_BYTES)
    client.send(
      i % 2 === 0
        ? `${head}Content-Length: ${BODY_BYTES}\r\n\r\n${body}`
        : `${head}Transfer-Encoding: chunked\r\n\r\n${BODY_BYTES.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    )
  }
  for (let i = 0; i < REQUESTS; i++) {
    assert.equal((await client.response()).text, `/${i} ${BODY_BYTES}`)
  }
})
