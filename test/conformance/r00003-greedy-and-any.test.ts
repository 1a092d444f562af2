/** Greedy parameters, ANY, and routes that have the path but not the method. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const CASES = [
  ['GET', '/files/a/b/c', 'GET /files/{path+}', '/f/a/b/c'],
  ['GET', '/files/a%2Cb/c', 'GET /files/{path+}', '/f/a%2Cb/c'],
  ['POST', '/files/a', 'ANY /{proxy+}', '/p/files/a'],
  ['GET', '/files', 'ANY /{proxy+}', '/p/files'],
  ['GET', '/pets/7', 'ANY /{proxy+}', '/p/pets/7'],
  ['POST', '/pets/7', 'POST /pets/{id}', '/pet/7'],
  ['DELETE', '/things', 'DELETE /things', '/deleted'],
  ['PUT', '/things', 'ANY /things', '/any'],
] as const

test('r00003 the target at the origin is put together from the parameters', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'GET /files/{path+}': `${origin.url}/f/{path}`,
      'ANY /{proxy+}': `${origin.url}/p/{proxy}`,
      'POST /pets/{id}': `${origin.url}/pet/{id}`,
      'DELETE /things': `${origin.url}/deleted`,
      'ANY /things': `${origin.url}/any`,
    },
    logFormat: '$context.routeKey|$context.requestId',
  })
  for (const [method, path, routeKey, target] of CASES) {
    await t.test(`${method} ${path} → ${routeKey}`, async () => {
      const echo = (await gateway.call(method, path)).json as Echo
      assert.equal(echo.target, target)
      assert.equal(gateway.logLines.at(-1)?.split('|')[0], routeKey)
    })
  }
  assert.equal((await gateway.get('/')).status, 404)
})
