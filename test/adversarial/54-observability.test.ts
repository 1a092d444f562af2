/**
 * Attack 54: log injection in every field, secrets, trace headers of 10 kB, labels, and sinks that are down.
 *
 * The hour without a sink, with a clock that a test moves, is in src/observability/export/batch-sender.test.ts.
 */

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { fakeContext } from '../../src/expression/context-source.fake.ts'
import { CONTEXT_VARIABLES } from '../../src/expression/context-variables.ts'
import { compileAccessLogFormat } from '../../src/observability/access-log/access-log-format.ts'
import { MetricsRegistry } from '../../src/observability/metrics/metrics-registry.ts'
import { StageMetrics } from '../../src/observability/metrics/stage-metrics.ts'
import { newOutletMemory, WorkerOutlet } from '../../src/server/worker/worker-outlet.ts'
import { stageOf, startGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { startOneRoute, until } from '../harness/one-route-server.ts'
import { type Echo, startEcho } from '../harness/origin.ts'
import { readSpan } from '../harness/otlp-collector.ts'
import { readSegment } from '../harness/xray-daemon.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

/** Ends lines, leaves quotes, speaks to terminals, turns text around. */
const HOSTILE = [
  'a\r\nb',
  '\n{"status":200}',
  '","admin":true,"x":"',
  '\\',
  '\\"',
  '\u001b[2J',
  '\u009b31m',
  '\u0000',
  '\u2028',
  '\u202e',
  '\ud800',
  '$context.requestId',
  '</script>',
  '\u007f',
  '\u0085',
]
const hostile = fc
  .array(fc.constantFrom(...HOSTILE, 'x'), { maxLength: 6 })
  .map((parts) => parts.join(''))
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]/

const NAMES = CONTEXT_VARIABLES.filter(({ name }) => !name.includes('*')).map(({ name }) => name)
const TEXTS = Object.entries(fakeContext()).filter(([, value]) => typeof value === 'string')

test('54 no value of any field breaks a line, JSON or a terminal', () => {
  const members = NAMES.map((name) => `"${name}":"$context.${name}"`)
  const bare = NAMES.map((name) => `"bare ${name}":$context.${name}`)
  const json = compileAccessLogFormat(
    `{${[...members, ...bare].join(',')},"claim":"$context.authorizer.claims.c"}`,
    1e6,
  )
  const plain = compileAccessLogFormat(NAMES.map((name) => `[$context.${name}]`).join(' '), 1e6)
  fc.assert(
    fc.property(
      fc.array(hostile, { minLength: TEXTS.length, maxLength: TEXTS.length }),
      (values) => {
        const overrides = Object.fromEntries(TEXTS.map(([name], i) => [name, values[i]]))
        const source = fakeContext({ ...overrides, authorizerClaim: () => values[0] })
        const line = json(source)
        assert.doesNotMatch(line, UNSAFE)
        const read = JSON.parse(line) as Record<string, unknown>
        assert.equal(Object.keys(read).length, NAMES.length * 2 + 1, 'no member came in')
        assert.equal(
          read['requestId'],
          values[TEXTS.findIndex(([name]) => name === 'requestId')] || '-',
        )
        assert.doesNotMatch(plain(source), UNSAFE)
      },
    ),
    { numRuns: 200 },
  )
})

test('54 what a client sends breaks no line, no span and no segment', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'ANY /{proxy+}': origin.url },
    logFormat:
      '{"id":"$context.requestId","agent":"$context.identity.userAgent","path":"$context.path","host":"$context.domainName","method":"$context.httpMethod"}',
    trace: {},
  })
  const agents = ['"},{"a":"', '\x9b31mred', 'tab\there', '\\u0000', 'é'.repeat(500)]
  for (const agent of agents) {
    const path = `/%22,%22x%22:%22`
    await gateway.get(path, `User-Agent: ${agent}`, `traceparent: 00-${TRACE}-${SPAN}-01`)
  }
  assert.equal(gateway.logLines.length, agents.length)
  for (const line of gateway.logLines) {
    assert.doesNotMatch(line, UNSAFE)
    assert.equal(Object.keys(JSON.parse(line)).length, 5)
  }
  for (const { spans, segment } of gateway.traced) {
    for (const span of JSON.parse(`[${spans}]`)) readSpan(span)
    readSegment(segment)
    assert.ok(Buffer.byteLength(segment) < 64_000)
  }
})

test('54 tokens stand in no line, no span and no segment', async (t) => {
  const issuer = await startIssuer(t)
  const origin = await startEcho(t)
  const all = NAMES.map((name) => `$context.${name}`).join(' ')
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    jwt: { ...issuer.authorizer, identitySource: '$request.querystring.token' },
    logFormat: all,
    limits: { accessLogFormatBytes: 100_000 },
    trace: {},
  })
  const good = issuer.token({})
  const bad = `${good.slice(0, -4)}AAAA`
  const sampled = `traceparent: 00-${TRACE}-${SPAN}-01`
  const statuses: number[] = []
  for (const token of [good, bad]) {
    statuses.push((await gateway.get(`/?token=${token}`, sampled, 'Cookie: s=s3cret')).status)
  }
  assert.deepEqual(statuses, [200, 401])
  const said = JSON.stringify([gateway.logLines, gateway.traced])
  for (const token of [good, bad]) {
    for (const part of token.split('.')) assert.ok(!said.includes(part), 'no part of a token')
  }
  assert.doesNotMatch(said, /s3cret/)
})

