import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { LATENCY_BOUNDS_MS } from './histogram.ts'
import {
  EXPORT_METRICS,
  PROCESS_METRICS,
  REFUSAL_KINDS,
  STAGE_METRICS,
  WORKER_METRICS,
} from './metric-table.ts'
import { MetricsRegistry, type ProcessFacts, processFacts } from './metrics-registry.ts'
import { stageOf } from './stage.fake.ts'
import { StageMetrics } from './stage-metrics.ts'
import { DETAILED_ROUTES_MAX } from './stage-series.ts'
import { WorkerGauges } from './worker-gauges.ts'
import { startWorkerSampler } from './worker-sampler.ts'

const FACTS: ProcessFacts = {
  version: '1.2.3',
  nodeVersion: '24.0.0',
  startTimeSeconds: 1_700_000_000.5,
  residentMemoryBytes: () => 1_000_000,
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

/** Reads the format strictly: every sample belongs to the metric that was announced last. */
function parseText(text: string): Map<string, number> {
  assert.ok(text.endsWith('\n'))
  const samples = new Map<string, number>()
  const announced = new Set<string>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line)
    if (comment !== null) {
      if (comment[1] === 'HELP') assert.ok(!announced.has(comment[2]!), 'announced once')
      else assert.match(comment[3]!, /^(counter|gauge|histogram)$/)
      announced.add(comment[2]!)
      current = comment[2]!
      continue
    }
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`)
    assert.match(name!, new RegExp(`^${current}(_bucket|_sum|_count)?$`))
    assert.ok(isLabels(labels), line)
    assert.ok(!samples.has(`${name}{${labels}}`), `twice: ${line}`)
    assert.ok(!Number.isNaN(Number(value)), line)
    samples.set(`${name}{${labels}}`, Number(value))
  }
  return samples
}

function isLabels(labels: string): boolean {
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < labels.length) if (LABEL.exec(labels) === null) return false
  return true
}

const STAGE = 'api_id="a1b2c3d4e5",stage="prod"'

test('the figures of AWS for a stage, added up over the workers', () => {
  const registry = new MetricsRegistry(2, FACTS)
  const share = registry.share(stageOf(['GET /a'], { detailedMetricsEnabled: false }))
  const [first, second] = [new StageMetrics(share, 0), new StageMetrics(share, 1)]
  first.record(0, 200, 12, 10, 100)
  second.record(0, 404, 2, 1.5, 10)
  second.record(-1, 404, 0.1, -1, 23)
  second.record(0, 503, 40_000, 39_999, 0)
  second.countThrottled(0)
  first.countThrottled(0)
  const samples = parseText(registry.render())
  const expected: Record<string, number> = {
    'apigateway_count_total{}': 4,
    'apigateway_4xx_total{}': 2,
    'apigateway_5xx_total{}': 1,
    'postern_throttled_total{}': 2,
    'apigateway_data_processed_bytes_total{}': 133,
    'apigateway_latency_seconds_bucket{le="0.00025"}': 1,
    'apigateway_latency_seconds_bucket{le="0.0025"}': 2,
    'apigateway_latency_seconds_bucket{le="0.01"}': 2,
    'apigateway_latency_seconds_bucket{le="0.025"}': 3,
    'apigateway_latency_seconds_bucket{le="30"}': 3,
    'apigateway_latency_seconds_bucket{le="+Inf"}': 4,
    'apigateway_latency_seconds_count{}': 4,
    'apigateway_latency_seconds_sum{}': 40.0141,
    'apigateway_integration_latency_seconds_count{}': 3,
    'apigateway_integration_latency_seconds_bucket{le="0.0025"}': 1,
    'postern_gateway_latency_seconds_count{}': 4,
    'postern_gateway_latency_seconds_bucket{le="0.001"}': 3,
    'postern_gateway_latency_seconds_sum{}': 0.0036,
  }
  for (const [name, value] of Object.entries(expected)) {
    const [metric, labels] = name.slice(0, -1).split('{')
    const key = `${metric}{${[STAGE, labels].filter((part) => part !== '').join(',')}}`
    assert.ok(Math.abs(samples.get(key)! - value) < 1e-9, `${key} ${samples.get(key)} ${value}`)
  }
})

test('a value at a bound is in the bucket of that bound', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const metrics = new StageMetrics(registry.share(stageOf([])), 0)
  for (const bound of LATENCY_BOUNDS_MS) metrics.record(-1, 200, bound, -1, 0)
  const samples = parseText(registry.render())
  for (const [i, bound] of LATENCY_BOUNDS_MS.entries()) {
    const key = `apigateway_latency_seconds_bucket{${STAGE},le="${bound / 1000}"}`
    assert.equal(samples.get(key), i + 1, key)
  }
})

test('what is no duration cannot spoil a sum', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const metrics = new StageMetrics(registry.share(stageOf([])), 0)
  for (const ms of [Number.NaN, -1, 5]) metrics.record(-1, 200, ms, -1, 0)
  metrics.record(-1, 200, 1, 3, 0)
  const samples = parseText(registry.render())
  assert.equal(samples.get(`apigateway_latency_seconds_sum{${STAGE}}`), 0.006)
  assert.equal(samples.get(`postern_gateway_latency_seconds_sum{${STAGE}}`), 0.005)
})

test('detailed metrics count each route once, and what no route took at the stage', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const metrics = new StageMetrics(registry.share(stageOf(['GET /a', 'GET /b', '$default'])), 0)
  metrics.record(0, 200, 1, 1, 0)
  metrics.record(0, 200, 1, 1, 0)
  metrics.record(2, 200, 1, 1, 0)
  metrics.record(-1, 404, 1, -1, 0)
  metrics.countThrottled(2)
  const samples = parseText(registry.render())
  const counts = [...samples].filter(([key]) => key.startsWith('apigateway_count_total'))
  assert.deepEqual(counts, [
    [`apigateway_count_total{${STAGE}}`, 1],
    [`apigateway_count_total{${STAGE},route="GET /a"}`, 2],
    [`apigateway_count_total{${STAGE},route="$default"}`, 1],
  ])
  assert.equal(samples.get(`postern_throttled_total{${STAGE},route="$default"}`), 1)
})

const calls = fc.array(
  fc.record({
    worker: fc.nat(2),
    route: fc.integer({ min: -1, max: 3 }),
    status: fc.constantFrom(200, 301, 400, 499, 500, 599),
    latency: fc.double({ min: 0, max: 50_000, noNaN: true }),
    integration: fc.oneof(fc.constant(-1), fc.double({ min: 0, max: 50_000, noNaN: true })),
    bytes: fc.nat(),
  }),
  { maxLength: 60 },
)

test('the workers’ figures add up to the total, whatever they counted', () => {
  fc.assert(
    fc.property(calls, fc.boolean(), (list, detailed) => {
      const registry = new MetricsRegistry(3, FACTS)
      const keys = ['GET /a', 'GET /b', 'POST /a', '$default']
      const share = registry.share(stageOf(keys, { detailedMetricsEnabled: detailed }))
      const workers = [0, 1, 2].map((worker) => new StageMetrics(structuredClone(share), worker))
      for (const call of list) {
        workers[call.worker]!.record(
          call.route,
          call.status,
          call.latency,
          call.integration,
          call.bytes,
        )
      }
      const samples = [...parseText(registry.render())]
      const total = (name: string) =>
        samples
          .filter(([key]) => key.startsWith(`${name}{`))
          .reduce((sum, [, value]) => sum + value, 0)
      const count = (holds: (call: (typeof list)[number]) => boolean) => list.filter(holds).length
      assert.equal(total('apigateway_count_total'), list.length)
      assert.equal(
        total('apigateway_4xx_total'),
        count(({ status }) => status >= 400 && status < 500),
      )
      assert.equal(
        total('apigateway_5xx_total'),
        count(({ status }) => status >= 500),
      )
      assert.equal(total('apigateway_latency_seconds_count'), list.length)
      assert.equal(total('postern_gateway_latency_seconds_count'), list.length)
      assert.equal(
        total('apigateway_integration_latency_seconds_count'),
        count(({ integration }) => integration >= 0),
      )
      assert.equal(
        total('apigateway_data_processed_bytes_total'),
        list.reduce((sum, { bytes }) => sum + bytes, 0),
      )
    }),
    { numRuns: 50 },
  )
})

test('totals survive a deployment that moves, adds and removes routes', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const count = (route: string) =>
    parseText(registry.render()).get(`apigateway_count_total{${STAGE},route="${route}"}`)
  const before = new StageMetrics(registry.share(stageOf(['GET /a', 'GET /b'])), 0)
  before.record(0, 200, 1, 1, 0)
  before.record(1, 200, 1, 1, 0)
  const after = new StageMetrics(registry.share(stageOf(['GET /c', 'GET /b'], { revision: 2 })), 0)
  after.record(0, 200, 1, 1, 0)
  after.record(1, 200, 1, 1, 0)
  // A call that began before the deployment ends after it.
  before.record(0, 200, 1, 1, 0)
  assert.deepEqual([count('GET /a'), count('GET /b'), count('GET /c')], [2, 2, 1])
  const again = new StageMetrics(registry.share(stageOf(['GET /a'], { revision: 3 })), 0)
  again.record(0, 200, 1, 1, 0)
  assert.equal(count('GET /a'), 3)
})

test('stages that are not served any more are forgotten, the others stay', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const [prod, beta] = [stageOf([]), stageOf([], { stageName: 'beta' })]
  new StageMetrics(registry.share(prod), 0).record(-1, 200, 1, 1, 0)
  registry.share(beta)
  registry.retain([prod])
  const text = registry.render()
  assert.doesNotMatch(text, /beta/)
  assert.equal(parseText(text).get(`apigateway_count_total{${STAGE}}`), 1)
})

test('no deployment, and no number of deployments, makes series without bound', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const routes = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `GET /r${from + i}`)
  const seriesCount = () => registry.render().match(/^apigateway_count_total/gm)!.length
  const tooMany = registry.share(stageOf(routes(0, DETAILED_ROUTES_MAX + 1)))
  const metrics = new StageMetrics(tooMany, 0)
  for (let i = 0; i <= DETAILED_ROUTES_MAX; i++) metrics.record(i, 200, 1, 1, 0)
  assert.equal(seriesCount(), 1)
  assert.equal(tooMany.chunks.length, 1)
  for (let deployment = 0; deployment < 10; deployment++) {
    const stage = stageOf(routes(deployment * 400, 600))
    const share = registry.share(stage)
    const counted = new StageMetrics(share, 0)
    for (let i = 0; i < 600; i++) counted.record(i, 200, 1, 1, 0)
  }
  assert.ok(seriesCount() <= DETAILED_ROUTES_MAX + 1)
  const samples = parseText(registry.render())
  const count = (route: number) =>
    samples.get(`apigateway_count_total{${STAGE},route="GET /r${route}"}`)
  // 600 live routes and the 400 that left last keep theirs; of the live ones 200 were there before.
  assert.deepEqual([count(3_600), count(3_799), count(3_800), count(4_199)], [2, 2, 1, 1])
  assert.deepEqual([count(3_200), count(0)], [2, undefined])
})

test('an attacker’s paths, methods and statuses make no series', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const metrics = new StageMetrics(registry.share(stageOf(['GET /a'])), 0)
  const lines = () => registry.render().split('\n').length
  metrics.record(0, 200, 1, 1, 0)
  const before = lines()
  for (let i = 0; i < 10_000; i++) metrics.record(i % 7 === 0 ? -1 : 5 + i, i, i, i, i)
  assert.equal(lines(), before)
})

test('label values are escaped', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const key = 'GET /a"} 1\nevil{x="\\\x1b[2J'
  const metrics = new StageMetrics(registry.share(stageOf([key])), 0)
  metrics.record(0, 200, 1, 1, 0)
  const text = registry.render()
  parseText(text)
  assert.ok(text.includes('route="GET /a\\"} 1\\nevil{x=\\"\\\\\ufffd[2J"'))
})

test('every metric of the table is rendered, with its sentence', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const recorder = new StageMetrics(registry.share(stageOf([])), 0)
  recorder.countRefused(-1, 'route')
  registry.useExports(() => [['spans', { sent: 0, dropped: 0, failures: 0 }]])
  registry.useCertificates(() => [[[['certificate', 'c']], 30]])
  registry.useTruststores(() => new Map([['a.example.com', true]]))
  const text = registry.render()
  const metrics = [STAGE_METRICS, WORKER_METRICS, EXPORT_METRICS, PROCESS_METRICS].flatMap(
    (table) => Object.values(table),
  )
  assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length)
  for (const { name, type, help } of metrics) {
    assert.ok(text.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}`), name)
    assert.match(help, /\.$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
  }
})

