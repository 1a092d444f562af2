/** Sends the figures on, once in an interval and once at the end: to an OTLP collector, and as EMF lines. */

import type { Clock } from '../../base/clock.ts'
import { LogSink, type LogTarget } from '../../observability/access-log/log-sink.ts'
import { EmfLines } from '../../observability/metrics/emf.ts'
import type { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import { OtlpMetrics } from '../../observability/metrics/otlp-metrics.ts'
import type { Exporter } from './telemetry.ts'

export interface MetricsExportOptions {
  readonly registry: Pick<MetricsRegistry, 'write' | 'stageSeries'>
  readonly intervalMs: number
  /** Undefined: no collector gets them. */
  readonly otlp: Pick<Exporter, 'take'> | undefined
  /** Undefined: no EMF lines. */
  readonly emf: LogTarget | undefined
  readonly clock: Clock
}

export class MetricsExport {
  readonly #options: MetricsExportOptions
  readonly #startMs: number
  readonly #lines = new EmfLines()
  readonly #sink: LogSink | undefined
  readonly #timer: NodeJS.Timeout

  /** Throws Node's error when the file for EMF lines cannot be opened. */
  constructor(options: MetricsExportOptions) {
    this.#options = options
    this.#startMs = options.clock.epochMs()
    this.#sink = options.emf === undefined ? undefined : new LogSink(options.emf)
    this.#timer = setInterval(() => this.export(), options.intervalMs).unref()
  }

  /** What is true now. */
  export(): void {
    const { registry, otlp, clock } = this.#options
    const nowMs = clock.epochMs()
    if (otlp !== undefined) {
      const metrics = new OtlpMetrics(this.#startMs, nowMs)
      registry.write(metrics)
      otlp.take(metrics.metrics())
    }
    if (this.#sink === undefined) return
    for (const line of this.#lines.next(registry.stageSeries(), nowMs)) this.#sink.write(line)
  }

  /** Says it once more, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.export()
    await this.#sink?.close()
  }
}
