/**
 * The periods of quotas: days, weeks and months of UTC, each known by the number of its first day since 1970.
 *
 * Weeks begin on the day that the offset names, 0 for Sunday; months so many days after their first. UTC has no summer
 * time, so every day has 86 400 seconds.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html
 */

import type { Quota } from './http-api.ts'

export const DAY_MS = 86_400_000
/** 1 January 1970 was a Thursday. */
const WEEKDAY_OF_DAY_0 = 4

type Period = Pick<Quota, 'period' | 'offset'>

/** The most that `offset` can be; each is a day. */
export const OFFSET_MAX = { DAY: 0, WEEK: 6, MONTH: 27 } as const satisfies Record<
  Quota['period'],
  number
>

export function dayOf(epochMs: number): number {
  return Math.floor(epochMs / DAY_MS)
}

/** `2026-11-28` */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Undefined: it is no date. */
export function dayOfDate(date: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return undefined
  const ms = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date
    ? undefined
    : dayOf(ms)
}

/** First day of the period that this day is in. */
export function periodStart({ period, offset }: Period, day: number): number {
  if (period === 'DAY') return day
  if (period === 'WEEK') return day - ((((day + WEEKDAY_OF_DAY_0 - offset) % 7) + 7) % 7)
  const date = new Date(day * DAY_MS)
  const back = date.getUTCDate() > offset ? 0 : 1
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1 + offset))
}

/** First day of the period after that one. */
export function periodEnd({ period, offset }: Period, start: number): number {
  if (period === 'DAY') return start + 1
  if (period === 'WEEK') return start + 7
  const date = new Date(start * DAY_MS)
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1 + offset))
}
