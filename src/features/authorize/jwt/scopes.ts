/**
 * Scopes: what a token may be used for, and what a route asks for. A token needs one of the route's, as a whole word.
 */

import type { JsonObject } from '../../../base/strict-json.ts'

/** Where issuers write them: `scope` by RFC 8693 §4.2, `scp` by Entra and Okta. */
const CLAIMS = ['scope', 'scp']

/** Of both claims together, each a text with spaces or a list; undefined where one is neither. */
export function scopesOf(claims: JsonObject): readonly string[] | undefined {
  const scopes: string[] = []
  for (const name of CLAIMS) {
    if (!Object.hasOwn(claims, name)) continue
    const written = claims[name]
    if (typeof written === 'string') scopes.push(...written.split(' '))
    else if (Array.isArray(written) && written.every((each) => typeof each === 'string')) {
      scopes.push(...written)
    } else return undefined
  }
  return scopes.filter((scope) => scope !== '')
}

export function hasOneOf(scopes: readonly string[], asked: readonly string[]): boolean {
  for (let i = 0; i < asked.length; i++) if (scopes.includes(asked[i]!)) return true
  return false
}
