/**
 * The claims that decide about a token (RFC 7519 §4.1): who issued it, for whom, and when it is good.
 *
 * Values are compared as they are, byte by byte. A claim of the wrong type refuses, also where it could have been left
 * out: who writes `"exp": "soon"` means something that is not understood here.
 */

import type { JsonObject } from '../../../base/strict-json.ts'
import { scopesOf } from './scopes.ts'
import { type Refusal, refusal } from './verdict.ts'

export interface TokenRules {
  readonly issuer: string
  readonly audience: ReadonlySet<string>
  /** How far clocks may be apart, in each direction. */
  readonly leewayMs: number
}

export interface CheckedClaims {
  readonly kind: 'checked'
  /** Milliseconds since the epoch from which on it is not good any more. */
  readonly expiresMs: number
  readonly scopes: readonly string[]
}

/** The end of the year 9999. */
const SECONDS_MAX = 253_402_300_799

export function checkClaims(
  claims: JsonObject,
  rules: TokenRules,
  nowMs: number,
): CheckedClaims | Refusal {
  const { issuer, audience, leewayMs } = rules
  if (claimOf(claims, 'iss') !== issuer) return refusal('TOKEN_ISSUER_WRONG')
  if (!isFor(claims, audience)) return refusal('TOKEN_AUDIENCE_WRONG')
  const expires = dateOf(claims, 'exp')
  const begins = dateOf(claims, 'nbf')
  const issued = dateOf(claims, 'iat')
  if (expires === undefined) return refusal('TOKEN_EXPIRED', 'it does not say when it expires')
  if (expires === 'invalid' || begins === 'invalid' || issued === 'invalid') {
    return refusal('TOKEN_MALFORMED', 'exp, nbf or iat is no date')
  }
  const scopes = scopesOf(claims)
  if (scopes === undefined) return refusal('TOKEN_MALFORMED', 'scope or scp is no list of scopes')
  const expiresMs = expires + leewayMs
  if (expiresMs <= nowMs) return refusal('TOKEN_EXPIRED', awayBy(nowMs - expires, 'ago'))
  const from = Math.max(begins ?? 0, issued ?? 0)
  if (from - leewayMs > nowMs) return refusal('TOKEN_NOT_YET_VALID', awayBy(from - nowMs, 'ahead'))
  return { kind: 'checked', expiresMs, scopes }
}

/** Undefined when the token does not have it as its own member. */
export function claimOf(claims: JsonObject, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/** `client_id` counts only where there is no `aud`: access tokens of Cognito have none. */
function isFor(claims: JsonObject, audience: ReadonlySet<string>): boolean {
  const named = Object.hasOwn(claims, 'aud') ? claims['aud'] : claimOf(claims, 'client_id')
  if (typeof named === 'string') return audience.has(named)
  if (!Array.isArray(named) || !Object.hasOwn(claims, 'aud')) return false
  return named.every((each) => typeof each === 'string') && named.some((each) => audience.has(each))
}

/** Milliseconds since the epoch; undefined where there is no such claim. */
function dateOf(claims: JsonObject, name: string): number | 'invalid' | undefined {
  if (!Object.hasOwn(claims, name)) return undefined
  const seconds = claims[name]
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= SECONDS_MAX)) return 'invalid'
  return seconds * 1000
}

function awayBy(ms: number, direction: 'ago' | 'ahead'): string {
  return `${Math.round(ms / 1000)} s ${direction}`
}
