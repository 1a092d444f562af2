/**
 * What streams of a link may reach (adversarial test 52): host, port, path prefix at a segment boundary, stage. What is
 * not listed is not reached. Hub and agent decide by the same code, each for itself.
 */

import type { LinkAllowance } from '../domain/link.ts'
import { canonicalPath } from '../http/message/canonical-path.ts'

/**
 * The stage of health checks, which run for a listener and for nobody's API. The list has to name host, port and path of
 * a check, for whichever stage; and no stream without a stage is anything but a GET.
 */
export const OF_NO_STAGE = ''

export interface Wanted {
  /** In lower case, an IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  /** `{apiId}/{stage}`, or OF_NO_STAGE. */
  readonly stage: string
}

/** The allowances that fit a target, whatever the path; an origin keeps them for all of its requests. */
export function allowancesFor(
  allow: readonly LinkAllowance[],
  wanted: Wanted,
): readonly LinkAllowance[] {
  return allow.filter(
    ({ host, port, stage }) =>
      port === wanted.port &&
      (stage === undefined || stage === wanted.stage || wanted.stage === OF_NO_STAGE) &&
      hostFits(host.toLowerCase(), wanted.host),
  )
}

function hostFits(allowed: string, host: string): boolean {
  if (!allowed.startsWith('*.')) return allowed === host
  return host.endsWith(allowed.slice(1)) && host.length > allowed.length - 1
}

/** `target` is what stands in the request line: a path, perhaps with a query. */
export function allowsPath(allowances: readonly LinkAllowance[], target: string): boolean {
  if (allowances.length === 0) return false
  for (const { pathPrefix } of allowances) if (pathPrefix === '/') return target.startsWith('/')
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  // A path with two readings is nothing that a prefix could be compared with.
  if (!path.startsWith('/') || path.includes(';') || canonicalPath(path) !== path) return false
  return allowances.some(({ pathPrefix }) => isBelow(path, pathPrefix))
}

function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/'
}
