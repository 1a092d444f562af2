/** The routing table of the spec: full match, then greedy, then $default. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const ROUTES = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /{proxy+}',
  '$default',
]

const CASES = [
  ['GET', '/pets/dog/1', 'GET /pets/dog/1'],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}'],
  ['GET', '/pets/cat/1', 'GET /pets/{proxy+}'],
  ['POST', '/test/5', 'ANY /{proxy+}'],
  ['POST', '/pets/dog/1', 'ANY /{proxy+}'],
  ['GET', '/', '$default'],
  ['PROPFIND', '/test/5', '$default'],
  ['GET', '/pets/dog/1/', 'GET /pets/dog/1'],
  ['GET', '//pets//dog/2', 'GET /pets/dog/{id}'],
  ['GET', '/pets', 'ANY /{proxy+}'],
  ['GET', '/PETS/dog/1', 'ANY /{proxy+}'],
] as const

test('r00001 the most specific route that has the method takes the request', async (t) => {
  const routes: Record<string, string> = {}
  for (const key of ROUTES) routes[key] = (await startEcho(t, key)).url
  const gateway = await startGateway(t, {
    routes,
    logFormat: '$context.routeKey $context.requestId',
  })
  for (const [method, path, expected] of CASES) {
    await t.test(`${method} ${path} → ${expected}`, async () => {
      const echo = (await gateway.call(method, path)).json as Echo
      assert.equal(echo.origin, expected)
      assert.ok(gateway.logLines.at(-1)?.startsWith(`${expected} `))
    })
  }
})
