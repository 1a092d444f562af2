/** A first segment that names a stage selects it; anything else belongs to $default. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

test('r00002 named stages, $default and neither', async (t) => {
  const [prod, fallback] = [await startEcho(t, 'prod'), await startEcho(t, 'default')]
  const gateway = await startGateway(t, {
    stages: [
      { stage: 'prod', routes: { 'ANY /{proxy+}': `${prod.url}/{proxy}`, 'ANY /': prod.url } },
      { stage: '$default', routes: { $default: fallback.url } },
    ],
    logFormat: '$context.stage $context.path $context.requestId',
  })
  const CASES = [
    ['/prod/pets', 'prod', '/pets'],
    ['/prod', 'prod', '/'],
    ['/prod/', 'prod', '/'],
    ['/production/pets', 'default', '/production/pets'],
    ['/pets', 'default', '/pets'],
    ['/', 'default', '/'],
  ] as const
  for (const [path, origin, target] of CASES) {
    const echo = (await gateway.get(path)).json as Echo
    assert.deepEqual([echo.origin, echo.target], [origin, target], path)
  }
  assert.ok(gateway.logLines[0]!.startsWith('prod /prod/pets '))
})

test('r00002 without $default an unknown stage is a 404 without a log line', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { stage: 'prod', routes: { $default: origin.url } })
  assert.equal((await gateway.get('/prod/x')).status, 200)
  const lines = gateway.logLines.length
  const response = await gateway.get('/pets')
  assert.equal(response.status, 404)
  assert.equal(response.text, '{"message":"Not Found"}')
  assert.equal(gateway.logLines.length, lines)
})
