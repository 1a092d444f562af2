/** A log line tells of its own request, also when the next one of the connection is already served. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { ok, startServing } from '../harness/origin.ts'

test('o00003 three pipelined requests, three lines', async (t) => {
  const origin = await startServing(t, (request) => ok(request.target))
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    logFormat:
      '$context.requestId $context.httpMethod $context.path $context.domainName $context.identity.userAgent',
  })
  const client = await gateway.client()
  const methods = ['GET', 'PUT', 'DELETE']
  for (const method of methods) {
    client.ask(method, `/${method}`, [`Host: ${method}.test`, `User-Agent: agent of ${method}`])
  }
  for (const method of methods) assert.equal((await client.response()).text, `/${method}`)
  const lines = gateway.logLines.map((line) => line.slice(line.indexOf(' ') + 1))
  assert.deepEqual(
    lines.sort(),
    methods
      .map((method) => `${method} /${method} ${method.toLowerCase()}.test agent of ${method}`)
      .sort(),
  )
})
