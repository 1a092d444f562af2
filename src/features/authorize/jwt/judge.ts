/**
 * Looks at a token: what it says, then whether it is signed. Pure but for the keys, which may have to be fetched.
 *
 * Claims come first: they cost a tenth of a signature, and a token that fails by them makes nobody ask an issuer for
 * keys. A refusal therefore says what a token claims, which may be a forgery; a token that is let pass has both.
 */

import type { JsonObject } from '../../../base/strict-json.ts'
import { isSigned } from './algorithms.ts'
import { checkClaims, type TokenRules } from './claims.ts'
import { type DecodeLimits, decodeToken } from './decode.ts'
import type { KeyLookup } from './issuer-keys.ts'
import { type Refusal, refusal } from './verdict.ts'

export interface JudgeRules extends TokenRules {
  readonly limits: DecodeLimits
}

export interface Accepted {
  readonly kind: 'accepted'
  readonly claims: JsonObject
  readonly scopes: readonly string[]
  readonly expiresMs: number
}

/** It will be refused whenever it is looked at with these keys, as long as it has not expired. */
export interface Forged {
  readonly kind: 'forged'
  readonly expiresMs: number
}

/** The keys are being fetched: look again when they are there. */
const WAITING = { kind: 'waiting' } as const

export type Judgement = Accepted | Forged | Refusal | typeof WAITING

export function judge(
  token: string,
  rules: JudgeRules,
  findKeys: (keyId: string) => KeyLookup,
  nowMs: number,
): Judgement {
  const decoded = decodeToken(token, rules.limits)
  if (decoded.kind === 'refused') return decoded
  const checked = checkClaims(decoded.claims, rules, nowMs)
  if (checked.kind === 'refused') return checked
  if (decoded.keyId === undefined) return refusal('TOKEN_KEY_UNKNOWN', 'it names no key (kid)')
  const found = findKeys(decoded.keyId)
  if (found.kind === 'waiting') return WAITING
  if (found.kind === 'unknown') return refusal('TOKEN_KEY_UNKNOWN')
  if (found.kind === 'unreachable') return refusal('ISSUER_UNREACHABLE', found.detail)
  const { expiresMs, scopes } = checked
  const { algorithm, claims, content, signature } = decoded
  const fitting = found.keys.filter(({ algorithms }) => algorithms.includes(algorithm))
  if (fitting.length === 0) {
    return refusal('TOKEN_ALGORITHM_REFUSED', `its key is not for ${algorithm.name}`)
  }
  const isGood = fitting.some(({ key }) => isSigned(algorithm, key, content, signature))
  return isGood ? { kind: 'accepted', claims, scopes, expiresMs } : { kind: 'forged', expiresMs }
}
