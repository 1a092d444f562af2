/**
 * Cookies that keep a client with its target, or with its group of targets, in the names of Application Load Balancers
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html).
 *
 * A cookie names its target by a digest, so that it tells nobody an address, and a made-up one leads nowhere new: its
 * holder could have been sent there anyway.
 */

import { createHash } from 'node:crypto'
import type { TargetGroup } from '../domain/target-group.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import type { RequestView } from './request-view.ts'

export const GENERATED_COOKIE = 'AWSALB'
/** Beside a cookie of the application. */
export const APPLICATION_COOKIE = 'AWSALBAPP-0'
export const GROUP_COOKIE = 'AWSALBTG'

/** What cookies call a target or a group. */
export function stickyId(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 22)
}

/** The id that the request asks for; '' for none. */
export function wantedTarget({ stickiness }: TargetGroup, request: RequestView): string {
  if (stickiness === undefined) return ''
  if (stickiness.generated) return request.cookie(GENERATED_COOKIE)
  return request.cookie(stickiness.cookieName) === '' ? '' : request.cookie(APPLICATION_COOKIE)
}

/** Header block that keeps the client with the target which has answered; '' for none. */
export function targetCookie({ stickiness }: TargetGroup, id: string, head: ResponseHead): string {
  if (stickiness === undefined) return ''
  const { cookieName, durationMs, generated } = stickiness
  if (generated) return cookiePair(GENERATED_COOKIE, id, durationMs)
  return setsCookie(head, cookieName) ? cookiePair(APPLICATION_COOKIE, id, durationMs) : ''
}

/** The cookie, and the one that browsers send to other sites as well (`…CORS`). */
export function cookiePair(name: string, id: string, durationMs: number): string {
  const rest = `=${id}; Max-Age=${Math.floor(durationMs / 1_000)}; Path=/`
  const cors =
    name === APPLICATION_COOKIE ? '' : `set-cookie: ${name}CORS${rest}; SameSite=None; Secure\r\n`
  return `set-cookie: ${name}${rest}\r\n${cors}`
}

function setsCookie({ fields }: ResponseHead, cookieName: string): boolean {
  for (let i = 0; i < fields.count; i++) {
    if (fields.name(i).toLowerCase() !== 'set-cookie') continue
    if (fields.value(i).startsWith(`${cookieName}=`)) return true
  }
  return false
}
