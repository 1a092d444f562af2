/**
 * The main thread's side of throttling: which memory is the bucket of which route, across deployments.
 *
 * A limit that stays keeps its bucket, and so its tokens. A limit that changes gets a new one, which takes over what is
 * left when the deployment goes live. Nothing is ever used twice: memory that no deployment refers to is garbage.
 */

import type { Clock } from '../../base/clock.ts'
import type { HttpApiStage, Route, Throttle } from '../../domain/http-api.ts'
import { allocateBuckets, type BucketPlace, TokenBucket } from './token-bucket.ts'

/** The buckets of one stage; cross to the workers by message. */
export interface StageBuckets {
  /** In the order of the stage's routes; undefined: the route has no limit. */
  readonly routes: readonly (BucketPlace | undefined)[]
  /** Undefined: the account has no limit. */
  readonly account: BucketPlace | undefined
}

interface Registered {
  readonly throttle: Throttle
  readonly place: BucketPlace
}

export class BucketRegister {
  readonly #clock: Clock
  readonly #hasAccountLimit: boolean
  /** By account and region; there are few, and they stay. */
  readonly #accounts = new Map<string, BucketPlace>()
  /** By stage and route: what is served, and what `share` has added since. */
  #live = new Map<string, Registered>()
  readonly #added = new Map<string, Registered>()

  /** `clock` is the one that workers take tokens by. */
  constructor(clock: Clock, account: Throttle | undefined) {
    this.#clock = clock
    this.#hasAccountLimit = account !== undefined
  }

  /** The buckets for a deployment of the stage, which may yet be given up. */
  share(stage: HttpApiStage): StageBuckets {
    const missing = stage.routes.filter((route) => this.#needsBucket(stage, route))
    const places = missing.length === 0 ? [] : allocateBuckets(missing.length)
    for (const [i, route] of missing.entries()) {
      const added = { throttle: limitOf(stage, route)!, place: places[i]! }
      this.#added.set(nameOf(stage, route), added)
    }
    return {
      routes: stage.routes.map((route) => this.#find(stage, route)?.place),
      account: this.#hasAccountLimit ? this.#accountOf(stage) : undefined,
    }
  }

  /** What was shared last for these stages is about to go live. Everything else is forgotten. */
  commit(stages: readonly HttpApiStage[]): void {
    const now = this.#clock.now()
    const live = new Map<string, Registered>()
    for (const stage of stages) {
      for (const route of stage.routes) {
        const found = this.#find(stage, route)
        if (found === undefined) continue
        const before = this.#live.get(nameOf(stage, route))
        if (before !== undefined && before !== found) takeOver(found, before, now)
        live.set(nameOf(stage, route), found)
      }
    }
    this.#live = live
    this.#added.clear()
  }

  #needsBucket(stage: HttpApiStage, route: Route): boolean {
    const limit = limitOf(stage, route)
    return limit !== undefined && !isSame(this.#live.get(nameOf(stage, route))?.throttle, limit)
  }

  #find(stage: HttpApiStage, route: Route): Registered | undefined {
    const limit = limitOf(stage, route)
    if (limit === undefined) return undefined
    const name = nameOf(stage, route)
    const live = this.#live.get(name)
    return isSame(live?.throttle, limit) ? live : this.#added.get(name)
  }

  #accountOf({ accountId, region }: HttpApiStage): BucketPlace {
    const name = `${accountId}/${region}`
    const place = this.#accounts.get(name) ?? allocateBuckets(1)[0]!
    this.#accounts.set(name, place)
    return place
  }
}

/** The route's own limit, else the stage's default for each route. */
function limitOf(stage: HttpApiStage, route: Route): Throttle | undefined {
  return route.throttle ?? stage.throttle
}

function nameOf({ apiId, stageName }: HttpApiStage, { routeKey }: Route): string {
  return `${apiId}/${stageName} ${routeKey}`
}

function isSame(a: Throttle | undefined, b: Throttle): boolean {
  return a !== undefined && a.ratePerSecond === b.ratePerSecond && a.burst === b.burst
}

function takeOver(bucket: Registered, before: Registered, nowMs: number): void {
  const left = new TokenBucket(before.place, before.throttle).tokens(nowMs)
  new TokenBucket(bucket.place, bucket.throttle).fill(left, nowMs)
}