test('a worker’s gauges are read in the main thread', async () => {
  const registry = new MetricsRegistry(2, FACTS)
  const share = registry.share(stageOf(['GET /a']))
  const modules = ['stage-metrics.ts', 'worker-gauges.ts'].map(
    (name) => new URL(name, import.meta.url).href,
  )
  const code = `
    const { workerData } = require('node:worker_threads')
    Promise.all(workerData.modules.map((name) => import(name))).then(([stage, worker]) => {
      new stage.StageMetrics(workerData.share, 1).record(0, 500, 3, 2, 7)
      const gauges = new worker.WorkerGauges(workerData.own)
      gauges.set('connections', 5)
      gauges.add('connections', -2)
      gauges.add('requests', 4)
      gauges.setRefusals('head-invalid', 9)
    })`
  const workerData = { modules, share, own: registry.workerShare(1) }
  const worker = new Worker(code, { eval: true, workerData })
  await new Promise((resolve, reject) => worker.on('error', reject).on('exit', resolve))
  const samples = parseText(registry.render())
  assert.equal(samples.get(`apigateway_5xx_total{${STAGE},route="GET /a"}`), 1)
  assert.equal(samples.get('postern_connections{worker="0"}'), 0)
  assert.equal(samples.get('postern_connections{worker="1"}'), 3)
  assert.equal(samples.get('postern_refusals_total{kind="head-invalid"}'), 9)
  assert.equal(samples.get('postern_refusals_total{kind="closed"}'), 0)
})

