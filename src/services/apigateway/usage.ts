/**
 * GetUsage and UpdateUsage: what the keys of a plan have used day by day, and more calls for the current period.
 *
 * Usage is written to the store every few seconds, so it is that much behind.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html
 */

import type { GetUsageRequest, UpdateUsageRequest, Usage } from '@aws-sdk/client-api-gateway'
import type { Quota } from '../../domain/http-api.ts'
import { dateOfDay, dayOf, dayOfDate, periodStart } from '../../domain/quota-period.ts'
import { planMeter } from '../../domain/usage.ts'
import type { Records } from '../../storage/store.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { grantOf, putGrant, quotaUseOf } from '../usage/quota-records.ts'
import { clientUsageOn } from '../usage/usage-records.ts'
import { pageOf } from './paging.ts'
import { applyPatch, invalid, numberIn } from './patch.ts'
import { quotaOf } from './plan-documents.ts'
import { keysOfPlan, requirePlan, requirePlanKey, type UsagePlanRecord } from './records.ts'

/** As far as one call may look. */
const DAYS_MAX = 400

export const usageOperations = {
  GetUsage: read<GetUsageRequest, Usage>(getUsage),
  UpdateUsage: write<UpdateUsageRequest, Usage>(updateUsage),
}

async function getUsage(request: GetUsageRequest, context: ReadContext): Promise<Usage> {
  const plan = await requirePlan(context, request.usagePlanId)
  const [first, last] = [dayOfDate(request.startDate!), dayOfDate(request.endDate!)]
  if (first === undefined || last === undefined) {
    throw invalid('Invalid date specified. It must be written as yyyy-mm-dd')
  }
  if (last < first || last - first >= DAYS_MAX) {
    throw invalid(`Invalid dates specified: 1 to ${DAYS_MAX} days can be asked for`)
  }
  if (request.keyId !== undefined) await requirePlanKey(context, plan.id, request.keyId)
  const all =
    request.keyId === undefined ? await keysOfPlan(context.records, plan.id) : [request.keyId]
  const { items: keys, ...page } = pageOf(
    all.map((id) => ({ id })),
    request,
  )
  const items: Record<string, number[][]> = {}
  for (const { id } of keys) {
    items[id] = await new KeyUsage(context.records, plan, id).days(first, last)
  }
  const { startDate, endDate } = request
  return { usagePlanId: plan.id, startDate, endDate, items, ...page }
}

async function updateUsage(request: UpdateUsageRequest, context: WriteContext): Promise<Usage> {
  const plan = await requirePlan(context, request.usagePlanId)
  const keyId = request.keyId!
  await requirePlanKey(context, plan.id, keyId)
  const quota = quotaOf(plan)
  if (quota === undefined) throw invalid('The usage plan has no quota')
  const today = dayOf(context.now.getTime())
  const meter = planMeter(plan.id)
  const { remaining } = applyPatch({ remaining: -1 }, request.patchOperations, [
    { path: '/remaining', replace: (_, value) => ({ remaining: numberIn(value, 'remaining') }) },
  ])
  if (!Number.isInteger(remaining) || remaining < 0 || remaining > 2 ** 38) {
    throw invalid('Invalid remaining specified: it must be a whole number, 0 or more')
  }
  const use = await quotaUseOf(context.records, meter, keyId)
  const start = periodStart(quota, today)
  const used = use !== undefined && use.period >= start ? use.used : 0
  const period = Math.max(start, use?.period ?? 0)
  await putGrant(context.records, meter, {
    client: keyId,
    period,
    calls: remaining - (quota.limit - used),
  })
  const date = dateOfDay(today)
  return {
    usagePlanId: plan.id,
    startDate: date,
    endDate: date,
    items: { [keyId]: [[used, remaining]] },
  }
}

/** One key, day by day: what it has used, and what remained of its period then. */
class KeyUsage {
  readonly #records: Records
  readonly #meter: string
  readonly #client: string
  readonly #quota: Quota | undefined

  constructor(records: Records, plan: UsagePlanRecord, client: string) {
    this.#records = records
    this.#meter = planMeter(plan.id)
    this.#client = client
    this.#quota = quotaOf(plan)
  }

  async days(first: number, last: number): Promise<number[][]> {
    const quota = this.#quota
    const begin = quota === undefined ? first : periodStart(quota, first)
    const days: number[][] = []
    let used = 0
    for (let day = begin; day <= last; day++) {
      if (quota !== undefined && periodStart(quota, day) === day) used = 0
      const today = await this.#allowedOn(day)
      used += today
      if (day >= first) days.push([today, await this.#remaining(day, used)])
    }
    return days
  }

  async #allowedOn(day: number): Promise<number> {
    const place = { client: this.#client, date: dateOfDay(day) }
    return (await clientUsageOn(this.#records, this.#meter, place))?.allowed ?? 0
  }

  async #remaining(day: number, used: number): Promise<number> {
    if (this.#quota === undefined) return 0
    const period = periodStart(this.#quota, day)
    const granted = await grantOf(this.#records, this.#meter, { client: this.#client, period })
    return Math.max(0, this.#quota.limit + granted - used)
  }
}
