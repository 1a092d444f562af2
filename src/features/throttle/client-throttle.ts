// hot path — see STYLE §8
/**
 * The step of a route whose clients have limits: their buckets first, then those of the route and the account, then the
 * quotas; in this order, so that a call that is throttled uses no quota. What refuses gives back whatever was taken before.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */

import type { KeyedHash } from '../../base/keyed-hash.ts'
import { refuse } from '../../invocation/gateway-response.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { NEXT, type Outcome, RESPOND } from '../../invocation/outcome.ts'
import { clientBecause } from './client-because.ts'
import { type ClientBuckets, secondsOf } from './client-buckets.ts'
import { type ClientLayer, type ClientSource, termsFor, UNMETERED } from './client-layers.ts'
import type { CommonGates } from './throttle.ts'

/** What each client has used; see `features/quota`. */
export interface UsageBook {
  entry(lo: number, hi: number, meter: number, name: string): number
  takeQuota(entry: number, period: number, limit: number): boolean
  giveQuotaBack(entry: number): void
  countAllowed(entry: number): void
  countThrottled(entry: number): void
  countOverQuota(entry: number): void
}

/** Tables of this thread. */
export interface ClientTables {
  readonly hash: KeyedHash
  readonly buckets: ClientBuckets
  readonly usage: UsageBook
}

export class ClientThrottle {
  readonly #source: ClientSource
  readonly #common: CommonGates | undefined
  readonly #tables: ClientTables
  /** Hash of the client of the call; a step runs to its end before another begins. */
  #lo = 0
  #hi = 0

  constructor(source: ClientSource, common: CommonGates | undefined, tables: ClientTables) {
    this.#source = source
    this.#common = common
    this.#tables = tables
  }

  run(x: Invocation): Outcome {
    const layers = this.#source.layersOf(x)
    if (layers === undefined) return refuse(x, 'API_KEY_INVALID')
    const { hash } = this.#tables
    hash.update(x.client)
    this.#lo = hash.lo
    this.#hi = hash.hi
    const passed = this.#takeTokens(x, layers)
    if (passed < layers.length) {
      this.#giveTokensBack(x, layers, passed)
      return this.#throttled(x, layers, layers[passed]!)
    }
    if (this.#common !== undefined && this.#common.take(x) !== NEXT) {
      this.#giveTokensBack(x, layers, passed)
      return this.#countThrottled(x, layers)
    }
    const within = this.#takeQuotas(x, layers)
    if (within === layers.length) return this.#countAllowed(x, layers)
    this.#giveQuotasBack(x, layers, within)
    this.#common?.giveBack()
    this.#giveTokensBack(x, layers, layers.length)
    return this.#overQuota(x, layers, layers[within]!)
  }

  /** How many layers let the call pass, from the first on. */
  #takeTokens(x: Invocation, layers: readonly ClientLayer[]): number {
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i]!
      const { allowance } = termsFor(layer, x.client)
      if (allowance === undefined) continue
      const [lo, hi] = [this.#lo ^ layer.scopeLo, this.#hi ^ layer.scopeHi]
      if (!this.#tables.buckets.take(lo, hi, allowance, x.startedMs)) return i
    }
    return layers.length
  }

  #giveTokensBack(x: Invocation, layers: readonly ClientLayer[], count: number): void {
    for (let i = 0; i < count; i++) {
      const layer = layers[i]!
      const { allowance } = termsFor(layer, x.client)
      if (allowance === undefined) continue
      const [lo, hi] = [this.#lo ^ layer.scopeLo, this.#hi ^ layer.scopeHi]
      this.#tables.buckets.giveBack(lo, hi, allowance)
    }
  }

  #takeQuotas(x: Invocation, layers: readonly ClientLayer[]): number {
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i]!
      const { quota } = termsFor(layer, x.client)
      if (quota === undefined) continue
      const period = quota.periodAt(x.stageContext.services.clock.epochMs())
      if (!this.#tables.usage.takeQuota(this.#entry(x, layer), period, quota.limit)) return i
    }
    return layers.length
  }

  #giveQuotasBack(x: Invocation, layers: readonly ClientLayer[], count: number): void {
    for (let i = 0; i < count; i++) {
      const layer = layers[i]!
      if (termsFor(layer, x.client).quota === undefined) continue
      this.#tables.usage.giveQuotaBack(this.#entry(x, layer))
    }
  }

  #countAllowed(x: Invocation, layers: readonly ClientLayer[]): typeof NEXT {
    for (const layer of layers) {
      if (layer.meter !== UNMETERED) this.#tables.usage.countAllowed(this.#entry(x, layer))
    }
    return NEXT
  }

  #countThrottled(x: Invocation, layers: readonly ClientLayer[]): typeof RESPOND {
    for (const layer of layers) {
      if (layer.meter !== UNMETERED) this.#tables.usage.countThrottled(this.#entry(x, layer))
    }
    return RESPOND
  }

  #throttled(x: Invocation, layers: readonly ClientLayer[], refusing: ClientLayer): typeof RESPOND {
    x.stageContext.metrics?.countThrottled(x.plan.routeIndex)
    this.#countThrottled(x, layers)
    const { allowance } = termsFor(refusing, x.client)
    if (allowance!.capacity > 0) retryAfter(x, secondsOf(allowance!))
    return refuse(x, 'CLIENT_THROTTLED', detailOf(x, refusing), clientBecause)
  }

  #overQuota(x: Invocation, layers: readonly ClientLayer[], refusing: ClientLayer): typeof RESPOND {
    for (const layer of layers) {
      if (layer.meter !== UNMETERED) this.#tables.usage.countOverQuota(this.#entry(x, layer))
    }
    const { quota } = termsFor(refusing, x.client)
    retryAfter(x, quota!.secondsLeft(x.stageContext.services.clock.epochMs()))
    return refuse(x, 'QUOTA_EXCEEDED', detailOf(x, refusing), clientBecause)
  }

  #entry(x: Invocation, { scopeLo, scopeHi, meter }: ClientLayer): number {
    return this.#tables.usage.entry(this.#lo ^ scopeLo, this.#hi ^ scopeHi, meter, x.client)
  }
}

/** AWS has no such field in these answers, and clients that do not know it lose nothing. */
function retryAfter(x: Invocation, seconds: number): void {
  x.replyHeaders += `retry-after: ${Math.max(1, Math.ceil(seconds))}\r\n`
}

function detailOf(x: Invocation, layer: ClientLayer): string {
  return `client ${x.client}: ${termsFor(layer, x.client).detail}`
}
