/**
 * Custom domain names: host and base path lead to a stage, the base path does not reach the API, `$context` says how the
 * call came, and what leads nowhere is 403.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const FORMAT = [
  'requestId',
  'domainName',
  'domainPrefix',
  'apiId',
  'stage',
  'path',
  'customDomain.basePathMatched',
  'customDomain.routingRuleIdMatched',
]
  .map((name) => `$context.${name}`)
  .join(' ')

const mapping = (key: string, apiId: string, stageName = '$default') => ({ key, apiId, stageName })

test('n00001 the longest base path wins, is stripped, and is logged', async (t) => {
  const origin = await startEcho(t)
  const stage = (apiId: string, name = '$default') => ({
    apiId,
    stage: name,
    routes: { $default: `${origin.url}/${apiId}-${name.replace('$', '')}` },
  })
  const gateway = await startGateway(t, {
    stages: [stage('api1'), stage('api2', 'prod'), stage('api2', 'test'), stage('api3')],
    domains: [
      {
        domainName: 'api.example.com',
        mappings: [
          mapping('', 'api1'),
          mapping('orders/v1', 'api2', 'prod'),
          mapping('orders/v1/test', 'api2', 'test'),
        ],
      },
      { domainName: '*.example.com', mappings: [mapping('w', 'api3')] },
    ],
    logFormat: FORMAT,
  })
  const CASES: readonly (readonly [host: string, path: string, target: string, log: string])[] = [
    ['api.example.com', '/x', '/api1-default/x', 'api.example.com api api1 $default /x - -'],
    [
      'API.example.com.:8080',
      '/orders/v1/7',
      '/api2-prod/7',
      'api.example.com api api2 prod /orders/v1/7 orders/v1 -',
    ],
    [
      'api.example.com',
      '/orders/v1',
      '/api2-prod',
      'api.example.com api api2 prod /orders/v1 orders/v1 -',
    ],
    [
      'api.example.com',
      '/orders/v1/test/a',
      '/api2-test/a',
      'api.example.com api api2 test /orders/v1/test/a orders/v1/test -',
    ],
    ['b.example.com', '/w/x', '/api3-default/x', 'b.example.com b api3 $default /w/x w -'],
  ]
  for (const [host, path, target, log] of CASES) {
    const response = await gateway.get(path, `Host: ${host}`)
    assert.equal(response.status, 200, path)
    assert.equal((response.json as Echo).target.replace(/\/$/, ''), target)
    assert.equal(gateway.logLines.at(-1)?.replace(/^\S+ /, ''), log)
  }
  for (const path of ['/', '/wx', '/W/x']) {
    const refused = await gateway.get(path, 'Host: b.example.com')
    assert.deepEqual([refused.status, refused.text], [403, '{"message":"Forbidden"}'], path)
    const { reasonCode, ...evidence } = gateway.explain(refused)
    assert.equal(reasonCode, 'MAPPING_NOT_FOUND')
    assert.match(evidence.passes!, /\/w/)
  }
})

test('n00001 a stage name in the path selects nothing on a domain, and paths of own addresses are paths', async (t) => {
  const origin = await startEcho(t)
  const stages = ['$default', 'dev'].map((stage) => ({
    stage,
    routes: { $default: `${origin.url}/${stage.replace('$', '')}` },
  }))
  const domains = [{ domainName: 'api.example.com', mappings: [mapping('', 'a1b2c3d4e5')] }]
  const gateway = await startGateway(t, { stages, domains })
  for (const path of ['/dev/x', '/_aws/execute-api/a1b2c3d4e5/dev/x', '/restapis/a1b2c3d4e5/dev']) {
    const echo = (await gateway.get(path, 'Host: api.example.com')).json as Echo
    assert.equal(echo.target, `/default${path}`)
  }
})

test('n00001 a disabled endpoint leaves the domain as the only way in', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    disableExecuteApiEndpoint: true,
    routes: { $default: origin.url },
    domains: [{ domainName: 'api.example.com', mappings: [mapping('', 'a1b2c3d4e5')] }],
  })
  assert.equal((await gateway.get('/x', 'Host: api.example.com')).status, 200)
  for (const host of [
    'a1b2c3d4e5.execute-api.localhost',
    'localhost',
    '127.0.0.1',
    'example.com',
  ]) {
    assert.equal((await gateway.get('/x', `Host: ${host}`)).status, 404, host)
  }
})

test('n00001 once there is a domain, an API that is alone answers at its names only', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  assert.equal((await gateway.get('/x', 'Host: anything')).status, 200)
  gateway.domains = [{ domainName: 'api.example.com', mappings: [mapping('', 'a1b2c3d4e5')] }]
  gateway.apply({ routes: { $default: origin.url } })
  const refused = await gateway.get('/x', 'Host: anything')
  assert.equal(refused.status, 404)
  assert.match(gateway.explain(refused).passes!, /api\.example\.com/)
  const own = 'Host: a1b2c3d4e5.execute-api.localhost'
  assert.equal((await gateway.get('/x', own)).status, 200)
})

test('n00001 a mapping to a stage that is not served is 404, and says so', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    domains: [{ domainName: 'api.example.com', mappings: [mapping('v1', 'a1b2c3d4e5', 'prod')] }],
  })
  const refused = await gateway.get('/v1/x', 'Host: api.example.com')
  assert.deepEqual([refused.status, refused.text], [404, '{"message":"Not Found"}'])
  const { reasonCode, ...evidence } = gateway.explain(refused)
  assert.equal(reasonCode, 'MAPPED_STAGE_NOT_SERVED')
  assert.match(evidence.rule!, /API mapping \/v1 of api\.example\.com/)
  assert.match(evidence.seen!, /stage prod of API a1b2c3d4e5/)
})
