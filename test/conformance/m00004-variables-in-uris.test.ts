/** Path parameters and stage variables in the URI of an integration. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('m00004 stage variables choose host and path, parameters fill in the rest', async (t) => {
  const origin = await startEcho(t)
  const stage = (version: string) => ({
    stage: version,
    stageVariables: { host: `127.0.0.1:${origin.port}`, version },
    routes: {
      'GET /{shop}/pets/{id}':
        'http://${stageVariables.host}/${stageVariables.version}/{id}/of/{shop}?fixed=1',
    },
  })
  const gateway = await startGateway(t, { stages: [stage('v1'), stage('v2')] })
  const one = (await gateway.get('/v1/berlin/pets/7?x=y')).json as Echo
  assert.equal(one.target, '/v1/7/of/berlin?fixed=1&x=y')
  assert.equal(one.fields['host'], `127.0.0.1:${origin.port}`)
  const two = (await gateway.get('/v2/a%20b/pets/%C3%A4')).json as Echo
  assert.equal(two.target, '/v2/%C3%A4/of/a%20b?fixed=1')
})
