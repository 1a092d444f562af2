/** Who may call a route, compiled: the step, or the reason why there cannot be one. A route never loses it silently. */

import type { HttpApiStage, JwtAuthorizer, RouteAuthorization } from '../../domain/http-api.ts'
import { findIssuerProblem } from '../../domain/issuer.ts'
import { compileJwt } from '../../features/authorize/jwt/jwt.ts'
import { tokenBecause } from '../../features/authorize/jwt/token-because.ts'
import { compileTokenSource } from '../../features/authorize/jwt/token-source.ts'
import type { TokenVerifier } from '../../features/authorize/jwt/token-verifier.ts'
import type { RunStep } from '../../invocation/plan.ts'
import { AuthorizerError } from './authorizer-error.ts'

export interface AuthorizationDeps {
  verifier(authorizer: JwtAuthorizer): TokenVerifier
  /** Collects what the stage uses. */
  readonly verifiers: Set<TokenVerifier>
}

/** Throws AuthorizerError. */
export function compileAuthorization(
  guard: RouteAuthorization,
  { authorizers = {} }: HttpApiStage,
  deps: AuthorizationDeps,
): RunStep {
  if (guard.authorizationType !== 'JWT') {
    throw new AuthorizerError(`${guard.authorizationType} is no authorization by token`)
  }
  const { authorizerId, scopes } = guard
  const authorizer = Object.hasOwn(authorizers, authorizerId)
    ? authorizers[authorizerId]
    : undefined
  if (authorizer?.authorizerType !== 'JWT') {
    throw new AuthorizerError(`there is no JWT authorizer ${authorizerId}`)
  }
  const { identitySource, issuer, name } = authorizer
  const readToken = compileTokenSource(identitySource)
  if (readToken === undefined) {
    throw new AuthorizerError(`authorizer ${name}: ${identitySource} is no place of a token`)
  }
  const problem = findIssuerProblem(issuer)
  if (problem !== undefined) throw new AuthorizerError(`authorizer ${name}: its issuer ${problem}`)
  const verifier = deps.verifier(authorizer)
  deps.verifiers.add(verifier)
  const because = tokenBecause({ readToken, identitySource, scopes, verifier })
  return compileJwt({ readToken, scopes, because }, verifier)
}
