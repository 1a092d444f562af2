/** Connections to an origin that nothing leads to any more are closed, those in use when their call ends. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startEcho, startOrigin } from '../harness/origin.ts'

test('i00007 the idle connections of a replaced origin are closed', async (t) => {
  const [before, after] = [await startEcho(t), await startEcho(t)]
  const gateway = await startGateway(t, { routes: { 'GET /': before.url } })
  await gateway.get('/')
  gateway.apply({ routes: { 'GET /': after.url } })
  await before.connections[0]!.closed()
  assert.equal((await gateway.get('/')).status, 200)
  assert.equal(after.connections.length, 1)
})

test('i00007 a call in flight is answered first', async (t) => {
  const before = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /': before.url } })
  const client = (await gateway.client()).ask('GET', '/')
  const connection = await before.accepted()
  await connection.request()
  gateway.apply({ routes: {} })
  connection.send(ok('still served'))
  assert.equal((await client.response()).text, 'still served')
  assert.equal(await connection.closed(), '')
})

test('i00007 a call that was collecting its body finds its origin all the same', async (t) => {
  const before = await startOrigin(t)
  const requestParameters = { 'overwrite:header.x-v': '$request.body.v' }
  const gateway = await startGateway(t, {
    routes: { 'POST /': { uri: before.url, requestParameters } },
  })
  const client = await gateway.client()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n')
  assert.equal((await client.responseHead()).status, 100)
  gateway.apply({ routes: {} })
  client.send('{"v":1}')
  const connection = await before.accepted()
  assert.equal((await connection.request()).get('x-v'), '1')
  connection.send(ok('still served'))
  assert.equal((await client.response()).text, 'still served')
  assert.equal(await connection.closed(), '')
})

test('i00007 an origin that stays keeps its connections', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  await gateway.get('/')
  gateway.apply({ routes: { 'GET /': `${origin.url}/other` } })
  assert.equal((await gateway.get('/')).status, 200)
  assert.equal(origin.connections.length, 1)
})
