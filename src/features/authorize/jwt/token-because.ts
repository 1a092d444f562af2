/**
 * What `postern explain` says of a refused token: the claim that decided, as it stands in the token, and what would have
 * passed. The token is decoded once more for it; of its content only what decides about it is told.
 */

import type { Limits } from '../../../domain/limits.ts'
import type { Because } from '../../../invocation/because.ts'
import { type Evidence, shortList, shortText } from '../../../observability/explain/evidence.ts'
import { ALGORITHM_NAMES } from './algorithms.ts'
import { claimOf } from './claims.ts'
import { type DecodedToken, decodeToken } from './decode.ts'
import { scopesOf } from './scopes.ts'
import type { ReadToken } from './token-source.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { TokenReason } from './verdict.ts'

export interface TokenBecauseParts {
  readonly readToken: ReadToken
  /** `$request.header.Authorization` */
  readonly identitySource: string
  readonly scopes: readonly string[]
  readonly verifier: TokenVerifier
}

/** For all refusals of one route. */
export function tokenBecause(parts: TokenBecauseParts): Because {
  const { readToken, verifier, identitySource } = parts
  const { issuer } = verifier.keys
  const rule = `JWT authorizer: issuer ${issuer}, token in ${identitySource}`
  return (x) => {
    const reason = x.reasonCode as TokenReason
    const { clock, limits } = x.stageContext.services
    const told = { ...parts, now: clock.epochMs(), detail: x.detail, limits }
    return { rule, ...seenAndPasses(reason, readToken(x), told) }
  }
}

interface Told extends TokenBecauseParts {
  readonly now: number
  readonly detail: string
  readonly limits: Limits
}

type SeenAndPasses = Pick<Evidence, 'seen' | 'passes'>

function seenAndPasses(reason: TokenReason, token: string, told: Told): SeenAndPasses {
  const { verifier, identitySource } = told
  if (reason === 'TOKEN_MISSING') {
    const passes = `a token of ${verifier.keys.issuer} in ${identitySource}`
    return { seen: 'nothing there', passes }
  }
  const decoded = decodeToken(token, told.limits)
  if (decoded.kind === 'refused') return unreadable(reason, told)
  return ofToken(reason, decoded, told)
}

function unreadable(reason: TokenReason, { detail }: Told): SeenAndPasses {
  if (reason === 'TOKEN_ALGORITHM_REFUSED') {
    return { seen: 'an alg that is not accepted', passes: `alg ${ALGORITHM_NAMES.join(', ')}` }
  }
  const passes = 'three base64url segments with dots between: a signed token (JWS)'
  return { seen: detail, passes }
}

function ofToken(reason: TokenReason, token: DecodedToken, told: Told): SeenAndPasses {
  const { claims, algorithm, keyId } = token
  const { verifier, scopes, detail } = told
  const { issuer } = verifier.keys
  switch (reason) {
    case 'TOKEN_ISSUER_WRONG':
      return { seen: `iss ${shortText(claimOf(claims, 'iss'))}`, passes: `iss ${issuer}, exactly` }
    case 'TOKEN_AUDIENCE_WRONG':
      return { seen: audienceText(claims), passes: `aud ${shortList([...verifier.audience])}` }
    case 'TOKEN_EXPIRED':
      return {
        seen: `${dateText(claims, 'exp')}${detail === '' ? '' : ` (${detail})`}`,
        passes: `exp later than ${new Date(told.now).toISOString()}; leeway ${told.limits.tokenLeewayMs} ms`,
      }
    case 'TOKEN_NOT_YET_VALID':
      return {
        seen: `${dateText(claims, 'nbf')}, ${dateText(claims, 'iat')} (${detail})`,
        passes: `nbf and iat not later than ${new Date(told.now).toISOString()}`,
      }
    case 'TOKEN_KEY_UNKNOWN':
      return {
        seen: `kid ${keyId === undefined ? 'none' : shortText(keyId)}`,
        passes: `kid ${shortList(verifier.keys.keyIds)}`,
      }
    case 'TOKEN_SIGNATURE_WRONG':
      return {
        seen: `alg ${algorithm.name}, kid ${shortText(keyId ?? 'none')}`,
        passes: `a signature by that key of ${issuer}, over the token as it is`,
      }
    case 'TOKEN_ALGORITHM_REFUSED':
      return { seen: `alg ${algorithm.name}`, passes: 'an alg that the key with this kid is for' }
    case 'ISSUER_UNREACHABLE':
      return { seen: detail, passes: `keys at ${issuer}/.well-known/openid-configuration` }
    case 'SCOPE_MISSING':
      return {
        seen: `scopes ${shortList(scopesOf(claims) ?? [])}`,
        passes: `one of ${shortList(scopes)}`,
      }
    default:
      return { seen: detail, passes: 'a token whose claims have the types of RFC 7519' }
  }
}

function audienceText(claims: DecodedToken['claims']): string {
  if (Object.hasOwn(claims, 'aud')) return `aud ${shortText(claims['aud'])}`
  return Object.hasOwn(claims, 'client_id')
    ? `client_id ${shortText(claims['client_id'])}`
    : 'neither aud nor client_id'
}

function dateText(claims: DecodedToken['claims'], name: string): string {
  const seconds = claimOf(claims, name)
  if (typeof seconds !== 'number') return `no ${name}`
  const date = new Date(seconds * 1_000)
  return `${name} ${Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString()}`
}
