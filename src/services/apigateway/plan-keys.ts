/**
 * The keys of usage plans: CreateUsagePlanKey, GetUsagePlanKey, GetUsagePlanKeys, DeleteUsagePlanKey.
 *
 * A key may be in several plans, and in no two with the same stage: it would not be known which of them holds.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlanKey.html
 */

import type {
  CreateUsagePlanKeyRequest,
  DeleteUsagePlanKeyRequest,
  GetUsagePlanKeyRequest,
  GetUsagePlanKeysRequest,
  UsagePlanKey,
  UsagePlanKeys,
} from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { pageOf } from './paging.ts'
import { invalid } from './patch.ts'
import {
  type ApiKeyRecord,
  allKeys,
  allPlans,
  keysOfPlan,
  requireKey,
  requirePlan,
  requirePlanKey,
  type UsagePlanRecord,
} from './records.ts'

export const planKeyOperations = {
  CreateUsagePlanKey: write<CreateUsagePlanKeyRequest, UsagePlanKey>(createUsagePlanKey),
  GetUsagePlanKey: read<GetUsagePlanKeyRequest, UsagePlanKey>(getUsagePlanKey),
  GetUsagePlanKeys: read<GetUsagePlanKeysRequest, UsagePlanKeys>(getUsagePlanKeys),
  DeleteUsagePlanKey: write<DeleteUsagePlanKeyRequest, object>(deleteUsagePlanKey),
}

async function createUsagePlanKey(
  request: CreateUsagePlanKeyRequest,
  context: WriteContext,
): Promise<UsagePlanKey> {
  const plan = await requirePlan(context, request.usagePlanId)
  if (request.keyType !== 'API_KEY') throw invalid('Invalid key type specified: it must be API_KEY')
  const key = await requireKey(context, request.keyId)
  const place = { kind: 'usage-plan-key', parent: plan.id, id: key.id }
  if ((await context.records.get(place)) !== undefined) {
    throw new ServiceError('ConflictException', 'The API key is in the usage plan already')
  }
  await refuseSharedStages(context, plan, key.id)
  await context.records.put(place, { keyId: key.id })
  return show(key)
}

async function getUsagePlanKey(
  request: GetUsagePlanKeyRequest,
  context: ReadContext,
): Promise<UsagePlanKey> {
  const plan = await requirePlan(context, request.usagePlanId)
  await requirePlanKey(context, plan.id, request.keyId!)
  return show(await requireKey(context, request.keyId))
}

async function getUsagePlanKeys(
  request: GetUsagePlanKeysRequest,
  context: ReadContext,
): Promise<UsagePlanKeys> {
  const plan = await requirePlan(context, request.usagePlanId)
  const ids = new Set(await keysOfPlan(context.records, plan.id))
  const keys = (await allKeys(context.records)).filter(
    ({ id, name = '' }) => ids.has(id) && name.startsWith(request.nameQuery ?? ''),
  )
  const { items, ...page } = pageOf(keys, request)
  return { items: items.map(show), ...page }
}

async function deleteUsagePlanKey(
  request: DeleteUsagePlanKeyRequest,
  context: WriteContext,
): Promise<object> {
  const plan = await requirePlan(context, request.usagePlanId)
  await requirePlanKey(context, plan.id, request.keyId!)
  await context.records.delete({ kind: 'usage-plan-key', parent: plan.id, id: request.keyId! })
  return {}
}

/** Throws when another plan of the key has a stage of this plan. */
export async function refuseSharedStages(
  { records }: ReadContext,
  plan: UsagePlanRecord,
  keyId: string,
): Promise<void> {
  const own = new Set((plan.apiStages ?? []).map(({ apiId, stage }) => `${apiId}:${stage}`))
  for (const other of await allPlans(records)) {
    if (other.id === plan.id) continue
    const shared = (other.apiStages ?? [])
      .map(({ apiId, stage }) => `${apiId}:${stage}`)
      .find((name) => own.has(name))
    if (shared === undefined || !(await keysOfPlan(records, other.id)).includes(keyId)) continue
    throw new ServiceError(
      'ConflictException',
      `API Key ${keyId} is in usage plan ${other.id} already, which has the stage ${shared} too`,
    )
  }
}

function show({ id, name, value }: ApiKeyRecord): UsagePlanKey {
  return { id, type: 'API_KEY', value, ...(name === undefined ? {} : { name }) }
}
