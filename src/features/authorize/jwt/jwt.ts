// hot path — see STYLE §8
/**
 * JWT authorizers of HTTP APIs
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html).
 *
 * Second step of the pipeline, behind CORS and before the body is read. A call goes on only with a token that is
 * signed by a key of the issuer, is for one of the audiences, is good now, and has one of the route's scopes; whatever
 * is not certain refuses. Its claims are in `x.claims` from here on.
 */

import type { Because } from '../../../invocation/because.ts'
import { refuse } from '../../../invocation/gateway-response.ts'
import type { Invocation } from '../../../invocation/invocation.ts'
import { NEXT, type Outcome } from '../../../invocation/outcome.ts'
import type { RunStep } from '../../../invocation/plan.ts'
import { challenge } from './challenge.ts'
import { awaitKeys } from './keys-awaited.ts'
import { hasOneOf } from './scopes.ts'
import type { ReadToken } from './token-source.ts'
import type { TokenVerifier } from './token-verifier.ts'
import type { TokenReason } from './verdict.ts'

export interface JwtConfig {
  readonly readToken: ReadToken
  /** A token needs one of them; empty: none is asked for. */
  readonly scopes: readonly string[]
  /** What explain says of a refusal. */
  readonly because: Because
}

/** The step that lets a call pass with a good token only. */
export function compileJwt(config: JwtConfig, verifier: TokenVerifier): RunStep {
  const { readToken, scopes } = config
  const { keys } = verifier
  return function runJwt(x) {
    const token = readToken(x)
    if (token === '') return refuseToken(x, 'TOKEN_MISSING', '', config)
    const verdict = verifier.verdictOf(token)
    if (verdict === undefined) return awaitKeys(x, keys)
    const { reason, detail } = verdict
    if (reason !== undefined) return refuseToken(x, reason, detail, config)
    if (scopes.length > 0 && !hasOneOf(verdict.scopes, scopes)) {
      return refuseToken(x, 'SCOPE_MISSING', '', config)
    }
    x.claims = verdict.claims
    return NEXT
  }
}

function refuseToken(
  x: Invocation,
  reason: TokenReason,
  detail: string,
  { scopes, because }: JwtConfig,
): Outcome {
  x.replyHeaders += challenge(reason, scopes)
  return refuse(x, reason, detail, because)
}
