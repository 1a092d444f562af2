// hot path — see STYLE §8
/**
 * Where a request carries its token: a header field or a query parameter, with `Bearer ` in front or without.
 *
 * A place that holds several values gives them joined with a comma, which no token can hold: nobody has to guess which
 * of them the origin will believe.
 */

import { QueryString } from '../../../expression/query-string/query-string.ts'
import { AUTHORIZATION } from '../../../http/message/known-headers.ts'
import type { Invocation } from '../../../invocation/invocation.ts'

/** '' when the request has none. */
export type ReadToken = (x: Invocation) => string

const SOURCE = /^\$request\.(header|querystring)\.(\S+)$/
const SCHEME = 'bearer'
const SPACE = 0x20

/** Undefined where the text is no identity source of a JWT authorizer. */
export function compileTokenSource(identitySource: string): ReadToken | undefined {
  const [, place, name] = SOURCE.exec(identitySource) ?? []
  if (place === undefined || name === undefined) return undefined
  if (place === 'querystring') return fromQuery(name)
  const lowerName = name.toLowerCase()
  return lowerName === 'authorization' ? readAuthorization : fromHeader(lowerName)
}

/** By far the commonest place. */
function readAuthorization(x: Invocation): string {
  const { fields } = x.exchange.request
  const index = fields.find(AUTHORIZATION)
  if (index === -1) return ''
  if (fields.find(AUTHORIZATION, index + 1) !== -1) return fields.get('authorization')!
  const { text, bounds } = fields
  const start = bounds[index * 4 + 2]!
  const end = bounds[index * 4 + 3]!
  return text.slice(start + schemeLength(text, start, end), end)
}

function fromHeader(lowerName: string): ReadToken {
  return (x) => withoutScheme(x.exchange.request.fields.get(lowerName) ?? '')
}

function fromQuery(name: string): ReadToken {
  return (x) => withoutScheme(new QueryString(x.exchange.request.query).joined(name) ?? '')
}

function withoutScheme(value: string): string {
  return value.slice(schemeLength(value, 0, value.length))
}

/** How many characters of `text` from `start` are the word Bearer, in any case, and the spaces behind it. */
function schemeLength(text: string, start: number, end: number): number {
  const length = SCHEME.length
  if (end - start < length) return 0
  for (let i = 0; i < length; i++) {
    if ((text.charCodeAt(start + i) | SPACE) !== SCHEME.charCodeAt(i)) return 0
  }
  if (end - start === length) return length
  if (text.charCodeAt(start + length) !== SPACE) return 0
  let i = start + length
  while (i < end && text.charCodeAt(i) === SPACE) i++
  return i - start
}
