/** A response beyond its limits is a 503 as long as nothing has been sent, else it is cut. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startAnswering, startOrigin } from '../harness/origin.ts'

const LIMITS = { responseBodyBytes: 1_000 }

test('t00026 a declared length beyond the limit → 503', async (t) => {
  const origin = await startAnswering(t, ok('x'.repeat(1_001)))
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url }, limits: LIMITS })
  const client = await gateway.client()
  for (let i = 0; i < 2; i++) assert.equal((await client.get('/')).status, 503)
})

test('t00026 a stream that crosses the limit is cut', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url }, limits: LIMITS })
  const client = (await gateway.client()).ask('GET', '/')
  const connection = await origin.accepted()
  await connection.request()
  connection.send(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${'a'.repeat(1_000)}\r\n`,
  )
  await client.responseHead()
  assert.equal((await client.chunk()).length, 1_000)
  connection.send('1\r\nb\r\n')
  assert.doesNotMatch(await client.closed(), /0\r\n\r\n$/)
  await connection.closed()
})

test('t00026 exactly at the limit passes', async (t) => {
  const origin = await startAnswering(t, ok('x'.repeat(1_000)))
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url }, limits: LIMITS })
  assert.equal((await gateway.get('/')).body.length, 1_000)
})
