/** Errors of the gateway itself, byte for byte as HTTP APIs give them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'

const CASES = [
  ['GET', '/missing', [], '', 404, '{"message":"Not Found"}'],
  ['GET', '/a/%2e%2e/b', [], '', 400, '{"message":"Bad Request"}'],
  ['GET', '/down', [], '', 503, '{"message":"Service Unavailable"}'],
  ['POST', '/down', [], 'x'.repeat(101), 413, '{"message":"Request Entity Too Large"}'],
] as const

test('b00002 error status and body are those of HTTP APIs', async (t) => {
  const gateway = await startGateway(t, {
    routes: { 'ANY /down': 'http://127.0.0.1:1/' },
    limits: { requestBodyBytes: 100 },
  })
  for (const [method, target, fields, body, status, message] of CASES) {
    await t.test(`${method} ${target} → ${status}`, async () => {
      const response = await gateway.call(method, target, fields, body)
      assert.equal(response.status, status)
      assert.equal(response.text, message)
      assert.equal(response.get('content-type'), 'application/json')
      assert.equal(response.get('content-length'), String(message.length))
      assert.match(response.get('apigw-requestid') ?? '', /^[\w+/-]{15}=$/)
      assert.equal(response.all('date').length, 1)
    })
  }
})

test('b00002 a head that breaks the syntax gets the same kind of answer', async (t) => {
  const gateway = await startGateway(t, { routes: {} })
  const response = await (await gateway.client()).send('GET /\r\n\r\n').response()
  assert.equal(response.status, 400)
  assert.equal(response.text, '{"message":"Bad Request"}')
  assert.equal(response.get('connection'), 'close')
  assert.match(response.get('apigw-requestid') ?? '', /^[\w+/-]{15}=$/)
})
