/** A mapping may read the bodies: they are then held, and still passed on whole. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('m00003 values out of request and response bodies', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'POST /': {
        uri: origin.url,
        requestParameters: { 'append:header.x-user': '$request.body.user.name' },
        responseParameters: { 200: { 'append:header.x-origin': '$response.body.origin' } },
      },
    },
  })
  const body = '{"user":{"name":"Ada"},"more":[1,2,3]}'
  const whole = await gateway.call('POST', '/', ['Content-Type: application/json'], body)
  const echo = whole.json as Echo
  assert.equal(echo.fields['x-user'], 'Ada')
  assert.equal(echo.body, body)
  assert.equal(whole.get('x-origin'), 'origin')
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (const byte of body) await client.flush(`1\r\n${byte}\r\n`)
  const streamed = (await client.send('0\r\n\r\n').response()).json as Echo
  assert.equal(streamed.fields['x-user'], 'Ada')
  assert.equal(streamed.body, body)
})
