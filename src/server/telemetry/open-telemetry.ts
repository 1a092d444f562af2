/** Puts together what the settings say about exports: who sends what where. */

import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/message-of.ts'
import type { Limits } from '../../domain/limits.ts'
import type { LogTarget } from '../../observability/access-log/log-sink.ts'
import type { PostTarget } from '../../observability/export/http-post.ts'
import { logsRequest, metricsRequest, tracesRequest } from '../../observability/export/otlp-json.ts'
import { XrayDaemon } from '../../observability/export/xray-daemon.ts'
import type { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import { failure, usageFailure } from '../failure.ts'
import type { ProgramLog } from '../program-log.ts'
import { type LogPlan, placesOf, urlOfChannel } from '../settings/log-destinations.ts'
import {
  checkHeaders,
  type Environment,
  type OtlpTarget,
  otlpTarget,
  resourceOf,
} from '../settings/otlp-settings.ts'
import type { Settings } from '../settings/settings.ts'
import type { TelemetryBirth } from '../worker/worker-birth.ts'
import { type ItemBatch, newOutletMemory } from '../worker/worker-outlet.ts'
import { SEGMENTS, SPANS, type TracingBirth } from '../worker/worker-tracing.ts'
import { MetricsExport } from './metrics-export.ts'
import { type Exporter, httpExporter, Telemetry } from './telemetry.ts'
import { planTracing, xrayDaemonOf } from './trace-plan.ts'

export interface TelemetryInput {
  readonly settings: Settings
  readonly environment: Environment
  readonly limits: Limits
  readonly version: string
  readonly logs: LogPlan
  readonly registry: MetricsRegistry
  readonly log: ProgramLog
}

/** How long what waits for a collector may take when the program ends. */
const CLOSE_TIMEOUT_MS = 3_000
/** For one batch of log lines. */
const LINES_TIMEOUT_MS = 10_000
const METRICS = 'metrics'

export interface OpenTelemetry {
  /** What a worker is born with. */
  birthOf(worker: number): TelemetryBirth
  receive(batch: ItemBatch & { readonly worker: number }): void
  readonly close: () => Promise<void>
}

/** Throws a Failure. */
export async function openTelemetry(input: TelemetryInput): Promise<OpenTelemetry> {
  const telemetry = new Telemetry()
  const tracing = await openTracing(input, telemetry)
  openLogs(input, telemetry)
  const metrics = openMetrics(input, telemetry)
  input.registry.useExports(() => telemetry.exporters)
  const memories = new Map<number, SharedArrayBuffer>()
  return {
    birthOf(worker) {
      // A worker that takes a dead one's place begins without its debts.
      const memory = newOutletMemory()
      memories.set(worker, memory)
      return { memory, tracing }
    },
    receive: (batch) => telemetry.receive(batch, memories.get(batch.worker)!),
    close: async () => {
      await metrics?.close()
      await telemetry.close(CLOSE_TIMEOUT_MS)
    },
  }
}

/** Undefined: nothing gets the figures but who asks for them. */
function openMetrics(input: TelemetryInput, telemetry: Telemetry): MetricsExport | undefined {
  const { settings, environment, registry } = input
  const { metricsEmf, metricsInterval: intervalMs } = settings
  if (intervalMs === undefined) return undefined
  const collector = otlpTarget('metrics', settings, environment)
  if (collector === undefined && metricsEmf === undefined) return undefined
  const otlp = collector === undefined ? undefined : metricsExporter(input, collector)
  if (otlp !== undefined) telemetry.add(METRICS, otlp)
  const emf = emfTarget(metricsEmf)
  try {
    return new MetricsExport({ registry, intervalMs, otlp, emf, clock: systemClock })
  } catch (thrown) {
    const message = `The metrics file ${metricsEmf} cannot be written: ${messageOf(thrown)}`
    throw failure(message, 'Choose another with --metrics-emf FILE.')
  }
}

function metricsExporter(input: TelemetryInput, collector: OtlpTarget): Exporter {
  const { environment, limits, version, log } = input
  const resource = resourceOf(environment, version)
  const target = { ...collector, contentType: 'application/json' }
  const body = (items: readonly string[]) => metricsRequest(resource, items)
  return httpExporter({ what: 'metrics', target, body, limits, log })
}

function emfTarget(written: string | undefined): LogTarget | undefined {
  if (written === undefined) return undefined
  return written === 'stdout' ? { kind: 'stdout' } : { kind: 'file', path: written }
}

/** One exporter for each place that log lines are sent to. */
function openLogs(input: TelemetryInput, telemetry: Telemetry): void {
  const { settings, environment, limits, version, log, logs } = input
  for (const place of placesOf(logs)) {
    if (place.kind !== 'channel') continue
    const url = urlOfChannel(place.channel)
    const resource = resourceOf(environment, version)
    const isOtlp = url === undefined
    const target = isOtlp ? otlpLogs(settings, environment) : lineTarget(url, settings)
    const body = isOtlp
      ? (items: readonly string[]) => logsRequest(resource, items)
      : (items: readonly string[]) => `${items.join('\n')}\n`
    telemetry.add(place.channel, httpExporter({ what: 'log lines', target, body, limits, log }))
  }
}

function otlpLogs(settings: Settings, environment: Environment): PostTarget {
  const target = otlpTarget('logs', settings, environment)
  if (target !== undefined) return { ...target, contentType: 'application/json' }
  throw usageFailure(
    'Log lines are to go to an OTLP collector, and none is named',
    'Name it: --otlp-endpoint http://localhost:4318',
  )
}

function lineTarget(url: string, { accessLogHeader }: Settings): PostTarget {
  const headers = checkHeaders(accessLogHeader)
  const contentType = 'application/x-ndjson'
  return { url, headers, contentType, gzip: false, timeoutMs: LINES_TIMEOUT_MS }
}

async function openTracing(
  { settings, environment, limits, version, log }: TelemetryInput,
  telemetry: Telemetry,
): Promise<TracingBirth | undefined> {
  if (settings.trace === 'off') return planTracing(settings, { toOtlp: false, toXray: false })
  const spans = otlpTarget('traces', settings, environment)
  if (spans !== undefined) {
    const resource = resourceOf(environment, version)
    const target = { ...spans, contentType: 'application/json' }
    const body = (items: readonly string[]) => tracesRequest(resource, items)
    telemetry.add(SPANS, httpExporter({ what: 'traces', target, body, limits, log }))
  }
  const daemon = xrayDaemonOf(settings, environment)
  if (daemon !== undefined) telemetry.add(SEGMENTS, new XrayDaemon(daemon.host, daemon.port))
  return planTracing(settings, { toOtlp: spans !== undefined, toXray: daemon !== undefined })
}
