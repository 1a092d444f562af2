/**
 * JWT authorizers and the routes that they guard, from apigatewayv2's own members to what the data plane verifies with.
 */

import type { Authorizer, Route } from '@aws-sdk/client-apigatewayv2'
import type { JwtAuthorizer, RouteAuthorization } from '../../domain/http-api.ts'

/** One that has passed the checks. */
export function jwtAuthorizerOf(written: Authorizer): JwtAuthorizer {
  const { AuthorizerId, IdentitySource, JwtConfiguration, Name } = written
  return {
    authorizerId: AuthorizerId!,
    authorizerType: 'JWT',
    name: Name!,
    identitySource: IdentitySource![0]!,
    issuer: JwtConfiguration!.Issuer!,
    audience: JwtConfiguration!.Audience ?? [],
  }
}

/** Undefined: everybody may call the route. */
export function authorizationOf(route: Route): RouteAuthorization | undefined {
  const { AuthorizationType: type = 'NONE', AuthorizerId, AuthorizationScopes } = route
  if (type === 'NONE') return undefined
  if (type === 'AWS_IAM') return { authorizationType: type }
  // Another type has no JWT authorizer: what is compiled of it refuses.
  const authorizerId = AuthorizerId ?? ''
  return { authorizationType: 'JWT', authorizerId, scopes: AuthorizationScopes ?? [] }
}

/** Why no token can pass it, or undefined. AWS takes an authorizer without an audience, and nobody's call. */
export function findAudienceProblem({ JwtConfiguration }: Authorizer): string | undefined {
  const audiences = JwtConfiguration?.Audience ?? []
  return audiences.length > 0 ? undefined : 'has no audience, so that no token could pass'
}
