/**
 * Keys of routes: `GET /pets/{id}`, `ANY /{proxy+}`, `$default`. Paths keep the rules that definitions have.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import { findPathProblem, shapeOf } from '../../definitions/open-api/route-path.ts'
import type { LimitProfile } from '../../domain/limits.ts'

const DEFAULT = '$default'
const METHODS = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** Throws when the key is none. */
export function checkRouteKey(routeKey: string, profile: LimitProfile): void {
  if (routeKey === DEFAULT) return
  const [method = '', path = '', ...more] = routeKey.split(' ')
  if (!METHODS.includes(method) || !path.startsWith('/') || more.length > 0) throw MALFORMED
  const problem = findPathProblem(path, profile)
  if (problem === undefined) return
  throw new ServiceError(
    'BadRequestException',
    `Invalid route key specified: ${routeKey}. ${problem.message} ${problem.mend}`,
  )
}

/** The same for keys that take the same requests: names of path variables make no difference. */
export function requestsOf(routeKey: string): string {
  const space = routeKey.indexOf(' ')
  return space === -1 ? routeKey : routeKey.slice(0, space + 1) + shapeOf(routeKey.slice(space + 1))
}

/** Throws when one of the keys takes the requests of the new one. */
export function checkRouteKeyIsFree(routeKey: string, others: readonly string[]): void {
  const requests = requestsOf(routeKey)
  const taken = others.find((other) => requestsOf(other) === requests)
  if (taken === undefined) return
  const message =
    taken === routeKey
      ? `Route with key ${routeKey} already exists for this API`
      : `Route with key ${routeKey} takes the same requests as ${taken}, which already exists for this API`
  throw new ServiceError('ConflictException', message)
}

const MALFORMED = new ServiceError(
  'BadRequestException',
  'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
)
