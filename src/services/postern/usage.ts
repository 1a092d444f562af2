/**
 * The usage of clients, as operations: what was counted, by limit, client and day, and more calls for a quota.
 *
 * Usage is written to the store every few seconds, so it is that much behind.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { dateOfDay, dayOf, dayOfDate } from '../../domain/quota-period.ts'
import { type ReadContext, read, write } from '../service.ts'
import { grantOf, putGrant, quotaUseOf } from '../usage/quota-records.ts'
import { usageOn, usedMeters } from '../usage/usage-records.ts'

export interface ListUsageRequest {
  /** Limits of this API only. */
  readonly ApiId?: string
  readonly Client?: string
  /** `2026-11-28`; today when it is left out. */
  readonly From?: string
  readonly To?: string
}

export interface ListUsageResponse {
  /** By day, limit and client. */
  readonly Usage: readonly UsageEntry[]
  /** There is more than fits one answer. */
  readonly Truncated: boolean
}

export interface UsageEntry {
  readonly date: string
  /** `plan/abc123`, `a1b2c3d4e5/$default`, `a1b2c3d4e5/$default GET /pets` */
  readonly meter: string
  readonly client: string
  readonly allowed: number
  readonly throttled: number
  readonly overQuota: number
}

export interface TopUpQuotaRequest {
  readonly Meter: string
  readonly Client: string
  /** So many calls more in the current period. */
  readonly Calls: number
}

export interface TopUpQuotaResponse {
  readonly Meter: string
  readonly Client: string
  /** First day of the period. */
  readonly Period: string
  readonly Used: number
  /** In all, besides the quota. */
  readonly Granted: number
}

const ENTRIES_MAX = 10_000
const CALLS_MAX = 2 ** 38

export const usageOperations = {
  ListUsage: read<ListUsageRequest, ListUsageResponse>(listUsage),
  TopUpQuota: write<TopUpQuotaRequest, TopUpQuotaResponse>(async (request, context) => {
    const { Meter, Client, Calls } = request
    if (!Number.isInteger(Calls) || Math.abs(Calls) > CALLS_MAX) {
      throw invalid('Calls is a whole number of calls')
    }
    const use = await quotaUseOf(context.records, Meter, Client)
    if (use === undefined) {
      throw new ServiceError(
        'NotFoundException',
        `Client ${Client} has used nothing of a quota of ${Meter}; postern usage shows the limits and their clients`,
      )
    }
    const { period, used } = use
    const before = await grantOf(context.records, Meter, { client: Client, period })
    const calls = before + Calls
    await putGrant(context.records, Meter, { client: Client, period, calls })
    return { Meter, Client, Period: dateOfDay(period), Used: used, Granted: calls }
  }),
}

async function listUsage(
  request: ListUsageRequest,
  context: ReadContext,
): Promise<ListUsageResponse> {
  const { ApiId, Client } = request
  const today = dateOfDay(dayOf(context.now.getTime()))
  const [from, to] = [checkedDate(request.From ?? today), checkedDate(request.To ?? today)]
  const days = (await usedMeters(context.records))
    .filter(({ date }) => date >= from && date <= to)
    .filter(({ meter }) => ApiId === undefined || meter.startsWith(`${ApiId}/`))
    .toSorted((a, b) => compare(a.date, b.date) || compare(a.meter, b.meter))
  const entries: UsageEntry[] = []
  for (const { meter, date } of days) {
    const usage = await usageOn(context.records, meter, date)
    const own = usage.filter(({ client }) => Client === undefined || client === Client)
    entries.push(...own.map((each) => ({ meter, ...each })))
    if (entries.length > ENTRIES_MAX) break
  }
  return { Usage: entries.slice(0, ENTRIES_MAX), Truncated: entries.length > ENTRIES_MAX }
}

function checkedDate(date: string): string {
  if (dayOfDate(date) !== undefined) return date
  throw invalid(`${date} is no date: write it as 2026-11-28`)
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
