/** A new configuration is for new requests; what is in flight keeps the one it began with. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startEcho, startOrigin } from '../harness/origin.ts'

test('b00005 a request in flight does not see the new configuration', async (t) => {
  const before = await startOrigin(t)
  const after = await startEcho(t, 'after')
  const gateway = await startGateway(t, { routes: { 'GET /pets': before.url } })
  const early = (await gateway.client()).ask('GET', '/pets')
  const held = await before.accepted()
  await held.request()
  gateway.apply({ routes: { 'GET /pets': after.url } })
  assert.equal(((await gateway.get('/pets')).json as Echo).origin, 'after')
  held.send(ok('from before'))
  assert.equal((await early.response()).text, 'from before')
  assert.equal(((await early.get('/pets')).json as Echo).origin, 'after')
})

test('b00005 a configuration that cannot be served leaves the old one in place', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /pets': origin.url } })
  assert.throws(() => gateway.apply({ routes: { 'GET /pets': '${stageVariables.nowhere}' } }))
  assert.equal((await gateway.get('/pets')).status, 200)
})
