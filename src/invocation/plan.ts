/**
 * Everything decided about one route when its stage was compiled. `undefined` means "not configured" and costs one
 * comparison a request.
 */

import type { Invocation } from './invocation.ts'
import type { Outcome, ResponseOutcome } from './outcome.ts'

export type RunStep = (x: Invocation) => Outcome
export type RunResponseStep = (x: Invocation) => ResponseOutcome

/** Where the calls of a route go, for traces. */
export interface PlannedOrigin {
  readonly host: string
  readonly port: number
  readonly secure: boolean
  /** `ANY`: the client's. */
  readonly method: string
}

export interface Plan {
  /** Position among the stage's routes; -1 when no route matched. */
  readonly routeIndex: number
  readonly routeKey: string
  /** Names of the path parameters, in the order of the match's values. */
  readonly parameterNames: readonly string[]
  readonly cors: RunStep | undefined
  /** Undefined: everybody may call the route. */
  readonly authorize: RunStep | undefined
  readonly throttle: RunStep | undefined
  readonly mapRequest: RunStep | undefined
  readonly integrate: RunStep
  /** Undefined: no route matched. */
  readonly origin: PlannedOrigin | undefined
  readonly mapResponse: RunStep | undefined
  /** Flags of response fields that do not pass to the client. */
  readonly responseDropFlags: number
}
