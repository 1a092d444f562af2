/**
 * Where the usage of clients is counted: a meter for each limit that counts, named after what has the limit.
 *
 * A usage plan is counted over all its stages, a limit of `x-postern-limits` for its stage, or for its route there.
 */

import type { ClientAllowance, ClientLimits, HttpApiStage } from './http-api.ts'

/** The client of all calls that have no value to tell. */
export const NO_CLIENT = '-'

/** Characters of a client's name; a longer one is known by its digest. */
export const CLIENT_NAME_MAX = 118

export interface Meter {
  /** Unique over all accounts and regions. */
  readonly id: string
  readonly accountId: string
  readonly region: string
  /** `plan/abc123`, `a1b2c3d4e5/$default`, `a1b2c3d4e5/$default GET /pets`: unique in its account and region. */
  readonly name: string
  /** Days that the longest period of its quotas can have; 0: it has none. */
  readonly quotaDays: number
}

type Place = Pick<HttpApiStage, 'accountId' | 'region' | 'apiId' | 'stageName'>

/** Ids of the meters that calls of a stage are counted by. */
export function usageMeters({ accountId, region, apiId, stageName }: Place): {
  readonly api: string
  operation(routeKey: string): string
  plan(planId: string): string
} {
  const scope = `${accountId} ${region} `
  const api = `${scope}${apiId}/${stageName}`
  return {
    api,
    operation: (routeKey) => `${api} ${routeKey}`,
    plan: (planId) => scope + planMeter(planId),
  }
}

/** Name of the meter of a usage plan. */
export function planMeter(planId: string): string {
  return `plan/${planId}`
}

/** Every meter of a stage. */
export function metersOf(stage: HttpApiStage): Meter[] {
  const ids = usageMeters(stage)
  const { accountId, region } = stage
  const scope = `${accountId} ${region} `
  const { clientLimits, usagePlans = [], routes } = stage
  const all: (readonly [id: string, limits: ClientAllowance])[] = []
  if (clientLimits?.metered) all.push([ids.api, clientLimits])
  for (const { routeKey, clientLimits: own } of routes) {
    if (own?.metered) all.push([ids.operation(routeKey), own])
  }
  for (const plan of usagePlans) all.push([ids.plan(plan.planId), plan])
  return all.map(([id, limits]) => {
    const name = id.slice(scope.length)
    return { id, accountId, region, name, quotaDays: quotaDaysOf(limits) }
  })
}

const DAYS = { DAY: 1, WEEK: 7, MONTH: 31 } as const

function quotaDaysOf(limits: ClientAllowance & Partial<Pick<ClientLimits, 'clients'>>): number {
  const all = [limits, ...Object.values(limits.clients ?? {})]
  return Math.max(0, ...all.map(({ quota }) => (quota === undefined ? 0 : DAYS[quota.period])))
}

/** Whether any client of the stage has a limit, or needs a key. */
export function hasClientLimits({ clientLimits, usagePlans, routes }: HttpApiStage): boolean {
  return (
    clientLimits !== undefined ||
    usagePlans !== undefined ||
    routes.some((route) => route.clientLimits !== undefined || route.apiKeyRequired)
  )
}
