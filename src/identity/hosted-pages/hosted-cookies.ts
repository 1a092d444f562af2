/**
 * The two cookies of the hosted pages: the session of who is signed in, and the seed of the form tokens.
 *
 * Not for scripts, not for other sites but when a link leads here, and over https under `__Host-`, which no neighbour can
 * set. Each pool has names of its own, as all pools of a Postern can have one host.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis
 */

import { cookieOf, type WebRequest } from '../oauth/web-message.ts'

export type HostedCookie = 'session' | 'form'

export function readHostedCookie(
  request: WebRequest,
  which: HostedCookie,
  poolId: string,
): string | undefined {
  return cookieOf(request, nameOf(request, which, poolId))
}

/** `undefined` takes it away. */
export function writeHostedCookie(
  request: WebRequest,
  which: HostedCookie,
  { poolId, value }: { readonly poolId: string; readonly value: string | undefined },
): string {
  const isSecure = request.base.startsWith('https:')
  // What begins with __Host- has to be for every path.
  const path = isSecure ? '/' : new URL(request.base).pathname
  const flags = `Path=${path}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  const life = value === undefined ? '; Max-Age=0' : ''
  return `${nameOf(request, which, poolId)}=${value ?? ''}; ${flags}${life}`
}

function nameOf({ base }: WebRequest, which: HostedCookie, poolId: string): string {
  const prefix = base.startsWith('https:') ? '__Host-' : ''
  return `${prefix}postern-${which}-${poolId}`
}
