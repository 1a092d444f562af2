/** Connections to an origin are bounded: calls wait for one, and too many that wait are refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startEcho, startOrigin } from '../harness/origin.ts'

test('i00005 calls wait for the only connection and are served one after the other', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    limits: { originConnections: 1 },
  })
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => gateway.get(`/${i}`)))
  for (const [i, answer] of answers.entries()) assert.equal((answer.json as Echo).target, `/${i}`)
  assert.equal(origin.connections.length, 1)
})

test('i00005 beyond the number that may wait: 503 at once', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    limits: { originConnections: 1, originWaiting: 1 },
  })
  const first = (await gateway.client()).ask('GET', '/1')
  const connection = await origin.accepted()
  await connection.request()
  const second = (await gateway.client()).ask('GET', '/2')
  const third = (await gateway.client()).ask('GET', '/3')
  const refused = await Promise.race([second.response(), third.response()])
  assert.equal(refused.status, 503)
  connection.send(ok('first'))
  assert.equal((await first.response()).text, 'first')
  assert.match((await connection.request()).target, /^\/[23]$/)
})

test('i00005 a client that leaves the queue takes nobody with it', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    limits: { originConnections: 1 },
  })
  const first = (await gateway.client()).ask('GET', '/1')
  const connection = await origin.accepted()
  await connection.request()
  ;(await gateway.client()).ask('GET', '/gone').reset()
  const third = (await gateway.client()).ask('GET', '/3')
  await gateway.get('/%2e%2e/') // An answer of its own: whatever was sent before has been read.
  connection.send(ok('first'))
  assert.equal((await first.response()).text, 'first')
  let request = await connection.request()
  if (request.target === '/gone') {
    connection.send(ok('unwanted'))
    request = await connection.request()
  }
  assert.equal(request.target, '/3')
  connection.send(ok('third'))
  assert.equal((await third.response()).text, 'third')
})
