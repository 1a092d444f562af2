/** What a sampled call leaves behind: OTLP spans and an X-Ray segment, read strictly. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startAnswering, startEcho } from '../harness/origin.ts'
import { type ReadSpan, readSpan } from '../harness/otlp-collector.ts'
import { readSegment } from '../harness/xray-daemon.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const SAMPLED = `traceparent: 00-${TRACE}-${SPAN}-01`

const SERVER = 2
const CLIENT = 3

type Gateway = Awaited<ReturnType<typeof startGateway>>

function recorded(gateway: Gateway, call = 0) {
  const { spans, segment } = gateway.traced[call]!
  const read = (JSON.parse(`[${spans}]`) as never[]).map(readSpan)
  return { spans: read, segment: readSegment(segment) }
}

function named(spans: readonly ReadSpan[], name: string): ReadSpan {
  return spans.find((span) => span.name === name) ?? assert.fail(`no span ${name}`)
}

test('o00005 a call is a server span and a client span under it', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /pets/{id}': `${origin.url}/p/{id}` },
    stage: 'prod',
    trace: {},
  })
  await gateway.get('/prod/pets/7?token=secret', SAMPLED, 'User-Agent: test/1', 'Host: api.test')
  const { spans, segment } = recorded(gateway)
  const server = named(spans, 'GET /pets/{id}')
  const client = named(spans, 'GET')
  assert.deepEqual([spans.length, server.kind, client.kind], [2, SERVER, CLIENT])
  assert.deepEqual([server.traceId, server.parentSpanId], [TRACE, SPAN])
  assert.equal(client.parentSpanId, server.spanId)
  const seen = /traceparent: (\S+)/i.exec(origin.recorded.join(''))?.[1]
  assert.equal(seen, `00-${TRACE}-${client.spanId}-01`)
  const { 'aws.request_id': requestId, ...attributes } = server.attributes
  assert.deepEqual(attributes, {
    'http.request.method': 'GET',
    'http.route': '/pets/{id}',
    'url.path': '/prod/pets/7',
    'url.scheme': 'http',
    'http.response.status_code': '200',
    'server.address': 'api.test',
    'client.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'test/1',
    'aws.apigateway.api_id': 'a1b2c3d4e5',
    'aws.apigateway.stage': 'prod',
  })
  assert.equal(requestId, gateway.logLines[0])
  assert.deepEqual(client.attributes, {
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': String(origin.port),
    'http.response.status_code': '200',
  })
  assert.ok(server.startMs <= client.startMs && client.endMs <= server.endMs + 1)
  assert.ok(Math.abs(server.startMs - Date.now()) < 10_000)
  assert.equal(segment.id, server.spanId)
  assert.equal(segment.parent_id, SPAN)
  assert.equal(segment.trace_id, `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`)
  assert.equal(segment.name, 'api a1b2c3d4e5/prod')
  assert.deepEqual(segment.annotations, { 'aws:api_id': 'a1b2c3d4e5', 'aws:api_stage': 'prod' })
  assert.equal(segment.aws?.api_gateway.request_id, requestId)
  assert.deepEqual(
    segment.subsegments?.map(({ id, name, namespace }) => ({ id, name, namespace })),
    [{ id: client.spanId, name: '127.0.0.1', namespace: 'remote' }],
  )
  assert.doesNotMatch(JSON.stringify(gateway.traced), /secret/)
})

test('o00005 what failed is marked, with the reason', async (t) => {
  const broken = await startAnswering(t, 'HTTP/1.1 502 Bad\r\ncontent-length: 0\r\n\r\n')
  const gateway = await startGateway(t, {
    routes: { 'GET /dead': 'http://127.0.0.1:9', 'GET /broken': broken.url },
    trace: {},
  })
  for (const path of ['/dead', '/broken', '/nothing']) await gateway.get(path, SAMPLED)
  const dead = recorded(gateway, 0)
  assert.equal(named(dead.spans, 'GET /dead').status, 2)
  assert.equal(named(dead.spans, 'GET /dead').attributes['error.type'], 'INTEGRATION_UNREACHABLE')
  assert.equal(named(dead.spans, 'GET').status, 2)
  assert.equal(dead.segment.fault, true)
  assert.equal(dead.segment.cause?.exceptions[0]?.type, 'INTEGRATION_UNREACHABLE')
  const answered = recorded(gateway, 1)
  assert.equal(named(answered.spans, 'GET /broken').attributes['error.type'], '502')
  assert.equal(named(answered.spans, 'GET').attributes['error.type'], '502')
  const unmatched = recorded(gateway, 2)
  assert.equal(unmatched.spans.length, 1)
  assert.equal(unmatched.spans[0]!.name, 'GET')
  assert.equal(unmatched.spans[0]!.status, 0, 'a mistake of the caller is none of ours')
  assert.equal(unmatched.spans[0]!.attributes['error.type'], 'ROUTE_NOT_FOUND')
  assert.equal(unmatched.segment.error, true)
  assert.equal(unmatched.segment.subsegments, undefined)
})

test('o00005 a call that waits for its authorizer says how long', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    jwt: issuer.authorizer,
    trace: {},
  })
  const token = `Authorization: Bearer ${issuer.token({})}`
  assert.equal((await gateway.get('/', token, SAMPLED)).status, 200)
  assert.equal((await gateway.get('/', token, SAMPLED)).status, 200)
  const waited = named(recorded(gateway, 0).spans, 'authorize')
  assert.ok(waited.endMs > waited.startMs)
  assert.equal(waited.parentSpanId, named(recorded(gateway, 0).spans, 'GET /').spanId)
  assert.deepEqual(
    recorded(gateway, 0).segment.subsegments?.map(({ name }) => name),
    ['authorize', '127.0.0.1'],
  )
  assert.deepEqual(
    recorded(gateway, 1).spans.map(({ name }) => name),
    ['GET /', 'GET'],
    'a known token is no wait',
  )
  assert.doesNotMatch(JSON.stringify(gateway.traced), /eyJ/)
})

test('o00005 an unusual method is no name of a span', async (t) => {
  const gateway = await startGateway(t, { routes: {}, trace: {} })
  await gateway.call('BREW', '/', [SAMPLED])
  const [span] = recorded(gateway).spans
  assert.equal(span!.name, 'HTTP')
  assert.equal(span!.attributes['http.request.method'], '_OTHER')
  assert.equal(span!.attributes['http.request.method_original'], 'BREW')
})
