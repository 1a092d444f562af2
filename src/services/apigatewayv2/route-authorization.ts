/**
 * Who may call a route: the authorization type, and the authorizer and scopes that go with it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
 */

import type { AuthorizerType, Route } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { Limits } from '../../domain/limits.ts'
import type { ReadContext } from '../service.ts'
import type { AuthorizerRecord } from './records.ts'

/** Authorization type → the type that its authorizer must have; undefined: it has none. */
const AUTHORIZER_TYPES: Readonly<Record<string, AuthorizerType | undefined>> = {
  NONE: undefined,
  AWS_IAM: undefined,
  JWT: 'JWT',
  CUSTOM: 'REQUEST',
}
/** Authorization type → what AWS says when its authorizer is not there, or is of another type. */
const INVALID_AUTHORIZER: Readonly<Record<string, string>> = {
  JWT: 'Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.',
  CUSTOM:
    'Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
}
const SCOPE_CHARACTERS_MAX = 64

/**
 * A route without what its authorization type has no use for, which is how a change to NONE lets go of the authorizer.
 * Throws when what the call itself says does not fit.
 */
export async function withAuthorization<T extends Route>(
  context: ReadContext,
  apiId: string,
  { route, said }: { readonly route: T; readonly said: Partial<Route> },
): Promise<T> {
  const type = said.AuthorizationType ?? route.AuthorizationType ?? 'NONE'
  if (!Object.hasOwn(AUTHORIZER_TYPES, type)) throw unknownType(type)
  const { AuthorizationScopes: saidScopes } = said
  const problem = findScopesProblem(
    { AuthorizationType: type, AuthorizationScopes: saidScopes },
    context.settings.limits,
  )
  if (problem !== undefined) throw new ServiceError('BadRequestException', problem)
  const { AuthorizerId, AuthorizationScopes, ...rest } = route
  const scopes = type === 'JWT' && AuthorizationScopes?.length ? { AuthorizationScopes } : {}
  const authorizerType = AUTHORIZER_TYPES[type]
  if (authorizerType === undefined) {
    if (said.AuthorizerId) throw noAuthorizer(type)
    return { ...rest, AuthorizationType: type } as T
  }
  const key = { kind: 'authorizer', parent: apiId, id: AuthorizerId ?? '' }
  const authorizer = await context.records.get<AuthorizerRecord>(key)
  if (authorizer?.body.AuthorizerType !== authorizerType) {
    throw new ServiceError('BadRequestException', INVALID_AUTHORIZER[type]!)
  }
  return { ...rest, AuthorizationType: type, AuthorizerId, ...scopes } as T
}

/** What is wrong with the scopes of a route; undefined when nothing is. */
export function findScopesProblem(
  { AuthorizationType: type = 'NONE', AuthorizationScopes: scopes = [] }: Partial<Route>,
  { scopesPerRoute: most }: Limits,
): string | undefined {
  if (scopes.length > 0 && type !== 'JWT') {
    return `Authorization scopes are for the authorization type JWT, and the type of this route is ${type}`
  }
  if (scopes.length > most) return `A route can have at most ${most} authorization scopes`
  const wrong = scopes.find((scope) => scope === '' || scope.length > SCOPE_CHARACTERS_MAX)
  if (wrong === undefined) return undefined
  return `Invalid authorization scope specified: it must have 1 to ${SCOPE_CHARACTERS_MAX} characters`
}

/** An empty one too: an update that takes the type away would open the route. */
function unknownType(type: string): ServiceError {
  const known = Object.keys(AUTHORIZER_TYPES).join(', ')
  return new ServiceError(
    'BadRequestException',
    `Invalid authorization type specified: "${type}". It must be one of ${known}`,
  )
}

function noAuthorizer(type: string): ServiceError {
  return new ServiceError(
    'BadRequestException',
    `The authorization type ${type} has no authorizer. Set it to JWT or CUSTOM, or leave AuthorizerId out`,
  )
}
