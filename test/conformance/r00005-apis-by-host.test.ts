/** Several APIs share a port: each answers at its own name and by path, at no other. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('r00005 the Host field selects the API', async (t) => {
  const [pets, shop] = [await startEcho(t, 'pets'), await startEcho(t, 'shop')]
  const gateway = await startGateway(t, {
    stages: [
      { apiId: 'pets000001', routes: { 'GET /': pets.url, 'GET /{proxy+}': pets.url } },
      { apiId: 'shop000001', routes: { 'GET /': shop.url } },
    ],
  })
  const CASES = [
    ['pets000001.execute-api.localhost', 'pets'],
    ['shop000001.execute-api.localhost:8080', 'shop'],
    ['SHOP000001.Execute-API.localhost', 'shop'],
    ['shop000001.execute-api.localhost.', 'shop'],
    ['shop000001.execute-api.eu-west-1.amazonaws.com', 'shop'],
    ['none000001.execute-api.localhost', undefined],
    ['localhost', undefined],
    ['127.0.0.1', undefined],
  ] as const
  for (const [host, expected] of CASES) {
    await t.test(`${host} → ${expected ?? 404}`, async () => {
      const response = await gateway.get('/', `Host: ${host}`)
      assert.equal(response.status, expected === undefined ? 404 : 200)
      if (expected !== undefined) assert.equal((response.json as Echo).origin, expected)
      else assert.equal(response.text, '{"message":"Not Found"}')
    })
  }
})
