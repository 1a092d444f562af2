/** What both forms of a recorded call say, read from its invocation. */

import type { Invocation } from '../../invocation/invocation.ts'

export const PATH_CHARACTERS_MAX = 1_024
export const USER_AGENT_CHARACTERS_MAX = 256

/** The date of a moment on the monotonic clock. */
export function epochOf(x: Invocation, monotonicMs: number): number {
  const { clock } = x.stageContext.services
  return clock.epochMs() - (clock.now() - monotonicMs)
}

/** `/pets/{id}`; '' where no route matched, or the one that takes everything. */
export function routePath(x: Invocation): string {
  const slash = x.routeKey.indexOf('/')
  return slash === -1 ? '' : x.routeKey.slice(slash)
}

/** The method that the origin got. */
export function originMethod(x: Invocation): string {
  const method = x.plan.origin?.method ?? 'ANY'
  return method === 'ANY' ? x.httpMethod : method
}

export function cut(text: string, characters: number): string {
  return text.length > characters ? text.slice(0, characters) : text
}
