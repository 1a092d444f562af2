/**
 * One call, explained: what `postern explain` shows, what `ExplainCalls` gives. Plain data for both sides of the wire.
 */

import type { Step } from './steps.ts'

export interface ExplainedStep {
  readonly step: Step
  /**
   * `passed`: it let the call go on. `decided`: the answer comes from here. `absent`: nothing of the kind is configured.
   * `unreached`: something decided before.
   */
  readonly outcome: 'passed' | 'decided' | 'absent' | 'unreached'
  /** What the step went by: the limit, the authorizer, the integration. */
  readonly what: string
  /** Milliseconds; of a step without them the next that has some includes it. */
  readonly ms?: number
}

export interface ExplainedCall {
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly time: number
  /** Which of the workers. */
  readonly worker: number
  /** 0: it ended without an answer. */
  readonly status: number
  /** A code of docs/reference/errors.md; undefined where the integration answered. */
  readonly reasonCode?: string
  readonly reason?: string
  readonly side?: 'client' | 'origin' | 'gateway'
  /** The step that decided. */
  readonly step: Step
  readonly totalMs: number
  readonly protocol: 'HTTP/1' | 'HTTP/2'
  /** What became of it in one sentence. */
  readonly summary: string
  readonly steps: readonly ExplainedStep[]

  /** Undefined where no stage was found. */
  readonly accountId?: string
  readonly apiId?: string
  readonly apiName?: string
  readonly stage?: string
  readonly revision?: number
  /** The stage is served at another revision by now. */
  readonly revisionNow?: number
  /** '' when no route matched. */
  readonly routeKey?: string
  readonly integrationStatus?: number
  readonly responseBytes: number

  /** Only of calls that did not end well, and not of all of them while there are very many. */
  readonly method?: string
  readonly host?: string
  readonly path?: string
  readonly detail?: string
  readonly rule?: string
  readonly seen?: string
  readonly passes?: string
  /** On what way it came to its origin: target, group and rule of a listener, link and agent. */
  readonly hop?: string
}

/** Which calls. */
export interface ExplainQuery {
  readonly requestId?: string
  /** `404`, `5xx`; any of them. */
  readonly statuses?: readonly string[]
  readonly apiId?: string
  readonly routeKey?: string
  /** Only those of this account. */
  readonly accountId?: string
  /** At most so many, the newest first. */
  readonly count: number
}

export interface ExplainAnswer {
  readonly calls: readonly ExplainedCall[]
  /** Calls that are kept at this moment, and since when; 0: none. */
  readonly kept: number
  readonly keptSince: number
}
