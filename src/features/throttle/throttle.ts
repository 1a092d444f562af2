// hot path — see STYLE §8
/**
 * Throttling of an HTTP API: 429 for a request that finds a token bucket empty
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html).
 *
 * A step of the pipeline before the request's body is read. First the buckets of the client, where clients have limits
 * (`client-throttle.ts`), then the bucket of the route, with the route's own limit or
 * the stage's default; then the bucket of the account. What the account refuses gives the route's token back.
 */

import type { Throttle } from '../../domain/http-api.ts'
import type { Because } from '../../invocation/because.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { NEXT, type Outcome, type RESPOND } from '../../invocation/outcome.ts'
import type { RunStep } from '../../invocation/plan.ts'
import type { ReasonCode } from '../../observability/explain/reasons.ts'
import { throttledBecause } from './throttled-because.ts'
import { type BucketPlace, TokenBucket } from './token-bucket.ts'

/** One bucket that a route's requests take from. */
export interface ThrottleLimit {
  readonly throttle: Throttle
  readonly place: BucketPlace
  /** What a refusal is called. */
  readonly reason: ReasonCode
}

/** The buckets that a route's requests take from, whoever calls. */
export interface CommonLimits {
  /** Of the route: its own limit, or the stage's default. */
  readonly route: ThrottleLimit | undefined
  readonly account: ThrottleLimit | undefined
}

/** Those buckets as one: NEXT, or a refusal. */
export interface CommonGates {
  take(x: Invocation): Outcome
  /** Undoes one `take` that said NEXT. */
  giveBack(): void
}

/** Undefined where nothing limits the route. */
export function compileCommonGates({ route, account }: CommonLimits): CommonGates | undefined {
  const [first, second] = [route, account].filter((limit) => limit !== undefined).map(gateOf)
  return first === undefined ? undefined : new Gates(first, second)
}

/** The step of a route whose clients have no limits; undefined where nothing limits it. */
export function compileThrottle(gates: CommonGates | undefined): RunStep | undefined {
  return gates === undefined ? undefined : (x) => gates.take(x)
}

/** One or two of them. */
class Gates implements CommonGates {
  readonly #first: Gate
  readonly #second: Gate | undefined

  constructor(first: Gate, second: Gate | undefined) {
    this.#first = first
    this.#second = second
  }

  take(x: Invocation): Outcome {
    const [first, second] = [this.#first, this.#second]
    if (!passes(x, first.bucket)) return refuseThrottled(x, first)
    if (second === undefined || passes(x, second.bucket)) return NEXT
    first.bucket.giveBack()
    return refuseThrottled(x, second)
  }

  giveBack(): void {
    this.#first.bucket.giveBack()
    this.#second?.bucket.giveBack()
  }
}

interface Gate {
  readonly bucket: TokenBucket
  readonly reason: ReasonCode
  /** For operators, never for clients. */
  readonly detail: string
  readonly because: Because
}

function gateOf({ throttle, place, reason }: ThrottleLimit): Gate {
  const detail = `${throttle.ratePerSecond} a second, burst ${throttle.burst}`
  const bucket = new TokenBucket(place, throttle)
  return { bucket, reason, detail, because: throttledBecause({ reason, throttle, bucket }) }
}

/** The time is that of the request's head, which is known already; only who would be refused looks at the clock. */
function passes(x: Invocation, bucket: TokenBucket): boolean {
  return bucket.take(x.startedMs) || bucket.take(x.stageContext.services.clock.now())
}

function refuseThrottled(x: Invocation, { reason, detail, because }: Gate): typeof RESPOND {
  x.stageContext.metrics?.countThrottled(x.plan.routeIndex)
  return refuse(x, reason, detail, because)
}