test('a worker that dies loses its gauges, not its counters', () => {
  const registry = new MetricsRegistry(1, FACTS)
  const gauges = new WorkerGauges(registry.workerShare(0))
  const sample = (name: string) => parseText(registry.render()).get(`${name}{worker="0"}`)
  registry.workerStarted(0)
  gauges.set('connections', 5)
  gauges.set('requests', 70)
  assert.equal(sample('postern_worker_up'), 1)
  registry.workerEnded(0)
  assert.equal(sample('postern_worker_up'), 0)
  assert.equal(sample('postern_connections'), 0)
  assert.equal(sample('postern_requests_total'), 70)
  registry.workerRestarted(0)
  assert.equal(sample('postern_worker_restarts_total'), 1)
})

test('the process says what it is', () => {
  const samples = parseText(new MetricsRegistry(0, FACTS).render())
  assert.equal(samples.get('postern_build_info{version="1.2.3",node="24.0.0"}'), 1)
  assert.equal(samples.get('process_start_time_seconds{}'), 1_700_000_000.5)
  assert.equal(samples.get('process_resident_memory_bytes{}'), 1_000_000)
  const facts = processFacts('1.0.0')
  assert.ok(facts.residentMemoryBytes() > 1_000_000)
  assert.equal(facts.startTimeSeconds, performance.timeOrigin / 1000)
})

