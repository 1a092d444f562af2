// hot path — see STYLE §8
/**
 * Tracing of one stage's calls: where a call stands in its trace, whether it is recorded, and what becomes of the
 * record when the call is over.
 *
 * `begin` runs before the first step, so that every refusal has a trace; `end` runs in OBSERVE. A call that is not
 * sampled costs its ids and the fields for the origin. A stage without tracing has no tracer.
 */

import { systemRandom } from '../../base/random.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import type { CallTracer } from '../../invocation/stage-context.ts'
import { CallTrace } from '../../observability/tracing/call-trace.ts'
import { readRemoteContext } from '../../observability/tracing/remote-context.ts'
import { StageSampler } from '../../observability/tracing/sampler.ts'
import type { SamplingRule } from '../../observability/tracing/sampling-rules.ts'
import { newTraceId } from '../../observability/tracing/trace-ids.ts'

/** Whose word about a trace counts: everybody's, that of callers behind a trusted proxy, nobody's. */
export type TraceTrust = 'all' | 'proxies' | 'none'

export interface TraceSettings {
  /** Empty: only what the caller has decided to trace (passive). */
  readonly rules: readonly SamplingRule[]
  /** A cell for each rule, the same in all workers. */
  readonly reservoirs: SharedArrayBuffer
  readonly trust: TraceTrust
  /** Sum of `TRACE_FORMATS`: what the origin is told. */
  readonly formats: number
}

/** Takes the calls that are sampled, when they are over. */
export type TraceSink = (x: Invocation, trace: CallTrace, stage: HttpApiStage) => void

/** Undefined sink: traces are handed on and recorded nowhere. */
export function compileTrace(
  stage: HttpApiStage,
  settings: TraceSettings,
  sink: TraceSink | undefined,
): CallTracer {
  const service = `${stage.apiName}/${stage.stageName}`
  const cells = new Int32Array(settings.reservoirs)
  const sampler = new StageSampler(service, settings.rules, cells)
  const { formats, trust } = settings
  return {
    formats,
    begin(x) {
      const remote = isTrusted(x, trust) ? readRemoteContext(x.exchange.request.fields) : undefined
      const epochMs = x.stageContext.services.clock.epochMs()
      const given = remote?.traceId ?? ''
      const traceId = given === '' ? newTraceId(epochMs) : given
      const sampled = remote?.sampled ?? samples(sampler, x, epochMs)
      x.trace = new CallTrace(remote, traceId, sampled)
    },
    end(x) {
      const { trace } = x
      if (trace?.sampled === true && sink !== undefined) sink(x, trace, stage)
    },
  }
}

function isTrusted(x: Invocation, trust: TraceTrust): boolean {
  if (trust === 'all') return true
  // The source differs from the peer only where a trusted proxy has said so.
  return trust === 'proxies' && x.sourceIp !== x.exchange.connection.remoteAddress
}

function samples(sampler: StageSampler, x: Invocation, epochMs: number): boolean {
  const { host, method } = x.exchange.request
  return sampler.samples({ host, method, path: x.requestPath }, epochMs, systemRandom())
}
