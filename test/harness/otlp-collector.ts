/**
 * A collector for tests: takes OTLP/HTTP in its JSON form and reads it as strictly as the protocol allows, so that a
 * field that a real collector would not know, or a value of another type, fails the test.
 * https://github.com/open-telemetry/opentelemetry-proto (the messages), and its JSON mapping in docs/specification.md
 */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'

type Check = (value: unknown, place: string) => void
type Json = Readonly<Record<string, unknown>>

export interface ReadSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: number
  readonly status: number
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, unknown>>
}

const text: Check = (value, place) => assert.equal(typeof value, 'string', place)
const bool: Check = (value, place) => assert.equal(typeof value, 'boolean', place)
const hex =
  (digits: number): Check =>
  (value, place) =>
    assert.match(String(value), new RegExp(`^[0-9a-f]{${digits}}$`), place)
/** 64-bit integers are decimal texts. */
const int64: Check = (value, place) => {
  text(value, place)
  assert.match(String(value), /^-?\d{1,19}$/, place)
}
const int32: Check = (value, place) => assert.ok(Number.isInteger(value), place)
const double: Check = (value, place) => assert.ok(Number.isFinite(value), place)
const list =
  (each: Check): Check =>
  (value, place) => {
    assert.ok(Array.isArray(value), place)
    for (const [i, item] of value.entries()) each(item, `${place}[${i}]`)
  }

/** Exactly these members, each at most once; those with `!` have to be there. */
function message(members: Readonly<Record<string, Check>>): Check {
  const known = new Map(
    Object.entries(members).map(([name, check]) => [name.replace('!', ''), check]),
  )
  const needed = Object.keys(members).filter((name) => name.endsWith('!'))
  return (value, place) => {
    assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), place)
    for (const [name, member] of Object.entries(value)) {
      const check = known.get(name)
      assert.ok(check !== undefined, `${place} has no member ${name}`)
      check(member, `${place}.${name}`)
    }
    for (const name of needed) assert.ok(name.slice(0, -1) in value, `${place} lacks ${name}`)
  }
}

const anyValue: Check = (value, place) => {
  message({ stringValue: text, boolValue: bool, intValue: int64, doubleValue: double })(
    value,
    place,
  )
  assert.equal(Object.keys(value as Json).length, 1, `${place} has one kind of value`)
}
const attributes: Check = (value, place) => {
  list(message({ 'key!': text, 'value!': anyValue }))(value, place)
  const keys = (value as { key: string }[]).map(({ key }) => key)
  assert.deepEqual(keys, [...new Set(keys)], `${place}: each key once`)
}
const resource = message({ attributes })
const scope = message({ 'name!': text, version: text })
const span = message({
  'traceId!': hex(32),
  'spanId!': hex(16),
  parentSpanId: hex(16),
  traceState: text,
  flags: int32,
  'name!': text,
  'kind!': int32,
  'startTimeUnixNano!': int64,
  'endTimeUnixNano!': int64,
  attributes,
  status: message({ code: int32, message: text }),
})
const logRecord = message({
  'timeUnixNano!': int64,
  observedTimeUnixNano: int64,
  severityNumber: int32,
  severityText: text,
  'body!': anyValue,
  attributes,
  flags: int32,
  traceId: hex(32),
  spanId: hex(16),
})
const point = {
  attributes,
  'startTimeUnixNano!': int64,
  'timeUnixNano!': int64,
}
const numberPoints = list(message({ ...point, asDouble: double, asInt: int64 }))
const histogramPoint: Check = (value, place) => {
  message({
    ...point,
    'count!': int64,
    sum: double,
    'bucketCounts!': list(int64),
    'explicitBounds!': list(double),
  })(value, place)
  const { count, bucketCounts, explicitBounds } = value as {
    count: string
    bucketCounts: string[]
    explicitBounds: number[]
  }
  assert.equal(bucketCounts.length, explicitBounds.length + 1, place)
  assert.equal(
    bucketCounts.reduce((sum, one) => sum + Number(one), 0),
    Number(count),
    place,
  )
}
const metric = message({
  'name!': text,
  description: text,
  unit: text,
  sum: message({
    'dataPoints!': numberPoints,
    'aggregationTemporality!': int32,
    isMonotonic: bool,
  }),
  gauge: message({ 'dataPoints!': numberPoints }),
  histogram: message({ 'dataPoints!': list(histogramPoint), 'aggregationTemporality!': int32 }),
})

