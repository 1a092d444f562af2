/**
 * The limits of clients, compiled: what a call takes from besides the buckets of its route, its stage and its account.
 *
 * A layer is one limit (of an operation, of an API, of a usage plan). Its clients have a bucket and an entry of usage
 * each, found by the hash of the client's name with the hash of the layer's scope over it.
 */

import type { KeyedHash } from '../../base/keyed-hash.ts'
import type { ClientAllowance, Quota } from '../../domain/http-api.ts'
import { DAY_MS, dayOf, periodEnd, periodStart } from '../../domain/quota-period.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import { type Allowance, allowanceOf } from './client-buckets.ts'

/** Usage is not kept. */
export const UNMETERED = -1

/** What one client of a layer may. */
export interface ClientTerms {
  /** Undefined: no bucket. */
  readonly allowance: Allowance | undefined
  readonly quota: QuotaTerms | undefined
  /** For operators. */
  readonly detail: string
}

export interface ClientLayer extends ClientTerms {
  readonly scopeLo: number
  readonly scopeHi: number
  /** Its number in the table of usage, or UNMETERED. */
  readonly meter: number
  /** Clients with terms of their own, by name; undefined: there are none. */
  readonly own: ReadonlyMap<string, ClientTerms> | undefined
}

/** Who calls, and what that client's limits are. */
export interface ClientSource {
  /** Sets `x.client`. Undefined: who calls must not. */
  layersOf(x: Invocation): readonly ClientLayer[] | undefined
}

/** A quota, with the period of today remembered. */
export class QuotaTerms {
  readonly limit: number
  readonly #quota: Quota
  #day = -1
  #start = 0

  constructor(quota: Quota) {
    this.limit = quota.limit
    this.#quota = quota
  }

  /** First day of the period that this moment is in. */
  periodAt(epochMs: number): number {
    const day = dayOf(epochMs)
    if (day !== this.#day) {
      this.#start = periodStart(this.#quota, day)
      this.#day = day
    }
    return this.#start
  }

  /** Until the next period begins. */
  secondsLeft(epochMs: number): number {
    const end = periodEnd(this.#quota, this.periodAt(epochMs))
    return (end * DAY_MS - epochMs) / 1_000
  }
}

export interface LayerPlan extends ClientAllowance {
  /** Clients of different scopes have nothing in common. */
  readonly scope: string
  readonly meter: number
  readonly clients?: Readonly<Record<string, ClientAllowance>>
}

export function compileLayer(plan: LayerPlan, hash: KeyedHash): ClientLayer {
  hash.update(plan.scope)
  const { lo: scopeLo, hi: scopeHi } = hash
  const own = Object.entries(plan.clients ?? {}).map(
    ([name, allowance]) => [name, termsOf(allowance, scopeLo)] as const,
  )
  return {
    ...termsOf(plan, scopeLo),
    scopeLo,
    scopeHi,
    meter: plan.meter,
    own: own.length === 0 ? undefined : new Map(own),
  }
}

export function termsFor(layer: ClientLayer, client: string): ClientTerms {
  return layer.own?.get(client) ?? layer
}

function termsOf({ throttle, quota }: ClientAllowance, shared: number): ClientTerms {
  const rate =
    throttle === undefined ? '' : `${throttle.ratePerSecond} a second, burst ${throttle.burst}`
  const calls = quota === undefined ? '' : `${quota.limit} calls a ${quota.period.toLowerCase()}`
  return {
    allowance: throttle === undefined ? undefined : allowanceOf(throttle, shared),
    quota: quota === undefined ? undefined : new QuotaTerms(quota),
    detail: [rate, calls].filter((part) => part !== '').join('; '),
  }
}
