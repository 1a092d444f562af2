/**
 * What a usage plan may say, and what its patches may change.
 * https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateUsagePlan-Patch
 */

import type { ApiStage, QuotaSettings, ThrottleSettings } from '@aws-sdk/client-api-gateway'
import type { Limits } from '../../domain/limits.ts'
import { OFFSET_MAX } from '../../domain/quota-period.ts'
import { invalid, numberIn, type PatchRule } from './patch.ts'
import type { UsagePlanRecord } from './records.ts'

/** As on AWS. */
const METHODS_MAX = 20
const RATE_MAX = 10_000_000
const QUOTA_MAX = 2 ** 39
const METHOD = /^\/(?:.*\/)?(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY)$/

export function checkPlan(plan: UsagePlanRecord, limits: Limits): void {
  if (plan.name === undefined || plan.name.trim() === '') {
    throw invalid('Usage Plan name cannot be blank')
  }
  checkThrottle(plan.throttle)
  checkQuota(plan.quota)
  const stages = plan.apiStages ?? []
  const names = new Set(stages.map(({ apiId, stage }) => `${apiId}:${stage}`))
  if (names.size < stages.length) throw invalid('An API stage is in the usage plan twice')
  if (stages.length > limits.stagesPerUsagePlan) {
    throw invalid(
      `A usage plan can have at most ${limits.stagesPerUsagePlan} API stages (--limit stagesPerUsagePlan)`,
    )
  }
  for (const { throttle = {} } of stages) {
    const methods = Object.entries(throttle)
    if (methods.length > METHODS_MAX) {
      throw invalid(`A stage of a usage plan can have limits for at most ${METHODS_MAX} methods`)
    }
    for (const [method, settings] of methods) {
      if (!METHOD.test(method)) throw invalid(`Invalid method specified: ${method}`)
      checkThrottle(settings)
    }
  }
}

function checkThrottle(throttle: ThrottleSettings | undefined): void {
  if (throttle === undefined) return
  const { rateLimit = 0, burstLimit = 0 } = throttle
  if (!(rateLimit >= 0 && rateLimit <= RATE_MAX)) {
    throw invalid('Usage Plan throttle rate limit must not be under 0')
  }
  if (!(burstLimit >= 0 && burstLimit <= RATE_MAX) || !Number.isInteger(burstLimit)) {
    throw invalid('Usage Plan throttle burst limit must not be under 0')
  }
}

function checkQuota(quota: QuotaSettings | undefined): void {
  if (quota === undefined) return
  const { limit = 0, offset = 0, period } = quota
  if (period === undefined) throw invalid('Usage Plan quota period is not specified')
  if (!Number.isInteger(limit) || limit < 1 || limit > QUOTA_MAX) {
    throw invalid('Usage Plan quota limits must be positive')
  }
  const most = OFFSET_MAX[period]
  if (!Number.isInteger(offset) || offset < 0 || offset > most) {
    throw invalid(
      period === 'DAY'
        ? 'Usage Plan quota offset must be zero in the DAY period'
        : `Usage Plan quota offset must be between zero and ${most === 6 ? 'six' : most} inclusive in the ${period} period`,
    )
  }
}

type Plan = UsagePlanRecord

export const PLAN_RULES: readonly PatchRule<Plan>[] = [
  { path: '/name', replace: (plan, name) => ({ ...plan, name }) },
  { path: '/description', replace: (plan, description) => ({ ...plan, description }) },
  { path: '/productCode', replace: (plan, productCode) => ({ ...plan, productCode }) },
  { path: '/quota', remove: ({ quota: _, ...plan }) => plan },
  {
    path: '/quota/limit',
    replace: (plan, value) => withQuota(plan, { limit: numberIn(value, 'quota limit') }),
  },
  {
    path: '/quota/offset',
    replace: (plan, value) => withQuota(plan, { offset: numberIn(value, 'quota offset') }),
  },
  {
    path: '/quota/period',
    replace: (plan, value) => withQuota(plan, { period: periodIn(value) }),
  },
  { path: '/throttle', remove: ({ throttle: _, ...plan }) => plan },
  ...(['rateLimit', 'burstLimit'] as const).map((member) => ({
    path: `/throttle/${member}`,
    replace: (plan: Plan, value: string) => ({
      ...plan,
      throttle: { ...plan.throttle, [member]: numberIn(value, member) },
    }),
  })),
  {
    path: '/apiStages',
    add: (plan, value) => ({ ...plan, apiStages: [...(plan.apiStages ?? []), stageIn(value)] }),
    remove: (plan, value) => withoutStage(plan, stageIn(value)),
  },
  {
    path: '/apiStages/*/throttle',
    remove: (plan, _value, [, stage = '']) =>
      withStage(plan, stage, ({ throttle: _, ...rest }) => rest),
  },
  {
    path: '/apiStages/*/throttle/*',
    remove: (plan, _value, [, stage = '', , method = '']) =>
      withStage(plan, stage, (each) => {
        const { [method]: _, ...throttle } = each.throttle ?? {}
        return { ...each, throttle }
      }),
  },
  ...(['rateLimit', 'burstLimit'] as const).map((member) => {
    const change = (plan: Plan, value: string, [, stage = '', , method = '']: readonly string[]) =>
      withStage(plan, stage, (each) => {
        const before = each.throttle?.[method]
        const settings = { ...before, [member]: numberIn(value, member) }
        return { ...each, throttle: { ...each.throttle, [method]: settings } }
      })
    return { path: `/apiStages/*/throttle/*/${member}`, replace: change, add: change }
  }),
]

function withQuota(plan: Plan, changes: QuotaSettings): Plan {
  return { ...plan, quota: { offset: 0, ...plan.quota, ...changes } }
}

function periodIn(value: string): NonNullable<QuotaSettings['period']> {
  if (value === 'DAY' || value === 'WEEK' || value === 'MONTH') return value
  throw invalid(`Invalid quota period specified: ${value}. Must be one of: [DAY, WEEK, MONTH]`)
}

/** `a1b2c3d4e5:prod` */
function stageIn(value: string): ApiStage {
  const [, apiId, stage] = /^([^:]+):(.+)$/.exec(value) ?? []
  if (apiId === undefined || stage === undefined) throw invalid('Invalid API Stage specified')
  return { apiId, stage }
}

function isStage(one: ApiStage, other: ApiStage): boolean {
  return one.apiId === other.apiId && one.stage === other.stage
}

function withoutStage(plan: Plan, stage: ApiStage): Plan {
  const kept = (plan.apiStages ?? []).filter((each) => !isStage(each, stage))
  if (kept.length === plan.apiStages?.length) throw invalid('Invalid API Stage specified')
  return { ...plan, apiStages: kept }
}

function withStage(plan: Plan, name: string, change: (stage: ApiStage) => ApiStage): Plan {
  const stage = stageIn(name)
  if (!plan.apiStages?.some((each) => isStage(each, stage))) {
    throw invalid('Invalid API Stage specified')
  }
  return {
    ...plan,
    apiStages: plan.apiStages.map((each) => (isStage(each, stage) ? change(each) : each)),
  }
}
