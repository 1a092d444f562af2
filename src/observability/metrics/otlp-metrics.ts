/**
 * All figures as OTLP metrics: cumulative, since the process began. Names are those of `/metrics` without the suffixes
 * that Prometheus adds by itself (https://opentelemetry.io/docs/specs/otel/metrics/data-model/).
 */

import { attribute, unixNanos } from '../export/otlp-json.ts'
import { LATENCY_BOUNDS_MS } from './histogram.ts'
import type { Metric } from './metric-table.ts'
import type { Labels, MetricsWriter } from './prometheus-text.ts'

const CUMULATIVE = 2
const BOUNDS = JSON.stringify(LATENCY_BOUNDS_MS.map((ms) => ms / 1_000))

interface OpenMetric {
  readonly metric: Metric
  readonly points: string[]
}

export class OtlpMetrics implements MetricsWriter {
  readonly #times: string
  readonly #open: OpenMetric[] = []

  constructor(startMs: number, nowMs: number) {
    this.#times = `"startTimeUnixNano":"${unixNanos(startMs)}","timeUnixNano":"${unixNanos(nowMs)}"`
  }

  metric(metric: Metric): void {
    this.#open.push({ metric, points: [] })
  }

  sample(_name: string, labels: Labels, value: number): void {
    if (Number.isFinite(value)) this.#add(`${this.#point(labels)},"asDouble":${value}}`)
  }

  histogram(_name: string, labels: Labels, cells: Float64Array): void {
    const counts = [...cells.subarray(0, LATENCY_BOUNDS_MS.length + 1)]
    const count = counts.reduce((sum, one) => sum + one, 0)
    const buckets = counts.map((one) => `"${one}"`).join(',')
    const sum = cells[LATENCY_BOUNDS_MS.length + 1]! / 1_000
    this.#add(
      `${this.#point(labels)},"count":"${count}","sum":${sum},"bucketCounts":[${buckets}],"explicitBounds":${BOUNDS}}`,
    )
  }

  /** Written metrics; those without a point are left out. */
  metrics(): string[] {
    return this.#open.filter(({ points }) => points.length > 0).map(written)
  }

  #point(labels: Labels): string {
    const attributes = labels.map(([name, value]) => attribute(name, value)).join(',')
    return `{"attributes":[${attributes}],${this.#times}`
  }

  #add(point: string): void {
    this.#open.at(-1)!.points.push(point)
  }
}

function written({ metric, points }: OpenMetric): string {
  const unit = metric.name.includes('_seconds') ? 's' : metric.name.includes('_bytes') ? 'By' : '1'
  const name = metric.name.replace(/_total$/, '').replace(/_(?:seconds|bytes)$/, '')
  const head = `"name":"${name}","description":${JSON.stringify(metric.help)},"unit":"${unit}"`
  const data = `"dataPoints":[${points.join(',')}]`
  if (metric.type === 'gauge') return `{${head},"gauge":{${data}}}`
  const temporality = `"aggregationTemporality":${CUMULATIVE}`
  if (metric.type === 'histogram') return `{${head},"histogram":{${data},${temporality}}}`
  return `{${head},"sum":{${data},${temporality},"isMonotonic":true}}`
}
