/**
 * Test 11: a trailing slash is not a way around a route. `/v1/accounts/` is the same place as `/v1/accounts`.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const SPELLINGS = [
  '/v1/accounts/',
  '/v1/accounts//',
  '/v1//accounts/',
  '//v1/accounts',
  '/v1/accounts;a/',
  '/v1/accounts;',
]

test('11 every spelling of the path takes the route of the path', async (t) => {
  const guarded = await startEcho(t, 'guarded')
  const open = await startEcho(t, 'open')
  const gateway = await startGateway(t, {
    routes: {
      'GET /v1/accounts': guarded.url,
      'GET /v1/{other}': open.url,
      'ANY /{proxy+}': open.url,
      $default: open.url,
    },
  })
  for (const path of ['/v1/accounts', ...SPELLINGS]) {
    const response = await gateway.get(path)
    if (response.status === 400) continue
    assert.equal((response.json as Echo).origin, 'guarded', path)
  }
})

test('11 without another route a spelling finds the same route or nothing', async (t) => {
  const guarded = await startEcho(t, 'guarded')
  const gateway = await startGateway(t, { routes: { 'GET /v1/accounts': guarded.url } })
  for (const path of SPELLINGS) {
    assert.ok([200, 400, 404].includes((await gateway.get(path)).status), path)
  }
  for (const request of guarded.requests) assert.equal(request.target, '/')
})

test('11 a greedy parameter behind a slash never becomes the parent', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /pets/{proxy+}': `${origin.url}/p/{proxy}` },
  })
  assert.equal((await gateway.get('/pets')).status, 404)
  for (const path of ['/pets/', '/pets//']) {
    const response = await gateway.get(path)
    if (response.status === 200) assert.equal((response.json as Echo).target, '/p/')
  }
})