const REQUESTS: Readonly<Record<string, Check>> = {
  '/v1/traces': envelope('resourceSpans', 'scopeSpans', 'spans', span),
  '/v1/logs': envelope('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  '/v1/metrics': envelope('resourceMetrics', 'scopeMetrics', 'metrics', metric),
}

function envelope(outer: string, inner: string, items: string, item: Check): Check {
  const scoped = message({ 'scope!': scope, [`${items}!`]: list(item) })
  return message({
    [`${outer}!`]: list(message({ 'resource!': resource, [`${inner}!`]: list(scoped) })),
  })
}

/** What was said, as objects without the envelope. */
function itemsOf(body: Json): Json[] {
  const outer = Object.values(body)[0] as Json[]
  return outer.flatMap((each) => {
    const scoped = Object.entries(each).find(([name]) => name !== 'resource')![1] as Json[]
    return scoped.flatMap(
      (one) => Object.entries(one).find(([name]) => name !== 'scope')![1] as Json[],
    )
  })
}

export class OtlpCollector {
  url = ''
  readonly requests: { readonly path: string; readonly headers: Json; readonly body: Json }[] = []
  /** What it answers; a Retry-After goes with 503. */
  status = 200
  readonly #faults: unknown[] = []

  take(path: string, headers: Json, bytes: Buffer): void {
    try {
      assert.equal(headers['content-type'], 'application/json')
      const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
      const body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain)) as Json
      const check = REQUESTS[path]
      assert.ok(check !== undefined, `no such path: ${path}`)
      check(body, path)
      this.requests.push({ path, headers, body })
    } catch (thrown) {
      this.#faults.push(thrown)
    }
  }

  /** Everything of one signal. */
  items(signal: 'traces' | 'logs' | 'metrics'): Json[] {
    const requests = this.requests.filter(({ path }) => path === `/v1/${signal}`)
    return requests.flatMap(({ body }) => itemsOf(body))
  }

  spans(): ReadSpan[] {
    return this.items('traces').map(readSpan)
  }

  /** Fails when anything was not as the protocol says. */
  check(): void {
    assert.deepEqual(this.#faults, [], 'everything that came was OTLP')
  }
}

/** One span, strictly read. */
export function readSpan(value: Json): ReadSpan {
  span(value, 'span')
  const { attributes: pairs = [] } = value as { attributes?: { key: string; value: Json }[] }
  const { startTimeUnixNano, endTimeUnixNano } = value
  return {
    ...(value as unknown as ReadSpan),
    parentSpanId: value['parentSpanId'] as string | undefined,
    status: ((value['status'] as Json)['code'] as number | undefined) ?? 0,
    startMs: Number(startTimeUnixNano) / 1e6,
    endMs: Number(endTimeUnixNano) / 1e6,
    attributes: Object.fromEntries(
      pairs.map(({ key, value: given }) => [key, Object.values(given)[0]]),
    ),
  }
}

export async function startCollector(t: TestContext): Promise<OtlpCollector> {
  const collector = new OtlpCollector()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (collector.status === 200) {
      collector.take(request.url!, request.headers, Buffer.concat(chunks))
    }
    response.writeHead(collector.status, collector.status === 503 ? { 'retry-after': '1' } : {})
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.after(() => {
    server.closeAllConnections()
    server.close()
    collector.check()
  })
  return collector
}
