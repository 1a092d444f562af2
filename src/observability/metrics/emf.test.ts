import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EmfLines } from './emf.ts'
import { MetricsRegistry } from './metrics-registry.ts'
import { stageOf } from './stage.fake.ts'
import { StageMetrics } from './stage-metrics.ts'

const NOW_MS = 1_700_000_000_123
const UNITS = new Set(['Count', 'Bytes', 'Milliseconds'])

type Document = Readonly<Record<string, unknown>> & {
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[]
    }[]
  }
}

/** One line, held to the schema of the format. */
function read(line: string): Document {
  assert.doesNotMatch(line, /\n/)
  const document = JSON.parse(line) as Document
  const { Timestamp, CloudWatchMetrics } = document._aws
  assert.ok(Number.isInteger(Timestamp))
  for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics) {
    assert.match(Namespace, /^(?!AWS\/)[\w./#:-]{1,255}$/)
    assert.ok(Metrics.length > 0 && Metrics.length <= 100)
    for (const set of Dimensions) {
      assert.ok(set.length <= 30)
      for (const name of set) assert.equal(typeof document[name], 'string', name)
    }
    for (const { Name, Unit } of Metrics) {
      assert.ok(UNITS.has(Unit))
      const value = document[Name]
      const values = Array.isArray(value) ? value : [value]
      assert.ok(values.length > 0 && values.length <= 100, Name)
      for (const one of values) assert.ok(Number.isFinite(one), Name)
    }
  }
  return document
}

function world(routes: readonly string[] = ['GET /pets']) {
  const registry = new MetricsRegistry(1)
  const stage = stageOf(routes)
  const metrics = new StageMetrics(registry.share(stage), 0)
  const lines = new EmfLines()
  return { metrics, next: () => lines.next(registry.stageSeries(), NOW_MS).map(read) }
}

test('a route that was called says what happened since the lines before', () => {
  const { metrics, next } = world()
  for (let i = 0; i < 3; i++) metrics.record(0, 200, 8, 4, 100)
  metrics.record(0, 404, 1, -1, 0)
  metrics.record(0, 503, 20, 19, 10)
  const [document, ...others] = next()
  assert.equal(others.length, 0)
  const { Count, '4xx': client, '5xx': server, DataProcessed, Route } = document!
  assert.deepEqual(
    { Count, client, server, DataProcessed, Route },
    { Count: 5, client: 1, server: 1, DataProcessed: 310, Route: 'GET /pets' },
  )
  assert.deepEqual(document!._aws.CloudWatchMetrics[0]!.Dimensions, [
    ['ApiId'],
    ['ApiId', 'Stage'],
    ['ApiId', 'Stage', 'Route'],
  ])
  assert.equal((document!['Latency'] as number[]).length, 5)
  assert.equal((document!['IntegrationLatency'] as number[]).length, 4)
  assert.deepEqual(next(), [], 'nothing since')
  metrics.record(0, 200, 8, -1, 0)
  const [second] = next()
  assert.equal(second!['Count'], 1)
  assert.equal(second!['IntegrationLatency'], undefined)
})

test('many calls are a hundred values with the same percentiles', () => {
  const { metrics, next } = world()
  for (let i = 0; i < 900; i++) metrics.record(0, 200, 3, 2, 0)
  for (let i = 0; i < 100; i++) metrics.record(0, 200, 400, 399, 0)
  const values = next()[0]!['Latency'] as number[]
  assert.equal(values.length, 100)
  assert.equal(values.filter((value) => value > 250 && value <= 500).length, 10)
  assert.equal(values.filter((value) => value > 2.5 && value <= 5).length, 90)
})

test('what no route took has no Route', () => {
  const { metrics, next } = world()
  metrics.record(-1, 404, 1, -1, 0)
  const [document] = next()
  assert.equal(document!['Route'], undefined)
  assert.equal(document!._aws.CloudWatchMetrics[0]!.Dimensions.length, 2)
})

test('a stage that was there, went and came back counts from nothing', () => {
  const registry = new MetricsRegistry(1)
  const lines = new EmfLines()
  const calls = (count: number) => {
    const stage = stageOf(['GET /pets'])
    const metrics = new StageMetrics(registry.share(stage), 0)
    for (let i = 0; i < count; i++) metrics.record(0, 200, 1, -1, 0)
    return lines.next(registry.stageSeries(), NOW_MS).map((line) => read(line)['Count'])
  }
  assert.deepEqual(calls(5), [5])
  registry.retain([])
  assert.deepEqual(calls(2), [2])
})