const LONG = 'f'.repeat(9_000)
const ABUSE: readonly (readonly string[])[] = [
  [`traceparent: ${LONG}`],
  [`traceparent: 00-${TRACE}-${SPAN}-01`, `tracestate: ${'a=b,'.repeat(2_000)}`],
  [`traceparent: 00-${TRACE}-${SPAN}-01`, `tracestate: k=${LONG}`],
  [`X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;${'x=y;'.repeat(2_000)}`],
  [`X-Amzn-Trace-Id: ${'Root=1-5759e988-bd862e3fe1be46a994272793;'.repeat(200)}`],
  [`b3: ${LONG}`],
  [`X-B3-TraceId: ${LONG.slice(4_500)}`, `X-B3-SpanId: ${LONG.slice(4_500)}`],
  [`X_Amzn_Trace_Id: Root=evil`, `x.b3.traceid: evil`, 'TraceParent: evil'],
  Array.from({ length: 50 }, () => `tracestate: a=1`),
  ['traceparent: \t', 'tracestate: =;=', 'X-Amzn-Trace-Id: ;;;===', 'b3: ----'],
]

test('54 trace headers of 10 kB, many, or none that is well formed: bounded, and nothing passes', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url }, trace: { formats: 15 } })
  for (const sent of ABUSE) {
    const response = await gateway.get('/', ...sent)
    assert.equal(response.status, 200)
    const { fields } = response.json as Echo
    assert.match(fields['traceparent'] ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
    assert.match(
      fields['x-amzn-trace-id'] ?? '',
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]$/,
    )
    assert.match(fields['b3'] ?? '', /^[0-9a-f]{32}-[0-9a-f]{16}-[01]$/)
    assert.equal(fields['x-b3-traceid'], fields['b3']!.slice(0, 32))
    assert.ok((fields['tracestate'] ?? '').length <= 512)
    assert.doesNotMatch(JSON.stringify(fields), /evil|fffffffffffffffffffffffffffffffff/)
  }
})

test('54 whatever clients send, the number of series stays', async (t) => {
  const registry = new MetricsRegistry(1)
  const stage = {
    ...stageOf({ routes: { 'GET /{proxy+}': 'http://127.0.0.1:9' } }, 1),
    detailedMetricsEnabled: true,
  }
  const metrics = new StageMetrics(registry.share(stage), 0)
  metrics.record(0, 200, 1, 1, 1)
  metrics.countRefused(0, 'integrate')
  const series = () => registry.render().split('\n').length
  const before = series()
  const origin = await startEcho(t)
  const one = await startOneRoute(t, origin.url)
  const figures = async () =>
    (await (await fetch(new URL('/metrics', one.server.endpoint.url))).text()).split('\n')
  await one.get('/pets')
  await one.get('/nothing')
  const lines = (await figures()).length
  for (let i = 0; i < 50; i++) {
    await one.get(`/x${i}?q=${i}`, `X-Amzn-Trace-Id: Root=${i}`, `User-Agent: ${i}`)
  }
  assert.equal((await figures()).length, lines)
  for (let i = 0; i < 1_000; i++) metrics.record(0, 200 + i, i, i, i)
  assert.equal(series(), before)
})

test('54 a main thread that takes nothing costs a bounded memory in the worker', () => {
  const posted: number[] = []
  const outlet = new WorkerOutlet(newOutletMemory(), 100_000, ({ characters }) =>
    posted.push(characters),
  )
  const item = 'x'.repeat(1_000)
  for (let i = 0; i < 10_000; i++) outlet.put('spans', item)
  outlet.flush()
  const characters = posted.reduce((sum, one) => sum + one, 0)
  assert.ok(characters <= 100_000)
  assert.equal(outlet.dropped('spans'), 10_000 - characters / 1_000)
})

test('54 a sink that accepts and never answers: requests do not notice', async (t) => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.after(() => silent.close())
  const { port } = silent.address() as { port: number }
  const sink = `http://127.0.0.1:${port}/`
  const origin = await startEcho(t)
  const words = ['--access-log', 'json', '--access-log-url', sink, '--trace', '1']
  const limits = ['--limit', 'exportQueueBytes=20000']
  const one = await startOneRoute(t, origin.url, ...words, ...limits, '--otlp-endpoint', sink)
  const slowest = await slowestOf(200, () => one.get('/pets'))
  assert.ok(slowest < 2_000, `${slowest} ms`)
  const metrics = new URL('/metrics', one.server.endpoint.url)
  await until('drops are counted', async () =>
    /^postern_export_dropped_total\{signal="spans"\} [1-9]/m.test(await textOf(metrics)),
  )
})

async function slowestOf(calls: number, call: () => Promise<{ status: number }>): Promise<number> {
  let slowest = 0
  for (let i = 0; i < calls; i++) {
    const begun = performance.now()
    assert.equal((await call()).status, 200)
    slowest = Math.max(slowest, performance.now() - begun)
  }
  return slowest
}

function textOf(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}
