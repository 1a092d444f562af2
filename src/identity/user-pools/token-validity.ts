/**
 * How long the tokens of a client are good.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
 */

import type { UserPoolClientRecord } from './records.ts'

const UNIT_MS = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const
const HOUR_MS = UNIT_MS.hours
const DAY_MS = UNIT_MS.days
const YEARS_10_MS = 3_650 * DAY_MS

export interface Validity {
  readonly accessMs: number
  readonly idMs: number
  readonly refreshMs: number
}

export type ValidityRequest = Pick<
  UserPoolClientRecord,
  'AccessTokenValidity' | 'IdTokenValidity' | 'RefreshTokenValidity' | 'TokenValidityUnits'
>

export function validityOf(client: ValidityRequest): Validity {
  const { TokenValidityUnits: units = {} } = client
  return {
    accessMs: lifeOf(client.AccessTokenValidity, units.AccessToken ?? 'hours', HOUR_MS),
    idMs: lifeOf(client.IdTokenValidity, units.IdToken ?? 'hours', HOUR_MS),
    refreshMs: lifeOf(client.RefreshTokenValidity, units.RefreshToken ?? 'days', 30 * DAY_MS),
  }
}

/** What is wrong with it; undefined: nothing. */
export function findValidityProblem(client: ValidityRequest): string | undefined {
  const { accessMs, idMs, refreshMs } = validityOf(client)
  for (const [name, ms] of [
    ['AccessTokenValidity', accessMs],
    ['IdTokenValidity', idMs],
  ] as const) {
    if (ms >= 5 * UNIT_MS.minutes && ms <= DAY_MS) continue
    return `Invalid range for token validity. ${name} must be between 5 minutes and 1 day.`
  }
  if (refreshMs < HOUR_MS || refreshMs > YEARS_10_MS) {
    return 'Invalid range for token validity. RefreshTokenValidity must be between 60 minutes and 3650 days.'
  }
  if (accessMs > refreshMs || idMs > refreshMs) {
    return 'Invalid range for token validity. Access and id tokens cannot be valid longer than the refresh token.'
  }
  return undefined
}

/** 0 is no answer to how long, and stands for the default. */
function lifeOf(count: number | undefined, unit: keyof typeof UNIT_MS, defaultMs: number): number {
  return count === undefined || count === 0 ? defaultMs : count * UNIT_MS[unit]
}
