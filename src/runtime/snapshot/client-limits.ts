/**
 * The limits of a route's clients, compiled: who the client of a call is, and which limits are his.
 *
 * A client with a key of a usage plan has the limits of the plan; every other has those of `x-postern-limits`, of the
 * operation and of the API. Pure but for the numbers that it asks the tables for.
 */

import { createHash } from 'node:crypto'
import type { HttpApiStage, Route, StageUsagePlan } from '../../domain/http-api.ts'
import { CLIENT_NAME_MAX, NO_CLIENT, usageMeters } from '../../domain/usage.ts'
import { compileClientKey } from '../../expression/client-key.ts'
import {
  type ClientLayer,
  type ClientSource,
  compileLayer,
  UNMETERED,
} from '../../features/throttle/client-layers.ts'
import { type ClientTables, ClientThrottle } from '../../features/throttle/client-throttle.ts'
import type { Invocation } from '../../invocation/invocation.ts'
import type { ClientLimitCompiler } from './stage-throttle.ts'

/** The tables of this thread, and where a limit's usage is counted. */
export interface ClientParts extends ClientTables {
  /** Its number in the table of usage. */
  meterOf(meterId: string): number
}

const REMEMBERED_MAX = 10_000

export function clientLimitCompiler(parts: ClientParts): ClientLimitCompiler {
  return {
    stage: (stage) => {
      const sourceOf = clientSources(stage, parts)
      return (route, common) => {
        const source = sourceOf(route)
        if (source === undefined) return undefined
        const throttle = new ClientThrottle(source, common, parts)
        return (x) => throttle.run(x)
      }
    },
  }
}

/** From a route to the source of its clients' limits; undefined where they have none. Throws MappingError. */
function clientSources(
  stage: HttpApiStage,
  parts: ClientParts,
): (route: Route) => ClientSource | undefined {
  const { hash, meterOf } = parts
  const meters = usageMeters(stage)
  const apiLayer =
    stage.clientLimits &&
    compileLayer(
      {
        ...stage.clientLimits,
        scope: meters.api,
        meter: stage.clientLimits.metered ? meterOf(meters.api) : UNMETERED,
      },
      hash,
    )
  const ring = stage.usagePlans && new PlanKeys(stage, stage.usagePlans, parts)
  return (route) => {
    const own = route.clientLimits
    const scope = meters.operation(route.routeKey)
    const meter = own?.metered ? meterOf(scope) : UNMETERED
    const layers = [own && compileLayer({ ...own, scope, meter }, hash), apiLayer]
    const open = layers.filter((layer) => layer !== undefined)
    const expression = own?.client ?? stage.clientLimits?.client
    const readClient = expression === undefined ? undefined : namedKey(expression, stage)
    if (ring !== undefined || route.apiKeyRequired) {
      return new PlanSource(ring, route, { readClient, open })
    }
    return readClient === undefined ? undefined : new OpenSource(readClient, open)
  }
}

interface NamedKey {
  /** Undefined or '': the call has no such value. */
  readonly read: (x: Invocation) => string | undefined
  /** What usage and logs may show. */
  readonly nameOf: (value: string) => string
}

/** Throws MappingError. */
function namedKey(expression: string, { stageVariables }: HttpApiStage): NamedKey {
  const { read, isSecret } = compileClientKey(expression, stageVariables)
  const digest = digests()
  return {
    read,
    nameOf: isSecret
      ? digest
      : (value) => (value.length <= CLIENT_NAME_MAX ? value : digest(value)),
  }
}

/** Remembers what it has made: a digest takes as long as all the rest of the step. */
function digests(): (value: string) => string {
  const known = new Map<string, string>()
  return (value) => {
    const before = known.get(value)
    if (before !== undefined) return before
    if (known.size >= REMEMBERED_MAX) known.clear()
    const name = `sha256:${sha256(value).slice(0, 32)}`
    known.set(value, name)
    return name
  }
}

class OpenSource implements ClientSource {
  readonly #key: NamedKey
  readonly #layers: readonly ClientLayer[]

  constructor(key: NamedKey, layers: readonly ClientLayer[]) {
    this.#key = key
    this.#layers = layers
  }

