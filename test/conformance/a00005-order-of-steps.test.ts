/** Authorization stands behind CORS and the router, and before everything that a call may cost. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startEcho } from '../harness/origin.ts'

const PAGE = 'https://shop.example'
const CORS = { allowOrigins: [PAGE], allowMethods: ['GET'], allowHeaders: ['authorization'] }

test('a00005 a preflight needs no token, and a refusal can be read by the page', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ cors: CORS, jwt: issuer.authorizer, routes: { $default: origin.url } },
  })
  const preflight = [`Origin: ${PAGE}`, 'Access-Control-Request-Method: GET']
  assert.equal((await gateway.call('OPTIONS', '/', preflight)).status, 204)
  const refused = await gateway.get('/', `Origin: ${PAGE}`)
  assert.equal(refused.status, 401)
  assert.equal(refused.get('access-control-allow-origin'), PAGE)
  assert.equal(refused.get('www-authenticate'), 'Bearer')
  assert.equal((await gateway.call('OPTIONS', '/')).status, 401, 'OPTIONS alone is no preflight')
  assert.equal(origin.requests.length, 0)
})

test('a00005 no route, no question for a token', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ jwt: issuer.authorizer, routes: { 'GET /a': origin.url } },
  })
  assert.equal((await gateway.get('/b')).status, 404)
  for (const path of ['/a', '/A', '/a/', '/%61', '/a?x=1', '/./a', '//a']) {
    assert.notEqual((await gateway.get(path)).status, 200, path)
  }
  assert.equal(origin.requests.length, 0)
})

test('a00005 a body is not read from somebody who may not send it', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ jwt: issuer.authorizer, routes: { 'POST /': origin.url } },
  })
  const client = await gateway.client()
  client.send(
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n',
  )
  const response = await client.response()
  assert.equal(response.status, 401, 'neither 100 nor 413')
})

test('a00005 a body that came along is whole after the keys were fetched', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    ...{ jwt: issuer.authorizer, routes: { 'POST /': origin.url } },
  })
  const client = await gateway.client()
  const field = `Authorization: ${issuer.token()}`
  client.send(`POST / HTTP/1.1\r\nHost: a\r\n${field}\r\nContent-Length: 10\r\n\r\n01234`)
  while (issuer.asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
  client.send('56789')
  assert.equal((await client.response()).status, 200)
  assert.equal(origin.requests[0]!.text, '0123456789')
  const whole = await gateway.call('POST', '/', [field], 'all of it')
  assert.equal(whole.status, 200)
  assert.equal(origin.requests[1]!.text, 'all of it')
})
