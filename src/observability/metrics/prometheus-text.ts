/**
 * The Prometheus text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */

import { LATENCY_BOUNDS_MS } from './histogram.ts'
import type { Metric } from './metric-table.ts'

/** Names and values of labels, in order. */
export type Labels = readonly (readonly [name: string, value: string])[]

/** Takes all figures, metric after metric. */
export interface MetricsWriter {
  /** Announces the metric whose samples follow. */
  metric(metric: Metric): void
  sample(name: string, labels: Labels, value: number): void
  /** Cells that `observe` fills. */
  histogram(name: string, labels: Labels, cells: Float64Array): void
}

/** Collects metrics; every metric's samples have to be added together, as the format wants them. */
export class PrometheusText implements MetricsWriter {
  #text = ''

  /** Announces the metric whose samples follow. */
  metric(metric: Metric): void {
    this.#text += `# HELP ${metric.name} ${escapeHelp(metric.help)}\n# TYPE ${metric.name} ${metric.type}\n`
  }

  sample(name: string, labels: Labels, value: number): void {
    this.#text += `${name}${formatLabels(labels)} ${formatValue(value)}\n`
  }

  /** A histogram from the cells that `observe` fills, milliseconds in, seconds out. */
  histogram(name: string, labels: Labels, cells: Float64Array): void {
    let count = 0
    for (const [i, boundMs] of LATENCY_BOUNDS_MS.entries()) {
      count += cells[i]!
      this.sample(`${name}_bucket`, [...labels, ['le', formatValue(boundMs / 1000)]], count)
    }
    count += cells[LATENCY_BOUNDS_MS.length]!
    this.sample(`${name}_bucket`, [...labels, ['le', '+Inf']], count)
    this.sample(`${name}_sum`, labels, cells[LATENCY_BOUNDS_MS.length + 1]! / 1000)
    this.sample(`${name}_count`, labels, count)
  }

  toString(): string {
    return this.#text
  }
}

function formatLabels(labels: Labels): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`
}

/** Backslash, quote and line feed have escapes; other controls have none and may not reach a terminal. */
function escapeLabel(value: string): string {
  return value
    .replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '\ufffd')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
