/** A stage's own access-log settings apply to that stage alone. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startEcho } from '../harness/origin.ts'

test('o00002 each stage writes its own format', async (t) => {
  const origin = await startEcho(t)
  const stage = (name: string, accessLogFormat?: string) => ({
    stage: name,
    routes: { 'GET /': origin.url },
    ...(accessLogFormat === undefined ? {} : { accessLogFormat }),
  })
  const gateway = await startGateway(t, {
    stages: [stage('one', 'first $context.status $context.requestId'), stage('two')],
    logFormat: 'all $context.stage $context.requestId',
  })
  await gateway.get('/one')
  await gateway.get('/two')
  const kinds = gateway.logLines.map((line) => line.split(' ').slice(0, 2).join(' '))
  assert.deepEqual(kinds.toSorted(), ['all one', 'all two', 'first 200'])
})