  layersOf(x: Invocation): readonly ClientLayer[] {
    const value = this.#key.read(x)
    x.client = value === undefined || value === '' ? NO_CLIENT : this.#key.nameOf(value)
    return this.#layers
  }
}

/** What holds for clients without a key of a plan. */
interface OpenLimits {
  readonly readClient: NamedKey | undefined
  readonly open: readonly ClientLayer[]
}

class PlanSource implements ClientSource {
  readonly #keys: PlanKeys | undefined
  readonly #limits: OpenLimits
  readonly #isRequired: boolean
  /** By plan. */
  readonly #layers: ReadonlyMap<string, readonly ClientLayer[]>

  constructor(keys: PlanKeys | undefined, route: Route, limits: OpenLimits) {
    this.#keys = keys
    this.#limits = limits
    this.#isRequired = route.apiKeyRequired === true
    this.#layers = keys?.layersFor(route.routeKey) ?? new Map()
  }

  layersOf(x: Invocation): readonly ClientLayer[] | undefined {
    const { readClient, open } = this.#limits
    const value = readClient === undefined ? x.requestHeader('x-api-key') : readClient.read(x)
    const holder = value === undefined || value === '' ? undefined : this.#keys?.holderOf(value)
    if (holder !== undefined) {
      x.client = holder.keyId
      return this.#layers.get(holder.planId)
    }
    if (this.#isRequired) return undefined
    const isNamed = readClient !== undefined && value !== undefined && value !== ''
    x.client = isNamed ? readClient.nameOf(value) : NO_CLIENT
    return open
  }
}

interface KeyHolder {
  readonly keyId: string
  readonly planId: string
}

/** The keys of a stage's plans. A value is compared as its digest, so that time tells nothing about it. */
class PlanKeys {
  readonly #plans: readonly StageUsagePlan[]
  readonly #layers: ReadonlyMap<string, ClientLayer>
  readonly #parts: ClientParts
  readonly #scopes: ReturnType<typeof usageMeters>
  readonly #byDigest = new Map<string, KeyHolder>()
  /** By value, of keys that were presented: a map is ten times as fast as a digest. */
  readonly #seen = new Map<string, KeyHolder>()

  constructor(stage: HttpApiStage, plans: readonly StageUsagePlan[], parts: ClientParts) {
    this.#plans = plans
    this.#parts = parts
    this.#scopes = usageMeters(stage)
    this.#layers = new Map(plans.map((plan) => [plan.planId, this.#layerOf(plan)]))
    for (const { planId, keys } of plans) {
      for (const [digest, keyId] of Object.entries(keys)) {
        this.#byDigest.set(digest, { keyId, planId })
      }
    }
  }

  holderOf(value: string): KeyHolder | undefined {
    const seen = this.#seen.get(value)
    if (seen !== undefined) return seen
    const holder = this.#byDigest.get(sha256(value))
    if (holder !== undefined && this.#seen.size < REMEMBERED_MAX) this.#seen.set(value, holder)
    return holder
  }

  layersFor(routeKey: string): ReadonlyMap<string, readonly ClientLayer[]> {
    return new Map(
      this.#plans.map((plan) => {
        const layer = this.#layers.get(plan.planId)!
        const throttle = Object.hasOwn(plan.routes, routeKey) ? plan.routes[routeKey] : undefined
        if (throttle === undefined) return [plan.planId, [layer]]
        const scope = `${this.#scopes.plan(plan.planId)} ${this.#scopes.operation(routeKey)}`
        const own = compileLayer({ throttle, scope, meter: UNMETERED }, this.#parts.hash)
        return [plan.planId, [own, layer]]
      }),
    )
  }

  #layerOf(plan: StageUsagePlan): ClientLayer {
    const scope = this.#scopes.plan(plan.planId)
    const { throttle, quota } = plan
    const limits = {
      ...(throttle === undefined ? {} : { throttle }),
      ...(quota === undefined ? {} : { quota }),
    }
    return compileLayer({ ...limits, scope, meter: this.#parts.meterOf(scope) }, this.#parts.hash)
  }
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}
