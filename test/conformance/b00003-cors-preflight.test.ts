/** With CORS configured the gateway answers preflights itself, with or without a route. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

const CORS = {
  allowOrigins: ['https://shop.test', 'https://app.test'],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['x-token', 'content-type'],
  allowCredentials: true,
  maxAge: 600,
}

test('b00003 a preflight is answered without asking the origin', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { cors: CORS, routes: { 'ANY /pets': origin.url } })
  for (const path of ['/pets', '/no-such-route']) {
    const response = await gateway.call('OPTIONS', path, [
      'Origin: https://app.test',
      'Access-Control-Request-Method: PUT',
    ])
    assert.equal(response.status, 204)
    assert.equal(response.get('content-length'), undefined)
    assert.equal(response.get('access-control-allow-origin'), 'https://app.test')
    assert.equal(response.get('access-control-allow-methods'), 'GET,PUT')
    assert.equal(response.get('access-control-allow-headers'), 'x-token,content-type')
    assert.equal(response.get('access-control-allow-credentials'), 'true')
    assert.equal(response.get('access-control-max-age'), '600')
  }
  assert.equal(origin.connections.length, 0)
})

test('b00003 an origin that is not allowed gets 204 and no permission', async (t) => {
  const gateway = await startGateway(t, { cors: CORS, routes: {} })
  const response = await gateway.call('OPTIONS', '/pets', [
    'Origin: https://shop.test.evil.test',
    'Access-Control-Request-Method: PUT',
  ])
  assert.equal(response.status, 204)
  assert.deepEqual(
    response.fields.filter(([name]) => /^access-control/i.test(name)),
    [],
  )
})

test('b00003 OPTIONS that is no preflight goes to its route', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { cors: CORS, routes: { 'OPTIONS /pets': origin.url } })
  assert.equal((await gateway.call('OPTIONS', '/pets')).status, 200)
})
