/**
 * What `postern explain` says of a request that no route takes: the methods that its path has, the routes that come
 * nearest, and the stages whose name it may have forgotten.
 */

import type { HttpApiStage } from '../../domain/http-api.ts'
import type { Because } from '../../invocation/because.ts'
import { shortList, shortText } from '../../observability/explain/evidence.ts'
import { ANY_METHODS, type Router, splitRouteKey } from '../routing/router.ts'

/** Routes that are looked at; more would take too long. */
const ROUTES_MAX = 512
const NEAREST = 3

export function noRouteBecause(router: Router, { routes, stageName }: HttpApiStage): Because {
  const keys = routes.slice(0, ROUTES_MAX).map(({ routeKey }) => routeKey)
  const rule = `the ${routes.length} routes of stage ${stageName}`
  return (x) => {
    const { httpMethod, requestPath } = x
    const seen = `${httpMethod} ${shortText(requestPath)}`
    const methods = [...ANY_METHODS].filter((method) => router.match(method, requestPath))
    if (methods.length > 0) {
      return { rule, seen, passes: `this path with ${methods.join(', ')}` }
    }
    const near = nearest(requestPath, keys)
    return {
      rule,
      seen,
      passes: near.length === 0 ? 'nothing: there is no route' : shortList(near),
    }
  }
}

/** By how many leading segments are the same, then by how many segments there are. */
function nearest(path: string, keys: readonly string[]): string[] {
  const segments = path.split('/')
  return keys
    .filter((key) => key !== '$default')
    .map((key) => ({ key, score: likeness(segments, splitRouteKey(key)[1].split('/')) }))
    .sort((one, other) => other.score - one.score)
    .slice(0, NEAREST)
    .map(({ key }) => key)
}

function likeness(path: readonly string[], route: readonly string[]): number {
  let same = 0
  for (let i = 1; i < Math.min(path.length, route.length); i++) {
    const [sent = '', wanted = ''] = [path[i], route[i]]
    if (wanted.startsWith('{')) same += 0.75
    else if (sent === wanted) same += 1
    else same += sent.toLowerCase() === wanted.toLowerCase() ? 0.9 : closeness(sent, wanted)
  }
  return same - Math.abs(path.length - route.length) / 2
}

/** A typing error: the same beginning, or the same end. */
function closeness(one: string, other: string): number {
  const length = Math.max(one.length, other.length)
  if (length === 0) return 0
  let begin = 0
  while (begin < length && one[begin] === other[begin]) begin++
  let end = 0
  while (end < length - begin && one.at(-1 - end) === other.at(-1 - end)) end++
  return ((begin + end) / length) * 0.8
}
