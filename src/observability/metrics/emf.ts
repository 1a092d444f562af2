/**
 * API Gateway's metrics as lines in CloudWatch's embedded metric format, one for each stage and route that had calls
 * since the lines before.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * The format takes numbers and lists of at most a hundred: counts are sums over the interval; latencies are a hundred
 * values at most that stand at even distances in the interval's distribution, so that averages and percentiles hold.
 * Their SampleCount is that of the list; the number of calls is in Count.
 */

import { LATENCY_BOUNDS_MS } from './histogram.ts'
import type { Series } from './metrics-registry.ts'
import { SERIES_LAYOUT } from './stage-metrics.ts'

const VALUES_MAX = 100
const BUCKETS = LATENCY_BOUNDS_MS.length + 1
/** `AWS/…` is Amazon's own. */
const NAMESPACE = 'Postern/ApiGateway'

const METRICS = [
  { Name: 'Count', Unit: 'Count' },
  { Name: '4xx', Unit: 'Count' },
  { Name: '5xx', Unit: 'Count' },
  { Name: 'DataProcessed', Unit: 'Bytes' },
  { Name: 'Latency', Unit: 'Milliseconds' },
  { Name: 'IntegrationLatency', Unit: 'Milliseconds' },
] as const

const DIMENSION_OF_LABEL: Readonly<Record<string, string>> = {
  api_id: 'ApiId',
  stage: 'Stage',
  route: 'Route',
}

/** Remembers what the lines before have said. */
export class EmfLines {
  #before = new Map<string, Float64Array>()

  /** The lines of the interval that ends now. */
  next(all: readonly Series[], nowMs: number): string[] {
    const lines: string[] = []
    const seen = new Map<string, Float64Array>()
    for (const { labels, cells } of all) {
      const key = JSON.stringify(labels)
      const delta = since(cells, this.#before.get(key))
      seen.set(key, cells)
      if (delta[SERIES_LAYOUT.count]! > 0) lines.push(lineOf(labels, delta, nowMs))
    }
    this.#before = seen
    return lines
  }
}

/** A total that went down has begun anew. */
function since(cells: Float64Array, before: Float64Array | undefined): Float64Array {
  const isAnew = before === undefined || cells[SERIES_LAYOUT.count]! < before[SERIES_LAYOUT.count]!
  return isAnew ? cells : cells.map((value, i) => value - before[i]!)
}

function lineOf(labels: Series['labels'], delta: Float64Array, nowMs: number): string {
  const dimensions = labels.map(([name, value]) => [DIMENSION_OF_LABEL[name]!, value] as const)
  const names = dimensions.map(([name]) => name)
  const integration = samples(delta, SERIES_LAYOUT.integrationLatency)
  const metrics = METRICS.filter(
    ({ Name }) => Name !== 'IntegrationLatency' || integration.length > 0,
  )
  return JSON.stringify({
    _aws: {
      Timestamp: Math.round(nowMs),
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: names.map((_, i) => names.slice(0, i + 1)),
          Metrics: metrics,
        },
      ],
    },
    ...Object.fromEntries(dimensions),
    Count: delta[SERIES_LAYOUT.count],
    '4xx': delta[SERIES_LAYOUT.clientErrors],
    '5xx': delta[SERIES_LAYOUT.serverErrors],
    DataProcessed: delta[SERIES_LAYOUT.dataProcessed],
    Latency: samples(delta, SERIES_LAYOUT.latency),
    ...(integration.length > 0 ? { IntegrationLatency: integration } : {}),
  })
}

/** At most a hundred values of the distribution, each in the middle of its share of the calls. */
function samples(delta: Float64Array, start: number): number[] {
  const counts = delta.subarray(start, start + BUCKETS)
  const total = counts.reduce((sum, one) => sum + one, 0)
  const values: number[] = []
  const wanted = Math.min(total, VALUES_MAX)
  let bucket = 0
  let below = 0
  for (let i = 0; i < wanted; i++) {
    const rank = ((i + 0.5) / wanted) * total
    while (below + counts[bucket]! < rank) below += counts[bucket++]!
    values.push(within(bucket, (rank - below) / counts[bucket]!))
  }
  return values
}

/** A value in a bucket, as far into it as `share` says; the last bucket has no end, and is taken at its beginning. */
function within(bucket: number, share: number): number {
  const from = bucket === 0 ? 0 : LATENCY_BOUNDS_MS[bucket - 1]!
  const to = LATENCY_BOUNDS_MS[bucket] ?? from
  return Math.round((from + (to - from) * share) * 1_000) / 1_000
}
