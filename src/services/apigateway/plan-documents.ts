/**
 * Usage plans as stages serve them, and which stages a change of plans and keys concerns.
 *
 * Workers get digests of the values of keys, and only of keys that are enabled.
 */

import { createHash } from 'node:crypto'
import type { ThrottleSettings } from '@aws-sdk/client-api-gateway'
import type { Quota, StageUsagePlan, Throttle } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import { throttleOf } from '../../domain/throttle.ts'
import type { Change, Records, Scope, Transaction } from '../../storage/store.ts'
import { type ApiKeyRecord, allPlans, keysOfPlan, type UsagePlanRecord } from './records.ts'

/** Plans that the stage is in. */
export async function stagePlans(
  records: Records,
  { apiId, stageName, limits }: { apiId: string; stageName: string; limits: Limits },
): Promise<readonly StageUsagePlan[]> {
  const plans: StageUsagePlan[] = []
  for (const plan of await allPlans(records)) {
    const place = plan.apiStages?.find((each) => each.apiId === apiId && each.stage === stageName)
    if (place === undefined) continue
    const throttle = throttleFrom(plan.throttle, limits)
    const quota = quotaOf(plan)
    const routes = Object.entries(place.throttle ?? {}).map(
      ([method, settings]) => [routeKeyOf(method), throttleFrom(settings, limits)!] as const,
    )
    plans.push({
      planId: plan.id,
      ...(throttle === undefined ? {} : { throttle }),
      ...(quota === undefined ? {} : { quota }),
      routes: Object.fromEntries(routes),
      keys: await keyDigests(records, plan.id),
    })
  }
  return plans
}

export function quotaOf({ quota }: UsagePlanRecord): Quota | undefined {
  if (quota?.period === undefined) return undefined
  return { limit: quota.limit ?? 0, period: quota.period, offset: quota.offset ?? 0 }
}

function throttleFrom(
  settings: ThrottleSettings | undefined,
  limits: Limits,
): Throttle | undefined {
  return settings && throttleOf(settings.rateLimit, settings.burstLimit, limits)
}

/** `/pets/GET` → `GET /pets`, `//GET` → `GET /` */
function routeKeyOf(method: string): string {
  const slash = method.lastIndexOf('/')
  return `${method.slice(slash + 1)} ${method.slice(0, slash) || '/'}`
}

async function keyDigests(records: Records, planId: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const id of await keysOfPlan(records, planId)) {
    const key = await records.get<ApiKeyRecord>({ kind: 'api-key', parent: '', id })
    if (key?.body.enabled === true) digests[digestOf(key.body.value)] = id
  }
  return digests
}

export interface PlannedStage {
  readonly scope: Scope
  readonly apiId: string
  readonly stageName: string
}

/** Stages whose plans or keys the transaction has changed. */
export async function stagesOfChangedPlans(transaction: Transaction): Promise<PlannedStage[]> {
  const stages = new Map<string, PlannedStage>()
  for (const change of transaction.changes()) {
    for (const plan of await plansOf(change, transaction)) {
      for (const { apiId = '', stage = '' } of plan.apiStages ?? []) {
        const { scope } = change
        const key = JSON.stringify([scope.accountId, scope.region, apiId, stage])
        stages.set(key, { scope, apiId, stageName: stage })
      }
    }
  }
  return [...stages.values()]
}

async function plansOf(
  { scope, key, before, after }: Change,
  transaction: Transaction,
): Promise<readonly UsagePlanRecord[]> {
  const records = transaction.in(scope)
  switch (key.kind) {
    case 'usage-plan':
      return [before, after].filter((plan) => plan !== undefined) as UsagePlanRecord[]
    case 'usage-plan-key': {
      const place = { kind: 'usage-plan', parent: '', id: key.parent }
      const plan = await records.get<UsagePlanRecord>(place)
      return plan === undefined ? [] : [plan.body]
    }
    case 'api-key': {
      // A key that is new is in no plan, and one that is gone has left its plans in records of their own.
      const plans: UsagePlanRecord[] = []
      for (const plan of after === undefined || before === undefined
        ? []
        : await allPlans(records)) {
        if ((await keysOfPlan(records, plan.id)).includes(key.id)) plans.push(plan)
      }
      return plans
    }
    default:
      return []
  }
}

/** What workers know of the value of a key. */
function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}
