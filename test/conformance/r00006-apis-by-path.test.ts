/** APIs are also addressed by path, in the two forms that local tools use. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('r00006 both path forms reach the stage that they name', async (t) => {
  const [prod, fallback] = [await startEcho(t, 'prod'), await startEcho(t, 'default')]
  const route = (origin: { url: string }) => ({
    'ANY /': origin.url,
    'ANY /{proxy+}': `${origin.url}/{proxy}`,
  })
  const gateway = await startGateway(t, {
    stages: [
      { apiId: 'pets000001', stage: 'prod', routes: route(prod) },
      { apiId: 'pets000001', stage: '$default', routes: route(fallback) },
      { apiId: 'shop000001', routes: {} },
    ],
  })
  const CASES = [
    ['/_aws/execute-api/pets000001/prod/a/b?c=d', 'prod', '/a/b?c=d'],
    ['/_aws/execute-api/pets000001/prod', 'prod', '/'],
    ['/_aws/execute-api/pets000001/$default/a', 'default', '/a'],
    ['/_aws/execute-api/pets000001/%24default/a', 'default', '/a'],
    ['/restapis/pets000001/prod/_user_request_/a', 'prod', '/a'],
    ['/restapis/pets000001/prod/_user_request_', 'prod', '/'],
    ['/restapis/pets000001/prod/a', undefined, ''],
    ['/restapis/pets000001/prod/_user_request_x', undefined, ''],
    ['/_aws/execute-api/pets000001/test/a', undefined, ''],
    ['/_aws/execute-api/nope000001/prod/a', undefined, ''],
  ] as const
  for (const [path, origin, target] of CASES) {
    await t.test(path, async () => {
      const response = await gateway.get(path, 'Host: localhost')
      if (origin === undefined) assert.equal(response.status, 404)
      else {
        const echo = response.json as Echo
        assert.deepEqual([echo.origin, echo.target], [origin, target])
      }
    })
  }
})
