/**
 * The authorizer of a route to the one that workers verify with, or to the reasons why they cannot.
 *
 * Checked again as a whole, because here nothing may depend on how an authorizer came into the store. A route whose
 * authorizer is not there, or is of another kind than its type says, is not served.
 */

import type { Authorizer, Route } from '@aws-sdk/client-apigatewayv2'
import {
  findAudienceProblem,
  jwtAuthorizerOf,
} from '../../../definitions/open-api/jwt-authorizer.ts'
import type { JwtAuthorizer } from '../../../domain/http-api.ts'
import type { Limits } from '../../../domain/limits.ts'
import { findAuthorizerProblem } from '../authorizer-rules.ts'
import { ENFORCEMENT, refusalsOf } from './enforcement.ts'

export type AuthorizerDocument =
  | { readonly kind: 'none' }
  | { readonly kind: 'document'; readonly authorizer: JwtAuthorizer }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

/** `written`: the authorizer that the route names. `none`: it needs none, or is refused for its type already. */
export function authorizerDocument(
  route: Route,
  written: Authorizer | undefined,
  limits: Limits,
): AuthorizerDocument {
  if (route.AuthorizationType !== 'JWT') return unguarded(route)
  if (written === undefined) {
    return { kind: 'refused', reasons: [`authorizer ${route.AuthorizerId} does not exist`] }
  }
  const unsupported = refusalsOf(written, ENFORCEMENT.Authorizer)
  const problem = findAuthorizerProblem(written, limits) ?? findAudienceFault(written)
  const reasons = unsupported.length > 0 || problem === undefined ? unsupported : [problem]
  const scopesMax = limits.scopesPerRoute
  if ((route.AuthorizationScopes ?? []).length > scopesMax) {
    return { kind: 'refused', reasons: [`it has more than ${scopesMax} authorization scopes`] }
  }
  return reasons.length > 0
    ? { kind: 'refused', reasons: reasons.map((each) => `authorizer ${written.Name}: ${each}`) }
    : { kind: 'document', authorizer: jwtAuthorizerOf(written) }
}

function findAudienceFault(written: Authorizer): string | undefined {
  const problem = findAudienceProblem(written)
  return problem === undefined ? undefined : `it ${problem} (JwtConfiguration.Audience)`
}

/** Who names an authorizer or scopes wants a guard; without the type JWT there would be none. */
function unguarded({ AuthorizerId = '', AuthorizationScopes = [] }: Route): AuthorizerDocument {
  if (AuthorizerId === '' && AuthorizationScopes.length === 0) return { kind: 'none' }
  const reason = 'it names an authorizer or scopes, and its AuthorizationType is not JWT'
  return { kind: 'refused', reasons: [reason] }
}
