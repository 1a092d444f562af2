/**
 * Test 13, the part without TLS: which API a Host field selects, among more than a hundred.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startGateway, type TestGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const APIS = 120

function apiId(index: number): string {
  return `api${String(index).padStart(7, '0')}`
}

async function startMany(t: TestContext): Promise<TestGateway> {
  const origin = await startEcho(t)
  const stages = Array.from({ length: APIS }, (_, index) => ({
    apiId: apiId(index),
    routes: { $default: `${origin.url}/${apiId(index)}` },
  }))
  return startGateway(t, { stages })
}

test('13 case, trailing dot and port make no difference, at any number of APIs', async (t) => {
  const gateway = await startMany(t)
  const client = await gateway.client()
  for (let index = 0; index < APIS; index++) {
    const name = `${apiId(index)}.execute-api.localhost`
    const host = [
      name,
      name.toUpperCase(),
      `${name}.`,
      `${name}:8080`,
      `${name.toUpperCase()}.:80`,
    ][index % 5]
    const echo = (await client.get('/x', `Host: ${host}`)).json as Echo
    assert.equal(echo.target, `/${apiId(index)}/x`, host)
  }
})

const NOBODY = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  'execute-api.localhost',
  '.execute-api.localhost'.slice(1),
  'api0000000',
  'api0000000.localhost',
  'xapi0000000.execute-api.localhost',
  'x.api0000000.execute-api.localhost',
  'api0000000x.execute-api.localhost',
  'xn--api0000000-x.execute-api.localhost',
  'api0000000-vpce.execute-api.localhost',
  '__proto__.execute-api.localhost',
  'constructor.execute-api.localhost',
]

test('13 names that only resemble an API belong to nobody', async (t) => {
  const gateway = await startMany(t)
  for (const host of NOBODY) {
    const response = await gateway.get('/x', `Host: ${host}`)
    assert.equal(response.status, 404, host)
    assert.equal(response.text, '{"message":"Not Found"}')
  }
})

test('13 hosts that are none are refused', async (t) => {
  const gateway = await startMany(t)
  const name = `${apiId(0)}.execute-api.localhost`
  for (const host of [
    `${name}..`,
    `a..${name}`,
    `${name}:`.repeat(2),
    `${name}:x`,
    `u@${name}`,
    `${name}/x`,
    `[${name}]`,
    '[::1',
    `${name} x`,
    `\xe9.${name}`,
  ]) {
    const response = await gateway.get('/x', `Host: ${host}`)
    assert.equal(response.status, 400, host)
  }
})
