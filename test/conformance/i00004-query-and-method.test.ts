/** The query passes as it came; the method is that of the client unless the integration names one. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('i00004 queries pass byte for byte', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': `${origin.url}/` } })
  for (const query of [
    'a=1&a=2',
    'a',
    '=',
    '&&',
    'q=%41%zz+x',
    'x[]={}|^',
    'a;b',
    '?',
    'a=b#'.slice(0, 3),
  ]) {
    assert.equal(((await gateway.get(`/?${query}`)).json as Echo).target, `/?${query}`)
  }
})

test('i00004 the method of the integration replaces that of the client', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /': { uri: origin.url, integrationMethod: 'POST' }, 'ANY /same': origin.url },
  })
  assert.equal(((await gateway.call('GET', '/')).json as Echo).method, 'POST')
  assert.equal(((await gateway.call('PUT', '/', [], 'body')).json as Echo).body, 'body')
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal(((await gateway.call(method, '/same')).json as Echo).method, method)
  }
})

test('i00004 HEAD for a route whose integration says GET has no body', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /': { uri: origin.url, integrationMethod: 'GET' } },
  })
  const client = await gateway.client()
  assert.equal((await client.call('HEAD', '/')).text, '')
  assert.equal((await client.get('/')).status, 200)
})
