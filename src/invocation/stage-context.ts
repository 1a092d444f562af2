/** What all calls of one deployed stage share, as far as steps need it. */

import type { Clock } from '../base/clock.ts'
import type { Limits } from '../domain/limits.ts'
import type { ContextSource } from '../expression/context-source.ts'
import type { Step } from '../observability/explain/steps.ts'
import type { Invocation } from './invocation.ts'

/** Calls between their route and their log line. */
export interface CallCount {
  inFlight: number
}

/** Services of the worker thread, passed in when a stage is compiled. */
export interface Services {
  readonly clock: Clock
  readonly limits: Limits
  readonly calls: CallCount
  requestId(): string
  /** A bug was caught: one fatal log line. */
  fatal(error: unknown, requestId: string): void
  /** Undefined: no access log. */
  readonly accessLog: ((source: ContextSource) => void) | undefined
  /** Whether the worker has too much to do; see `runtime/overload/overload-guard.ts`. */
  readonly overload: Overload
  /** Tells holders of a debug key in the answer itself; undefined: there is no such key. */
  readonly debug: { fieldsOf(x: Invocation): string } | undefined
  /** Keeps what `postern explain` tells; undefined: nothing is kept. */
  readonly explain: ExplainRecords | undefined
  /** Undefined: nobody watches live requests. It changes while the worker runs. */
  tail: ((source: ContextSource) => void) | undefined
}

export interface Overload {
  /** 0: calm. */
  readonly stage: number
  /** What presses, with its figures. */
  readonly detail: string
  readonly retryAfterSeconds: number
  /** One more call wants in, with so many under way, itself among them. */
  refuses(inFlight: number): boolean
}

/** See `runtime/explain/call-recorder.ts`. */
export interface ExplainRecords {
  /** A call has ended; its head can still be read. */
  keep(x: Invocation): void
}

/** Figures of one stage; see `observability/metrics`. */
export interface CallRecorder {
  record(
    routeIndex: number,
    status: number,
    latencyMs: number,
    integrationLatencyMs: number,
    bytes: number,
  ): void
  /** The call found a token bucket empty. */
  countThrottled(routeIndex: number): void
  /** The gateway itself has answered the call, at that step. */
  countRefused(routeIndex: number, step: Step): void
}

/** Tracing of a stage's calls; see `features/trace`. */
export interface CallTracer {
  /** What the origin is told: a sum of `TRACE_FORMATS`. */
  readonly formats: number
  /** Gives the call its place in a trace, before the first step. */
  begin(x: Invocation): void
  /** The call is over. */
  end(x: Invocation): void
}

export interface StageContext {
  readonly accountId: string
  readonly apiId: string
  readonly stageName: string
  readonly deploymentId: string
  /** By which explain records name this stage at this revision; -1: none. */
  readonly stageNumber: number
  /** `/prod`, or '' for `$default`. */
  readonly pathPrefix: string
  readonly services: Services
  readonly metrics: CallRecorder | undefined
  readonly accessLog: ((source: ContextSource) => void) | undefined
  /** An access log wants the ids that AWS's services give their responses. */
  readonly keepsEndpointIds: boolean
  /** Undefined: calls are not traced. */
  readonly tracer: CallTracer | undefined
  /** Drives an invocation from its current step (the pipeline of the API's type). */
  readonly run: (x: Invocation) => void
}
