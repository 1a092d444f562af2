/** A drain lets what is in flight end, says so on every response, and accepts nothing new. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startOrigin } from '../harness/origin.ts'

test('t00025 in-flight requests end, idle connections close, the port is given up', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const idle = await gateway.client()
  await idle.get('/missing')
  const busy = (await gateway.client()).ask('GET', '/')
  const connection = await origin.accepted()
  await connection.request()
  const drained = gateway.plane.drain()
  assert.equal(await idle.closed(), '')
  await assert.rejects(gateway.client())
  connection.send(ok('still served'))
  const response = await busy.response()
  assert.equal(response.text, 'still served')
  assert.equal(response.get('connection'), 'close')
  await drained
})

test('t00025 before a drain the port serves on, and connections end with their next response', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const kept = await gateway.client()
  assert.equal((await kept.get('/missing')).get('connection'), undefined)
  gateway.plane.leave()
  const last = await kept.get('/missing')
  assert.deepEqual([last.status, last.get('connection')], [404, 'close'])
  assert.equal(await kept.closed(), '')
  const fresh = await gateway.client()
  const answer = await fresh.get('/missing')
  assert.deepEqual([answer.status, answer.get('connection')], [404, 'close'])
})
