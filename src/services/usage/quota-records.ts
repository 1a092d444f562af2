/** How quotas in use stand in the store: a record for each meter and client, and one for what was granted besides. */

import type { Records, WritableRecords } from '../../storage/store.ts'

const QUOTA_USE = 'quota-use'
export const QUOTA_GRANT = 'quota-grant'

interface QuotaUseRecord {
  /** First day of the period, since 1970. */
  readonly period: number
  readonly used: number
}

export interface QuotaGrantRecord {
  readonly period: number
  /** So many calls more than the quota; fewer, where it is negative. */
  readonly calls: number
}

export async function quotaUses(
  records: Records,
  meter: string,
): Promise<readonly (QuotaUseRecord & { readonly client: string })[]> {
  const page = await records.list<QuotaUseRecord>(QUOTA_USE, meter)
  return page.records.map(({ id, body }) => ({ client: id, ...body }))
}

export async function quotaUseOf(
  records: Records,
  meter: string,
  client: string,
): Promise<QuotaUseRecord | undefined> {
  const key = { kind: QUOTA_USE, parent: meter, id: client }
  return (await records.get<QuotaUseRecord>(key))?.body
}

export async function grantsOf(
  records: Records,
  meter: string,
): Promise<readonly (QuotaGrantRecord & { readonly client: string })[]> {
  const page = await records.list<QuotaGrantRecord>(QUOTA_GRANT, meter)
  return page.records.map(({ id, body }) => ({ client: id, ...body }))
}

/** What was granted for this period. */
export async function grantOf(
  records: Records,
  meter: string,
  { client, period }: { readonly client: string; readonly period: number },
): Promise<number> {
  const key = { kind: QUOTA_GRANT, parent: meter, id: client }
  const grant = (await records.get<QuotaGrantRecord>(key))?.body
  return grant?.period === period ? grant.calls : 0
}

/** The workers know it when the transaction is committed. */
export function putGrant(
  records: WritableRecords,
  meter: string,
  { client, ...grant }: QuotaGrantRecord & { readonly client: string },
): Promise<void> {
  return records.put({ kind: QUOTA_GRANT, parent: meter, id: client }, grant)
}

export function putQuotaUse(
  records: WritableRecords,
  meter: string,
  { client, ...use }: QuotaUseRecord & { readonly client: string },
): Promise<void> {
  return records.put({ kind: QUOTA_USE, parent: meter, id: client }, use)
}
