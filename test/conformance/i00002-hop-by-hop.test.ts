/** Fields of a single hop pass in neither direction (RFC 9110 §7.6.1). */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startAnswering, startEcho } from '../harness/origin.ts'

const HOP = [
  'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive',
  'Proxy-Authorization: Basic eA==',
  'TE: trailers',
  'Trailer: x-t',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABk',
  'X-Nominated: secret',
  'Connection: keep-alive, x-nominated, upgrade',
]

test('i00002 hop-by-hop and nominated fields of a request stay here', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const { fields } = (await gateway.get('/', 'X-Kept: 1', ...HOP)).json as Echo
  for (const line of HOP) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    assert.equal(fields[name], undefined, name)
  }
  assert.equal(fields['x-kept'], '1')
})

test('i00002 hop-by-hop and nominated fields of a response stay here', async (t) => {
  const origin = await startAnswering(
    t,
    ok(
      'x',
      'Connection: keep-alive, X-Nominated',
      'X-Nominated: s',
      'Keep-Alive: 5',
      'Proxy-Authenticate: b',
      'X-Kept: 1',
    ),
  )
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const response = await gateway.get('/')
  for (const name of ['x-nominated', 'keep-alive', 'proxy-authenticate']) {
    assert.equal(response.get(name), undefined, name)
  }
  assert.equal(response.get('x-kept'), '1')
})
