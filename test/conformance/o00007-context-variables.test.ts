/** `$context` variables that say something of the authorizer and of what stands behind the integration. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startAnswering, startEcho } from '../harness/origin.ts'

const FORMAT =
  '{"id":"$context.requestId","status":$context.authorizer.status,"latency":$context.authorizer.latency,' +
  '"error":$context.authorizer.error,"principal":$context.authorizer.principalId}'

test('o00007 the authorizer: status, latency, error', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url, 'GET /open': { uri: origin.url, open: true } },
    jwt: issuer.authorizer,
    cors: { allowOrigins: ['https://app.test'], allowMethods: ['GET'] },
    logFormat: FORMAT,
  })
  const line = async (method: string, path: string, ...fields: string[]) => {
    await gateway.call(method, path, fields)
    const { id: _, ...rest } = JSON.parse(gateway.logLines.at(-1)!)
    return rest
  }
  const token = `Authorization: Bearer ${issuer.token({})}`
  const first = await line('GET', '/', token)
  assert.equal(first.status, 200)
  assert.ok(first.latency >= 0)
  const passed = { status: 200, latency: 0, error: null, principal: null }
  assert.deepEqual(await line('GET', '/', token), passed)
  const none = { status: null, latency: null, error: null, principal: null }
  assert.deepEqual(await line('GET', '/open'), none)
  assert.deepEqual(await line('GET', '/elsewhere', token), none)
  const preflight = ['Origin: https://app.test', 'Access-Control-Request-Method: GET']
  assert.deepEqual(await line('OPTIONS', '/', ...preflight), none)
  const refused = await line('GET', '/')
  assert.equal(refused.status, 401)
  assert.match(refused.error, /token/)
})

test('o00007 ids that services of AWS give their responses', async (t) => {
  const answer = (...fields: string[]) =>
    startAnswering(t, `HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\ncontent-length: 0\r\n\r\n`)
  const lambda = await answer('X-Amzn-RequestId: lambda-1')
  const s3 = await answer('x-amz-request-id: s3-1', 'x-amz-id-2: s3-2')
  const plain = await answer('x: y')
  const routes = { 'GET /a': lambda.url, 'GET /b': s3.url, 'GET /c': plain.url }
  const own = {
    routes,
    stage: 'own',
    accessLogFormat: 'own $context.requestId $context.awsEndpointRequestId2',
  }
  const gateway = await startGateway(t, { stages: [{ routes }, own] })
  await gateway.get('/own/b')
  assert.match(gateway.logLines.at(-1)!, /^own \S+ s3-2$/)
  const ids = '$context.requestId $context.awsEndpointRequestId $context.awsEndpointRequestId2'
  const all = await startGateway(t, { routes, logFormat: ids })
  for (const path of ['/a', '/b', '/c']) await all.get(path)
  assert.deepEqual(
    all.logLines.map((line) => line.split(' ').slice(1)),
    [
      ['lambda-1', '-'],
      ['s3-1', 's3-2'],
      ['-', '-'],
    ],
  )
})
