/**
 * Which token bucket follows from what somebody has written: members of RouteSettings, limits of the account.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */

import type { Throttle } from './http-api.ts'
import { LIMITS, type Limits } from './limits.ts'

/** What all APIs of an account in a region share. Undefined: no limit. */
export function accountThrottle(limits: Limits): Throttle | undefined {
  const { accountRatePerSecond: rate, accountBurst: burst } = limits
  return isOff(rate) && isOff(burst) ? undefined : accountFigures(limits)
}

/** Undefined where neither is given; where one is, the other is that of the account, or AWS's for accounts. */
export function throttleOf(
  ratePerSecond: number | undefined,
  burst: number | undefined,
  limits: Limits,
): Throttle | undefined {
  if (ratePerSecond === undefined && burst === undefined) return undefined
  const account = accountFigures(limits)
  return {
    ratePerSecond: ratePerSecond ?? account.ratePerSecond,
    burst: burst ?? account.burst,
  }
}

/** A bucket with one figure and without the other would hold nobody back. */
function accountFigures({ accountRatePerSecond: rate, accountBurst: burst }: Limits): Throttle {
  return {
    ratePerSecond: isOff(rate) ? LIMITS.accountRatePerSecond.aws : rate,
    burst: isOff(burst) ? LIMITS.accountBurst.aws : burst,
  }
}

function isOff(limit: number): boolean {
  return limit === Number.MAX_SAFE_INTEGER
}