test('kinds of refusals are each there once', () => {
  assert.equal(new Set(REFUSAL_KINDS).size, REFUSAL_KINDS.length)
})

test('the sampler sees a blocked event loop and the heap', async () => {
  const gauges = new WorkerGauges(new MetricsRegistry(1, FACTS).workerShare(0))
  const sampler = startWorkerSampler(gauges)
  // Two turns of the watching timer around a pause that blocks it.
  await new Promise((resolve) => setTimeout(resolve, 60))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  await new Promise((resolve) => setTimeout(resolve, 60))
  sampler.sample()
  sampler.stop()
  assert.ok(gauges.get('eventLoopLagMaxSeconds') > 0.05)
  assert.ok(gauges.get('heapUsedBytes') > 100_000)
})

test('refusals are counted by the step that refused, and exports by their destination', () => {
  const registry = new MetricsRegistry(1)
  const metrics = new StageMetrics(registry.share(stageOf(['GET /pets'])), 0)
  metrics.record(0, 401, 1, -1, 0)
  metrics.countRefused(0, 'authorize')
  registry.useExports(() => [['spans', { sent: 7, dropped: 2, failures: 1 }]])
  const samples = parseText(registry.render())
  const route = 'api_id="a1b2c3d4e5",stage="prod",route="GET /pets"'
  assert.equal(samples.get(`postern_stage_refusals_total{${route},step="authorize"}`), 1)
  assert.equal(samples.has(`postern_stage_refusals_total{${route},step="throttle"}`), false)
  assert.equal(samples.get('postern_exported_total{signal="spans"}'), 7)
  assert.equal(samples.get('postern_export_dropped_total{signal="spans"}'), 2)
  assert.equal(samples.get('postern_export_failures_total{signal="spans"}'), 1)
})
