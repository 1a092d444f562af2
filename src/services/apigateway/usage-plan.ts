/**
 * Usage plans: CreateUsagePlan, GetUsagePlan, GetUsagePlans, UpdateUsagePlan, DeleteUsagePlan.
 *
 * The stages of a plan are stages of HTTP APIs here. What a plan says is live in its stages when the call returns.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlan.html
 */

import type {
  ApiStage,
  CreateUsagePlanRequest,
  DeleteUsagePlanRequest,
  GetUsagePlanRequest,
  GetUsagePlansRequest,
  UpdateUsagePlanRequest,
  UsagePlan,
  UsagePlans,
} from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { planMeter } from '../../domain/usage.ts'
import { checkedTags } from '../apigatewayv2/tag-rules.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { pageOf } from './paging.ts'
import { applyPatch, invalid } from './patch.ts'
import { refuseSharedStages } from './plan-keys.ts'
import { allPlans, keysOfPlan, requirePlan, type UsagePlanRecord } from './records.ts'
import { checkPlan, PLAN_RULES } from './usage-plan-rules.ts'

const ID_CHARACTERS = 6

export const usagePlanOperations = {
  CreateUsagePlan: write<CreateUsagePlanRequest, UsagePlan>(createUsagePlan),
  GetUsagePlan: read<GetUsagePlanRequest, UsagePlan>(getUsagePlan),
  GetUsagePlans: read<GetUsagePlansRequest, UsagePlans>(getUsagePlans),
  UpdateUsagePlan: write<UpdateUsagePlanRequest, UsagePlan>(updateUsagePlan),
  DeleteUsagePlan: write<DeleteUsagePlanRequest, object>(deleteUsagePlan),
}

async function createUsagePlan(
  request: CreateUsagePlanRequest,
  context: WriteContext,
): Promise<UsagePlan> {
  const plans = await allPlans(context.records)
  const most = context.settings.limits.usagePlansPerRegion
  if (plans.length >= most) {
    throw new ServiceError(
      'LimitExceededException',
      `Maximum number of usage plans has been reached: ${most}. Raise it with --limit usagePlansPerRegion=<number>`,
    )
  }
  const { tags, quota, apiStages = [], ...said } = request
  const record: UsagePlanRecord = {
    ...said,
    id: freshId(context, plans),
    apiStages,
    ...(quota === undefined ? {} : { quota: { offset: 0, ...quota } }),
    ...(tags === undefined ? {} : { tags: { ...checkedTags(context, tags) } }),
  }
  await checkWhole(record, context)
  await put(context, record)
  return record
}

async function getUsagePlan(
  request: GetUsagePlanRequest,
  context: ReadContext,
): Promise<UsagePlan> {
  return { tags: {}, ...(await requirePlan(context, request.usagePlanId)) }
}

async function getUsagePlans(
  request: GetUsagePlansRequest,
  context: ReadContext,
): Promise<UsagePlans> {
  const plans: UsagePlanRecord[] = []
  for (const plan of await allPlans(context.records)) {
    const keys = request.keyId === undefined ? [] : await keysOfPlan(context.records, plan.id)
    if (request.keyId === undefined || keys.includes(request.keyId)) plans.push(plan)
  }
  return pageOf(plans, request)
}

async function updateUsagePlan(
  request: UpdateUsagePlanRequest,
  context: WriteContext,
): Promise<UsagePlan> {
  const before = await requirePlan(context, request.usagePlanId)
  const record = applyPatch(before, request.patchOperations, PLAN_RULES)
  await checkWhole(record, context, before.apiStages)
  await put(context, record)
  return { tags: {}, ...record }
}

/** As on AWS, stages have to leave it first. */
async function deleteUsagePlan(
  request: DeleteUsagePlanRequest,
  context: WriteContext,
): Promise<object> {
  const { id, apiStages = [] } = await requirePlan(context, request.usagePlanId)
  if (apiStages.length > 0) {
    throw invalid(
      `Cannot delete Usage Plan ${id} because there are API stages associated with it. Please disassociate all API stages from the Usage Plan and try again.`,
    )
  }
  await context.records.deleteChildren(id)
  await context.records.deleteChildren(planMeter(id))
  await context.records.delete({ kind: 'usage-plan', parent: '', id })
  return {}
}

/** A stage of before may be gone; it does not stand in the way of other changes. */
async function checkWhole(
  plan: UsagePlanRecord,
  context: ReadContext,
  before: readonly ApiStage[] = [],
): Promise<void> {
  checkPlan(plan, context.settings.limits)
  for (const stage of plan.apiStages ?? []) {
    const isOld = before.some((each) => each.apiId === stage.apiId && each.stage === stage.stage)
    if (!isOld) await requireStage(plan, stage, context)
  }
  for (const keyId of await keysOfPlan(context.records, plan.id)) {
    await refuseSharedStages(context, plan, keyId)
  }
}

async function requireStage(
  { id }: UsagePlanRecord,
  { apiId, stage }: ApiStage,
  { records }: ReadContext,
): Promise<void> {
  const found =
    apiId && stage ? await records.get({ kind: 'stage', parent: apiId, id: stage }) : undefined
  if (found !== undefined) return
  if (!apiId || !stage) throw invalid('Invalid API Stage specified')
  throw new ServiceError(
    'NotFoundException',
    `Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan ${id}`,
  )
}

function put({ records }: WriteContext, plan: UsagePlanRecord): Promise<void> {
  return records.put({ kind: 'usage-plan', parent: '', id: plan.id }, plan)
}

function freshId({ newId }: WriteContext, plans: readonly UsagePlanRecord[]): string {
  const taken = new Set(plans.map(({ id }) => id))
  for (;;) {
    const id = newId(ID_CHARACTERS)
    if (!taken.has(id)) return id
  }
}
