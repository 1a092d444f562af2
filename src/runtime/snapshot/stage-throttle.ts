/** Which token buckets the requests of each route of a stage take from. Pure. */

import { assert } from '../../base/assert.ts'
import type { HttpApiStage, Route, Throttle } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { accountThrottle } from '../../domain/throttle.ts'
import type { StageBuckets } from '../../features/throttle/bucket-register.ts'
import { compileThrottle, type ThrottleLimit } from '../../features/throttle/throttle.ts'
import type { BucketPlace } from '../../features/throttle/token-bucket.ts'
import type { RunStep } from '../../invocation/plan.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'

/** From a route and its place in the stage to its step. `buckets` are those of this stage; undefined: there are none. */
export function compileStageThrottle(
  stage: HttpApiStage,
  buckets: StageBuckets | undefined,
  limits: Limits,
): (route: Route, routeIndex: number) => RunStep | undefined {
  const account = limitOf('ACCOUNT_THROTTLED', accountThrottle(limits), buckets?.account)
  return (route, routeIndex) => {
    const reason = route.throttle === undefined ? 'STAGE_THROTTLED' : 'ROUTE_THROTTLED'
    const throttle = route.throttle ?? stage.throttle
    return compileThrottle(limitOf(reason, throttle, buckets?.routes[routeIndex]), account)
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
