/** A request goes to the origin of its route and the answer comes back. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('b00001 a request is proxied, and written anew on both sides', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'POST /pets': `${origin.url}/v1/pets` } })
  const client = await gateway.client()
  client.send(
    'POST /pets?kind=dog HTTP/1.1\r\nhost:  api.test \r\nX-Colour:brown\r\ncontent-LENGTH: 5\r\n\r\nhello',
  )
  const response = await client.response()
  assert.equal(response.status, 200)
  assert.equal(response.get('content-type'), 'application/json')
  assert.match(response.get('date') ?? '', /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
  const echo = response.json as Echo
  assert.deepEqual([echo.method, echo.target, echo.body], ['POST', '/v1/pets?kind=dog', 'hello'])
  assert.equal(echo.fields['host'], `127.0.0.1:${origin.port}`)
  assert.equal(echo.fields['x-colour'], 'brown')
  assert.equal(echo.fields['content-length'], '5')
})
