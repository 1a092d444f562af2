/**
 * The limits in the settings of a stage, as its document has them.
 *
 * Members are settled one by one: those of the route, then the stage's default, then the account's figures.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html#apis-apiid-stages-stagename-model-routesettings
 */

import type { RouteSettings } from '@aws-sdk/client-apigatewayv2'
import type { HttpApiStage, Throttle } from '../../../domain/http-api.ts'
import type { Limits } from '../../../domain/limits.ts'
import { throttleOf } from '../../../domain/throttle.ts'
import type { StageRecord } from '../records.ts'

type Throttled = Pick<HttpApiStage, 'throttle'>

/** What every route of the stage has that has no limit of its own. */
export function defaultThrottle(
  { DefaultRouteSettings = {} }: StageRecord,
  limits: Limits,
): Throttled {
  return member(fromSettings(DefaultRouteSettings, limits))
}

/** What the route has instead, where its own settings name a limit. */
export function ownThrottle(stage: StageRecord, routeKey: string, limits: Limits): Throttled {
  const { DefaultRouteSettings = {}, RouteSettings = {} } = stage
  const own = limitMembers(RouteSettings[routeKey] ?? {})
  if (Object.keys(own).length === 0) return {}
  return member(fromSettings({ ...limitMembers(DefaultRouteSettings), ...own }, limits))
}

function fromSettings(settings: RouteSettings, limits: Limits): Throttle | undefined {
  return throttleOf(settings.ThrottlingRateLimit, settings.ThrottlingBurstLimit, limits)
}

function limitMembers({ ThrottlingRateLimit, ThrottlingBurstLimit }: RouteSettings): RouteSettings {
  return {
    ...(ThrottlingRateLimit === undefined ? {} : { ThrottlingRateLimit }),
    ...(ThrottlingBurstLimit === undefined ? {} : { ThrottlingBurstLimit }),
  }
}

function member(throttle: Throttle | undefined): Throttled {
  return throttle === undefined ? {} : { throttle }
}
