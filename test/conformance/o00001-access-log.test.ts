/** One line for each request, with what $context knows of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startAnswering } from '../harness/origin.ts'

const FORMAT = JSON.stringify({
  id: '$context.requestId',
  api: '$context.apiId',
  stage: '$context.stage',
  route: '$context.routeKey',
  method: '$context.httpMethod',
  path: '$context.path',
  protocol: '$context.protocol',
  status: '$context.status',
  length: '$context.responseLength',
  ip: '$context.identity.sourceIp',
  agent: '$context.identity.userAgent',
  integration: '$context.integrationStatus',
  error: '$context.error.message',
  unknown: '$context.authorizer.principalId',
})

test('o00001 a request that the origin answered', async (t) => {
  const origin = await startAnswering(t, 'HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello')
  const gateway = await startGateway(t, {
    routes: { 'POST /pets/{id}': origin.url },
    logFormat: FORMAT,
  })
  const response = await gateway.call('POST', '/pets/7?x=1', ['User-Agent: "agent"\\'], 'body')
  assert.equal(gateway.logLines.length, 1)
  assert.deepEqual(JSON.parse(gateway.logLines[0]!), {
    id: response.get('apigw-requestid'),
    ...{ api: 'a1b2c3d4e5', stage: '$default', route: 'POST /pets/{id}', method: 'POST' },
    ...{ path: '/pets/7', protocol: 'HTTP/1.1', status: '201', length: '5', ip: '127.0.0.1' },
    ...{ agent: '"agent"\\', integration: '201', error: '-', unknown: '-' },
  })
})

test('o00001 a request that the gateway refused', async (t) => {
  const gateway = await startGateway(t, { routes: {}, logFormat: FORMAT })
  await gateway.get('/missing')
  const line = JSON.parse(gateway.logLines[0]!) as Record<string, string>
  assert.equal(line['status'], '404')
  assert.equal(line['error'], 'Not Found')
  assert.equal(line['integration'], '-')
})
