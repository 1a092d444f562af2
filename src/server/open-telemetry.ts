/** Puts together what the settings say about exports: who sends what where. */

import type { Limits } from '../domain/limits.ts'
import { tracesRequest } from '../observability/export/otlp-json.ts'
import { XrayDaemon } from '../observability/export/xray-daemon.ts'
import { type Environment, otlpTarget, resourceOf } from './otlp-settings.ts'
import type { ProgramLog } from './program-log.ts'
import type { Settings } from './settings.ts'
import { httpExporter, Telemetry } from './telemetry.ts'
import { planTracing, xrayDaemonOf } from './trace-plan.ts'
import type { TelemetryBirth } from './worker-birth.ts'
import { type ItemBatch, newOutletMemory } from './worker-outlet.ts'
import { SEGMENTS, SPANS, type TracingBirth } from './worker-tracing.ts'

export interface TelemetryInput {
  readonly settings: Settings
  readonly environment: Environment
  readonly limits: Limits
  readonly version: string
  readonly log: ProgramLog
}

/** How long what waits for a collector may take when the program ends. */
const CLOSE_TIMEOUT_MS = 3_000

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
  const memories = new Map<number, SharedArrayBuffer>()
  return {
    birthOf(worker) {
      // A worker that takes a dead one's place begins without its debts.
      const memory = newOutletMemory()
      memories.set(worker, memory)
      return { memory, tracing }
    },
    receive: (batch) => telemetry.receive(batch, memories.get(batch.worker)!),
    close: () => telemetry.close(CLOSE_TIMEOUT_MS),
  }
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
