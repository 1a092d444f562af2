/** What the main thread gives a worker before the first order: plain data that can be cloned, and shared memory. */

import type { Limits } from '../../domain/limits.ts'
import type { CallMemory } from '../../observability/explain/call-memory.ts'
import type { WorkerShare } from '../../observability/metrics/worker-gauges.ts'
import type { LogPlan } from '../settings/log-destinations.ts'
import type { OriginCaps } from './origin-limits.ts'
import type { TracingBirth } from './worker-tracing.ts'

/** What a worker knows from birth; it never changes while the program runs. */
export interface WorkerBirth {
  readonly index: number
  readonly limits: Limits
  /** Undefined: no line for every call. */
  readonly accessLog: AccessLogBirth | undefined
  /** Where lines go: the program's own, and those of stages. */
  readonly logs: LogPlan
  readonly trustedProxies: readonly string[]
  /** Calls under way to single origins, and how many workers share each of these. */
  readonly originCaps: OriginCaps
  /** SHA-256 of each debug key. */
  readonly debugKeys: readonly string[]
  /** PEM of authorities that origins are verified by, instead of the public ones. */
  readonly originAuthorities: string | undefined
  readonly workers: number
  /** The same for all workers of the process, another for every other one: agents tell gateways apart by it. */
  readonly gatewayId: string
  readonly gauges: WorkerShare
  /** Undefined: nothing is exported, and no call is traced. */
  readonly telemetry: TelemetryBirth | undefined
  /** Where it keeps what `postern explain` tells. */
  readonly explain: CallMemory
  /** Its own lines are JSON. */
  readonly json: boolean
  /** Compiled code is kept here, so that the next start is faster. */
  readonly compileCache: string
}

export interface TelemetryBirth {
  /** Of the worker's outlet. */
  readonly memory: SharedArrayBuffer
  readonly tracing: TracingBirth | undefined
}

export interface AccessLogBirth {
  /** `json`, `clf`, `dev`, or text with `$context` variables. */
  readonly format: string
  readonly colors: boolean
}
