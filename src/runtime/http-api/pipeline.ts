// hot path — see STYLE §8
/**
 * The life of one HTTP API call, from the matched route to the log line. Read it top to bottom.
 *
 * A step says NEXT, PENDING (it waits and will call `x.resume()`) or RESPOND (the answer is decided). Whatever is
 * refused or answered early continues at RESPOND; nothing skips OBSERVE. `docs/life-of-a-request.md` draws the same.
 */

import type { Invocation } from '../../invocation/invocation.ts'
import { NEXT, type Outcome, PENDING } from '../../invocation/outcome.ts'
import type { Step } from '../../observability/explain/steps.ts'
import { shed } from '../overload/shed.ts'
import { admit } from './admit.ts'
import { observe } from './observe.ts'
import { respond } from './respond.ts'

const CORS = 0
const OVERLOAD = 1
const AUTHORIZE = 2
const THROTTLE = 3
const ADMIT = 4
const MAP_REQUEST = 5
const INTEGRATE = 6
const MAP_RESPONSE = 7
const RESPONSE = 8
const OBSERVE = 9
const END = 10

/** By the constants above: how everybody else calls the steps. */
export const PIPELINE_STEPS: readonly Step[] = [
  'cors',
  'overload',
  'authorize',
  'throttle',
  'admit',
  'map-request',
  'integrate',
  'map-response',
  'respond',
  'respond',
]

export function runHttpApi(x: Invocation): void {
  const { plan } = x
  // A step that waited may have come back with a refusal.
  if (x.reason !== undefined && x.step < RESPONSE) {
    if (x.step === AUTHORIZE && x.authorizerStartedMs >= 0) timeAuthorizer(x)
    x.step = RESPONSE
  }
  for (;;) {
    let outcome: Outcome = NEXT
    switch (x.step) {
      case CORS:
        x.step = OVERLOAD
        if (plan.cors !== undefined) outcome = plan.cors(x)
        break
      case OVERLOAD:
        x.step = AUTHORIZE
        outcome = shed(x)
        break
      case AUTHORIZE:
        x.step = THROTTLE
        if (plan.authorize !== undefined) {
          outcome = plan.authorize(x)
          if (outcome === PENDING || x.authorizerStartedMs >= 0) timeAuthorizer(x)
        }
        break
      case THROTTLE:
        x.step = ADMIT
        if (plan.throttle !== undefined) outcome = plan.throttle(x)
        break
      case ADMIT:
        x.step = MAP_REQUEST
        outcome = admit(x)
        break
      case MAP_REQUEST:
        x.step = INTEGRATE
        if (plan.mapRequest !== undefined) outcome = plan.mapRequest(x)
        break
      case INTEGRATE:
        x.step = MAP_RESPONSE
        outcome = plan.integrate(x)
        break
      case MAP_RESPONSE:
        x.step = RESPONSE
        if (plan.mapResponse !== undefined) outcome = plan.mapResponse(x)
        break
      case RESPONSE:
        x.step = OBSERVE
        outcome = respond(x)
        break
      case OBSERVE:
        x.step = END
        observe(x)
        break
      default:
        return
    }
    if (outcome === NEXT) continue
    if (outcome === PENDING) return
    x.step = RESPONSE
  }
}

/** Only a call that waited for its authorizer is timed: one whose token is known spends no time worth a look at the clock. */
function timeAuthorizer(x: Invocation): void {
  const now = x.stageContext.services.clock.now()
  if (x.authorizerStartedMs < 0) x.authorizerStartedMs = now
  else x.authorizerLatencyMs = now - x.authorizerStartedMs
}
