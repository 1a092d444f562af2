/** disableExecuteApiEndpoint closes the default name and the path forms. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

test('r00007 a disabled endpoint answers 404 at every address', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    disableExecuteApiEndpoint: true,
    routes: { $default: origin.url },
  })
  const ADDRESSES = [
    ['a1b2c3d4e5.execute-api.localhost', '/'],
    ['localhost', '/_aws/execute-api/a1b2c3d4e5/$default/'],
    ['localhost', '/restapis/a1b2c3d4e5/$default/_user_request_/'],
  ] as const
  for (const [host, path] of ADDRESSES) {
    const response = await gateway.get(path, `Host: ${host}`)
    assert.equal(response.status, 404)
    assert.equal(response.text, '{"message":"Not Found"}')
  }
  assert.equal(origin.connections.length, 0)
})
