/** What the origin is told about a call's trace, and what the access log knows of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rateRule } from '../../src/observability/tracing/sampling-rules.ts'
import { type GatewayDescription, startGateway } from '../harness/gateway.ts'
import { type Echo, startEcho } from '../harness/origin.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const ROOT = '1-4bf92f35-77b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const W3C = /^00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])$/

async function started(
  t: Parameters<typeof startGateway>[0],
  description: Partial<GatewayDescription>,
) {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url, 'GET /none': 'http://127.0.0.1:9' },
    logFormat: '$context.requestId $context.xrayTraceId',
    ...description,
  })
  const fields = async (...sent: string[]) =>
    ((await gateway.get('/', ...sent)).json as Echo).fields
  return { origin, gateway, fields }
}

test('o00004 without tracing, trace headers pass as they came, and there is no id', async (t) => {
  const { gateway, fields } = await started(t, {})
  const seen = await fields('traceparent: garbage', 'X-Amzn-Trace-Id: Root=x', 'b3: 0')
  assert.equal(seen['traceparent'], 'garbage')
  assert.equal(seen['x-amzn-trace-id'], 'Root=x')
  assert.equal(seen['b3'], '0')
  assert.match(gateway.logLines[0]!, / -$/)
})

test('o00004 a call without a trace begins one, with the same id in both forms', async (t) => {
  const { gateway, fields } = await started(t, { trace: {} })
  const before = Math.floor(Date.now() / 1_000)
  const seen = await fields()
  const [, traceId = '', spanId, sampled] = W3C.exec(seen['traceparent'] ?? '') ?? []
  const root = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
  assert.equal(sampled, '0')
  assert.equal(seen['x-amzn-trace-id'], `Root=${root};Parent=${spanId};Sampled=0`)
  assert.ok(Number.parseInt(traceId.slice(0, 8), 16) - before <= 2, 'the id begins with the time')
  assert.equal(seen['tracestate'], undefined)
  assert.ok(gateway.logLines[0]!.endsWith(root))
  const again = W3C.exec((await fields())['traceparent'] ?? '')
  assert.notEqual(again?.[1], traceId)
})

test('o00004 a trace goes on: its id stays, its parent is the gateway', async (t) => {
  const { gateway, fields } = await started(t, { trace: {} })
  const seen = await fields(`traceparent: 00-${TRACE}-${SPAN}-01`, 'tracestate: congo=1', 'b3: 0')
  const [, traceId, parent, sampled] = W3C.exec(seen['traceparent'] ?? '') ?? []
  assert.deepEqual([traceId, sampled], [TRACE, '1'])
  assert.notEqual(parent, SPAN)
  assert.equal(seen['x-amzn-trace-id'], `Root=${ROOT};Parent=${parent};Sampled=1`)
  assert.equal(seen['tracestate'], 'congo=1')
  assert.equal(seen['b3'], undefined, 'nothing passes as it came')
  assert.ok(gateway.logLines[0]!.endsWith(ROOT))
  assert.equal(gateway.traced.length, 1)
})

test('o00004 X-Ray: Root stays, Parent is set, what is not known goes', async (t) => {
  const { fields } = await started(t, { trace: {} })
  const seen = await fields(`X-Amzn-Trace-Id: Root=${ROOT};Sampled=1;CalledFrom=app`)
  assert.match(
    seen['x-amzn-trace-id'] ?? '',
    new RegExp(`^Root=${ROOT};Parent=[0-9a-f]{16};Sampled=1$`),
  )
})

test('o00004 B3 on request', async (t) => {
  const { fields } = await started(t, { trace: { formats: 12 } })
  const seen = await fields(`X-B3-TraceId: ${TRACE}`, `X-B3-SpanId: ${SPAN}`, 'X-B3-Sampled: 1')
  const parent = seen['x-b3-spanid']
  assert.equal(seen['b3'], `${TRACE}-${parent}-1`)
  assert.equal(seen['x-b3-traceid'], TRACE)
  assert.equal(seen['x-b3-sampled'], '1')
  assert.equal(seen['traceparent'], undefined)
  assert.notEqual(parent, SPAN)
})

test('o00004 a caller that is not trusted decides nothing', async (t) => {
  const sent = [`traceparent: 00-${TRACE}-${SPAN}-01`, 'tracestate: a=1']
  for (const trust of ['none', 'proxies'] as const) {
    const { gateway, fields } = await started(t, { trace: { trust } })
    const seen = await fields(...sent)
    const [, traceId, , sampled] = W3C.exec(seen['traceparent'] ?? '') ?? []
    assert.notEqual(traceId, TRACE)
    assert.equal(sampled, '0')
    assert.equal(seen['tracestate'], undefined)
    assert.equal(gateway.traced.length, 0)
  }
})

test('o00004 a caller behind a trusted proxy is', async (t) => {
  const { fields } = await started(t, {
    trace: { trust: 'proxies' },
    trustedProxies: ['127.0.0.1'],
  })
  const seen = await fields(`traceparent: 00-${TRACE}-${SPAN}-01`, 'X-Forwarded-For: 192.0.2.7')
  assert.equal(W3C.exec(seen['traceparent'] ?? '')?.[1], TRACE)
})

test('o00004 our own decision comes where the caller has made none', async (t) => {
  const { gateway, fields } = await started(t, { trace: { rules: [rateRule(1)] } })
  assert.match((await fields())['traceparent'] ?? '', /-01$/)
  assert.match((await fields(`X-Amzn-Trace-Id: Root=${ROOT}`))['x-amzn-trace-id'] ?? '', /=1$/)
  assert.match((await fields(`traceparent: 00-${TRACE}-${SPAN}-00`))['traceparent'] ?? '', /-00$/)
  assert.equal(gateway.traced.length, 2)
})

test('o00004 a field that parameter mapping sets is the author’s, and there once', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: {
      'GET /': {
        uri: origin.url,
        requestParameters: { 'overwrite:header.traceparent': 'mine', 'remove:header.b3': "''" },
      },
    },
    trace: { formats: 15 },
  })
  const { fields } = (await gateway.get('/', 'b3: 0')).json as Echo
  assert.equal(fields['traceparent'], 'mine')
  assert.equal(fields['b3'], undefined)
  assert.match(fields['x-amzn-trace-id'] ?? '', /^Root=/)
})
