/**
 * How the usage of clients stands in the store: a record for each meter, day and client.
 *
 * Written by the program itself, every few seconds, and not by calls: it is no change of anybody's resources and leaves
 * nothing in the audit log.
 */

import type { Meter } from '../../domain/usage.ts'
import type { Records, Scope, Transaction, WritableRecords } from '../../storage/store.ts'
import { putQuotaUse } from './quota-records.ts'

/** Calls of one client on one day. */
export interface UsageCounts {
  readonly allowed: number
  readonly throttled: number
  readonly overQuota: number
}

export interface DayUsage extends UsageCounts {
  readonly client: string
  readonly date: string
}

/** What is added to the records of one client. */
export interface ClientUse {
  readonly meter: Pick<Meter, 'name' | 'accountId' | 'region'>
  readonly client: string
  readonly date: string
  readonly added: UsageCounts
  /** Of its current period. */
  readonly quota?: { readonly period: number; readonly used: number }
}

const USAGE = 'usage'
/** Which meters have usage on which days. */
const USAGE_DAY = 'usage-day'

interface UsageDayRecord {
  readonly meter: string
  readonly date: string
}

export async function addUsage(
  recordsOf: (scope: Scope) => WritableRecords,
  uses: readonly ClientUse[],
): Promise<void> {
  const days = new Set<string>()
  for (const { meter, client, date, added, quota } of uses) {
    const { name, accountId, region } = meter
    const records = recordsOf({ accountId, region })
    if (quota !== undefined) {
      await putQuotaUse(records, name, { client, ...quota })
    }
    if (added.allowed + added.throttled + added.overQuota === 0) continue
    const parent = dayParent(name, date)
    const day = `${accountId} ${region} ${parent}`
    if (!days.has(day)) await putDay(records, { meter: name, date })
    days.add(day)
    const key = { kind: USAGE, parent, id: client }
    const before = (await records.get<UsageCounts>(key))?.body
    await records.put(key, sum(before, added))
  }
}

/** Days before this date are gone after it. */
export async function pruneUsage(transaction: Transaction, oldest: string): Promise<void> {
  for (const { scope, id, body } of await transaction.everywhere<UsageDayRecord>(USAGE_DAY)) {
    if (body.date >= oldest) continue
    const records = transaction.in(scope)
    await records.deleteChildren(dayParent(body.meter, body.date))
    await records.delete({ kind: USAGE_DAY, parent: '', id })
  }
}

/** Meters that have usage on some day. */
export async function usedMeters(records: Records): Promise<readonly UsageDayRecord[]> {
  const page = await records.list<UsageDayRecord>(USAGE_DAY, '')
  return page.records.map(({ body }) => body)
}

/** Of one meter on one day, one entry a client. */
export async function usageOn(records: Records, meter: string, date: string): Promise<DayUsage[]> {
  const page = await records.list<UsageCounts>(USAGE, dayParent(meter, date))
  return page.records.map(({ id, body }) => ({ client: id, date, ...body }))
}

/** Of one client on one day; undefined: it has not called. */
export async function clientUsageOn(
  records: Records,
  meter: string,
  { client, date }: { readonly client: string; readonly date: string },
): Promise<UsageCounts | undefined> {
  const key = { kind: USAGE, parent: dayParent(meter, date), id: client }
  return (await records.get<UsageCounts>(key))?.body
}

function putDay(records: WritableRecords, day: UsageDayRecord): Promise<void> {
  return records.put({ kind: USAGE_DAY, parent: '', id: dayParent(day.meter, day.date) }, day)
}

function dayParent(meter: string, date: string): string {
  return `${meter} on ${date}`
}

function sum(one: UsageCounts | undefined, other: UsageCounts): UsageCounts {
  return {
    allowed: (one?.allowed ?? 0) + other.allowed,
    throttled: (one?.throttled ?? 0) + other.throttled,
    overQuota: (one?.overQuota ?? 0) + other.overQuota,
  }
}
