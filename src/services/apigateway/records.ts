/**
 * How API keys and usage plans stand in the store. A key belongs to a plan by a record below the plan that has the
 * key's id.
 */

import type { ApiKey, UsagePlan } from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import type { Records } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'

export type ApiKeyRecord = Omit<ApiKey, 'createdDate' | 'lastUpdatedDate'> & {
  readonly id: string
  readonly value: string
  readonly createdDate: string
  readonly lastUpdatedDate: string
}

export type UsagePlanRecord = UsagePlan & { readonly id: string }

export async function allPlans(records: Records): Promise<readonly UsagePlanRecord[]> {
  return (await records.list<UsagePlanRecord>('usage-plan', '')).records.map(({ body }) => body)
}

export async function allKeys(records: Records): Promise<readonly ApiKeyRecord[]> {
  return (await records.list<ApiKeyRecord>('api-key', '')).records.map(({ body }) => body)
}

/** Ids of the keys of a plan. */
export async function keysOfPlan(records: Records, planId: string): Promise<readonly string[]> {
  return (await records.list('usage-plan-key', planId)).records.map(({ id }) => id)
}

export async function requirePlan(
  { records }: Pick<ReadContext, 'records'>,
  planId: string | undefined,
): Promise<UsagePlanRecord> {
  const key = { kind: 'usage-plan', parent: '', id: planId! }
  const record = await records.get<UsagePlanRecord>(key)
  if (record !== undefined) return record.body
  throw new ServiceError('NotFoundException', 'Invalid Usage Plan ID specified')
}

export async function requireKey(
  { records }: Pick<ReadContext, 'records'>,
  keyId: string | undefined,
): Promise<ApiKeyRecord> {
  const record = await records.get<ApiKeyRecord>({ kind: 'api-key', parent: '', id: keyId! })
  if (record !== undefined) return record.body
  throw new ServiceError('NotFoundException', 'Invalid API Key identifier specified')
}

/** Whether the key belongs to the plan. */
export async function requirePlanKey(
  { records }: Pick<ReadContext, 'records'>,
  planId: string,
  keyId: string,
): Promise<void> {
  const record = await records.get({ kind: 'usage-plan-key', parent: planId, id: keyId })
  if (record !== undefined) return
  throw new ServiceError('NotFoundException', 'Invalid API Key identifier specified')
}
