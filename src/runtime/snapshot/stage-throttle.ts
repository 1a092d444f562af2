/** Which limits the requests of each route of a stage pass. Pure. */

import { assert } from '../../base/assert.ts'
import type { HttpApiStage, Route, Throttle } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { accountThrottle } from '../../domain/throttle.ts'
import { hasClientLimits } from '../../domain/usage.ts'
import type { StageBuckets } from '../../features/throttle/bucket-register.ts'
import {
  type CommonGates,
  compileCommonGates,
  compileThrottle,
  type ThrottleLimit,
} from '../../features/throttle/throttle.ts'
import type { BucketPlace } from '../../features/throttle/token-bucket.ts'
import type { RunStep } from '../../invocation/plan.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'

/** Loaded with the first stage whose clients have limits; see `client-limits.ts`. */
export interface ClientLimitCompiler {
  /** From a route of the stage to its step; undefined where its clients have no limits. The step throws MappingError. */
  stage(stage: HttpApiStage): (route: Route, common: CommonGates | undefined) => RunStep | undefined
}

export interface ThrottleDeps {
  /** Those of this stage; undefined: there are none. */
  readonly buckets: StageBuckets | undefined
  /** Undefined: no client of any stage has a limit. */
  readonly clients: ClientLimitCompiler | undefined
  readonly limits: Limits
}

/** From a route and its place in the stage to its step. Throws MappingError. */
export function compileStageThrottle(
  stage: HttpApiStage,
  { buckets, clients, limits }: ThrottleDeps,
): (route: Route, routeIndex: number) => RunStep | undefined {
  const account = limitOf('ACCOUNT_THROTTLED', accountThrottle(limits), buckets?.account)
  assert(clients !== undefined || !hasClientLimits(stage), 'limits of clients have their tables')
  const clientStep = clients?.stage(stage)
  return (route, routeIndex) => {
    const reason = route.throttle === undefined ? 'STAGE_THROTTLED' : 'ROUTE_THROTTLED'
    const throttle = route.throttle ?? stage.throttle
    const limit = limitOf(reason, throttle, buckets?.routes[routeIndex])
    const common = compileCommonGates({ route: limit, account })
    return clientStep?.(route, common) ?? compileThrottle(common)
  }
}

function limitOf(
  reason: ReasonCode,
  throttle: Throttle | undefined,
  place: BucketPlace | undefined,
): ThrottleLimit | undefined {
  if (throttle === undefined) return undefined
  assert(place !== undefined, 'a limit has a bucket')
  return { reason, throttle, place }
}
