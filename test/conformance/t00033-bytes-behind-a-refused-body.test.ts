/** What stands behind a body is the next request, whatever became of the one before. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const REFUSED = '{"v":"a\\u0001b"}'

test('t00033 a request in the packet that ends a body which a mapping refuses', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'POST /': {
        uri: origin.url,
        requestParameters: { 'overwrite:header.x-v': '$request.body.v' },
      },
      'GET /{any}': `${origin.url}/{any}`,
    },
  })
  const client = await gateway.client()
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${REFUSED.length}\r\nExpect: 100-continue\r\n\r\n`
  client.send(head)
  assert.equal((await client.responseHead()).status, 100)
  client.send(`${REFUSED}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`)
  assert.equal((await client.response()).status, 400)
  assert.equal(((await client.response()).json as Echo).target, '/next')
})
