/**
 * What `postern explain` says of a preflight with which a browser will not be content: its origin, its method or one of
 * its header fields is not among those that are allowed. Nothing of one that gets what it asks for.
 */

import type { CorsConfiguration } from '../../domain/http-api.ts'
import type { Because } from '../../invocation/because.ts'
import { type Evidence, shortList, shortText } from '../../observability/explain/evidence.ts'

/** Methods that need no leave (Fetch, CORS-safelisted method). */
const SIMPLE_METHODS = ['GET', 'HEAD', 'POST']

export function preflightBecause(
  cors: CorsConfiguration,
  allowsOrigin: (origin: string) => boolean,
): Because {
  return (x) => {
    const origin = x.requestHeader('origin') ?? ''
    if (!allowsOrigin(origin)) {
      return verdict('allowOrigins', `origin ${shortText(origin)}`, cors.allowOrigins)
    }
    const method = x.requestHeader('access-control-request-method') ?? ''
    if (!isAllowed(method, cors.allowMethods, cors) && !SIMPLE_METHODS.includes(method)) {
      return verdict('allowMethods', `method ${shortText(method)}`, cors.allowMethods)
    }
    const asked = x.requestHeader('access-control-request-headers') ?? ''
    const names = asked.split(',').map((name) => name.trim())
    const wrong = names.find((name) => name !== '' && !isAllowed(name, cors.allowHeaders, cors))
    if (wrong === undefined) return undefined
    return verdict('allowHeaders', `header field ${shortText(wrong)}`, cors.allowHeaders)
  }
}

function verdict(rule: string, seen: string, allowed: readonly string[]): Evidence {
  return { rule: `CORS, ${rule}: ${shortList(allowed)}`, seen, passes: shortList(allowed) }
}

/** `*` stands for everything, except where credentials are allowed, where it is a name like any other. */
function isAllowed(
  name: string,
  allowed: readonly string[],
  { allowCredentials }: CorsConfiguration,
): boolean {
  const lower = name.toLowerCase()
  return allowed.some((each) => (each === '*' && !allowCredentials) || each.toLowerCase() === lower)
}
