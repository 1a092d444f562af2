/** What a worker makes of sampled calls: spans, segments or both, handed to the outlet. Loaded with tracing. */

import type { HttpApiStage } from '../../domain/http-api.ts'
import { otlpSpans } from '../../features/trace/otlp-spans.ts'
import { compileTrace, type TraceSettings } from '../../features/trace/trace.ts'
import { xraySegment } from '../../features/trace/xray-segment.ts'
import type { CallTracer } from '../../invocation/stage-context.ts'
import type { TelemetryBirth } from './worker-birth.ts'
import { type ItemBatch, WorkerOutlet } from './worker-outlet.ts'

/** Names of the outlet's channels. */
export const SPANS = 'spans'
export const SEGMENTS = 'segments'

export interface TracingBirth {
  readonly settings: TraceSettings
  readonly toOtlp: boolean
  readonly toXray: boolean
}

function createTracing(
  { settings, toOtlp, toXray }: TracingBirth,
  outlet: WorkerOutlet,
): (stage: HttpApiStage) => CallTracer {
  if (!toOtlp && !toXray) return (stage) => compileTrace(stage, settings, undefined)
  return (stage) =>
    compileTrace(stage, settings, (x, trace) => {
      if (toOtlp) outlet.put(SPANS, otlpSpans(x, trace, stage))
      if (toXray) outlet.put(SEGMENTS, xraySegment(x, trace, stage))
    })
}

/** What a worker hands out, and how. */
export function openWorkerOutlet(
  { memory, tracing }: TelemetryBirth,
  charactersMax: number,
  post: (batch: ItemBatch) => void,
) {
  const outlet = new WorkerOutlet(memory, charactersMax, post)
  return {
    tracer: tracing === undefined ? undefined : createTracing(tracing, outlet),
    outlet,
    spansDropped: () => outlet.dropped(SPANS) + outlet.dropped(SEGMENTS),
  }
}
