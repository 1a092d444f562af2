/** Limits of heads that have been raised hold as well as the default ones. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, ok, startAnswering, startEcho } from '../harness/origin.ts'

const BYTES = 150_000

test('t00027 a request head of 150 kB passes where the limit allows it', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    limits: { requestHeadBytes: 200_000, responseHeadBytes: 200_000 },
  })
  const response = await gateway.get('/', `X-First: ${'a'.repeat(BYTES)}`, 'X-Second: second')
  const { fields } = response.json as Echo
  assert.equal(fields['x-first']?.length, BYTES)
  assert.equal(fields['x-second'], 'second')
})

test('t00027 a response head of 150 kB passes where the limit allows it', async (t) => {
  const origin = await startAnswering(
    t,
    ok('x', `X-First: ${'a'.repeat(BYTES)}`, 'X-Second: second'),
  )
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    limits: { responseHeadBytes: 200_000 },
  })
  const response = await gateway.get('/')
  assert.equal(response.get('x-first')?.length, BYTES)
  assert.equal(response.get('x-second'), 'second')
  assert.equal(response.text, 'x')
})
