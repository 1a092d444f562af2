/**
 * Who may call a route: the authorization type, and the authorizer and scopes that go with it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
 */

import type { AuthorizerType, Route } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'
import type { AuthorizerRecord } from './records.ts'

/** Authorization type → the type that its authorizer must have. */
const AUTHORIZER_TYPES: Readonly<Record<string, AuthorizerType>> = {
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
  const type = route.AuthorizationType ?? 'NONE'
  checkScopes(context, type, said.AuthorizationScopes ?? [])
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

function checkScopes({ settings }: ReadContext, type: string, scopes: readonly string[]): void {
  const most = settings.limits.scopesPerRoute
  if (scopes.length > 0 && type !== 'JWT') {
    throw new ServiceError(
      'BadRequestException',
      `Authorization scopes are for the authorization type JWT, and the type of this route is ${type}`,
    )
  }
  if (scopes.length > most) {
    throw new ServiceError(
      'BadRequestException',
      `A route can have at most ${most} authorization scopes`,
    )
  }
  const wrong = scopes.find((scope) => scope === '' || scope.length > SCOPE_CHARACTERS_MAX)
  if (wrong === undefined) return
  throw new ServiceError(
    'BadRequestException',
    `Invalid authorization scope specified: it must have 1 to ${SCOPE_CHARACTERS_MAX} characters`,
  )
}

function noAuthorizer(type: string): ServiceError {
  return new ServiceError(
    'BadRequestException',
    `The authorization type ${type} has no authorizer. Set it to JWT or CUSTOM, or leave AuthorizerId out`,
  )
}
