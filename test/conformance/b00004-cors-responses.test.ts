/** With CORS configured, responses carry the API's own CORS fields and never the origin's. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startAnswering } from '../harness/origin.ts'

const ANSWER = ok(
  'pets',
  'Access-Control-Allow-Origin: https://origin-says.test',
  'Access-Control-Expose-Headers: x-secret',
  'X-Kept: yes',
)

test('b00004 the fields of the API replace those of the origin', async (t) => {
  const origin = await startAnswering(t, ANSWER)
  const gateway = await startGateway(t, {
    cors: { allowOrigins: ['*'], exposeHeaders: ['x-kept'] },
    routes: { 'GET /pets': origin.url },
  })
  const crossing = await gateway.get('/pets', 'Origin: https://any.test')
  assert.deepEqual(crossing.all('access-control-allow-origin'), ['*'])
  assert.deepEqual(crossing.all('access-control-expose-headers'), ['x-kept'])
  assert.equal(crossing.get('x-kept'), 'yes')
  const plain = await gateway.get('/pets')
  assert.equal(plain.get('access-control-allow-origin'), undefined)
  assert.equal(plain.get('access-control-expose-headers'), undefined)
})

test('b00004 errors of the gateway carry them too', async (t) => {
  const gateway = await startGateway(t, { cors: { allowOrigins: ['https://a.test'] }, routes: {} })
  const response = await gateway.get('/missing', 'Origin: https://a.test')
  assert.equal(response.status, 404)
  assert.equal(response.get('access-control-allow-origin'), 'https://a.test')
  assert.match(response.get('vary') ?? '', /origin/i)
})

test("b00004 without CORS the origin's fields pass", async (t) => {
  const origin = await startAnswering(t, ANSWER)
  const gateway = await startGateway(t, { routes: { 'GET /pets': origin.url } })
  const response = await gateway.get('/pets', 'Origin: https://any.test')
  assert.equal(response.get('access-control-allow-origin'), 'https://origin-says.test')
})
