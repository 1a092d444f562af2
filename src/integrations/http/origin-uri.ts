/**
 * The integration URI of an HTTP proxy route, taken apart when the stage is compiled
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html).
 */

import { interpolateStageVariables } from '../../expression/stage-variables.ts'
import { scanTarget } from '../../http/message/request-target.ts'

export interface OriginUri {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** Value of the Host field: host, and the port where it is not the scheme's own. */
  readonly authority: string
  /** Path pieces: text, or the position of a path parameter. */
  readonly path: readonly (string | number)[]
  /** Query of the URI itself, '' for none; the client's is appended. */
  readonly query: string
  /** The whole request path is appended: the route is `$default`. */
  readonly appendsPath: boolean
}

/** The URI cannot be used; the message says why. */
export class OriginUriError extends Error {
  override name = 'OriginUriError'
}

const URI = /^(https?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?$/i

/** Compiles a URI with `{parameters}` and `${stageVariables.x}`. */
export function compileOriginUri(
  uri: string,
  routeKey: string,
  parameterNames: readonly string[],
  stageVariables: Readonly<Record<string, string>>,
): OriginUri {
  const { text, missing } = interpolateStageVariables(uri, stageVariables)
  if (missing.length > 0) throw new OriginUriError(`stage variable ${missing[0]} is not set`)
  const parts = URI.exec(text)
  if (parts === null) throw new OriginUriError(`${text} is not an absolute http or https URI`)
  const [, scheme = '', authority = '', path = '', query = ''] = parts
  if (authority.includes('@')) throw new OriginUriError('a URI with credentials is not accepted')
  checkCharacters(text, path, query)
  const { host, port } = splitAuthority(authority, scheme.toLowerCase() === 'https')
  return {
    secure: scheme.toLowerCase() === 'https',
    host,
    port,
    authority,
    path: splitPath(path, parameterNames),
    query,
    appendsPath: routeKey === '$default',
  }
}

/** Path parameters have values that fit; what stands around them goes into the request line as it is. */
function checkCharacters(text: string, path: string, query: string): void {
  const target = `/${path.replace(/[{}]/g, '')}?${query}`
  if (/[^\x21-\x7e]/.test(text) || scanTarget(target) === -1) {
    throw new OriginUriError(
      `${JSON.stringify(text)} holds a character that no URI may: write it percent-encoded, a host in punycode`,
    )
  }
}

function splitAuthority(authority: string, secure: boolean): { host: string; port: number } {
  const url = URL.parse(`${secure ? 'https' : 'http'}://${authority}/`)
  if (url === null) throw new OriginUriError(`${authority} is not a host`)
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

function splitPath(path: string, parameterNames: readonly string[]): (string | number)[] {
  const pieces: (string | number)[] = []
  let from = 0
  for (const found of path.matchAll(/\{([^{}+]+)\+?\}/g)) {
    const index = parameterNames.indexOf(found[1]!)
    if (index === -1) throw new OriginUriError(`the route has no path parameter {${found[1]}}`)
    if (found.index > from) pieces.push(path.slice(from, found.index))
    pieces.push(index)
    from = found.index + found[0].length
  }
  if (from < path.length) pieces.push(path.slice(from))
  return pieces
}

/** Path and query of the origin request. `requestPath` and the parameters are canonical. */
export function originTarget(
  uri: OriginUri,
  parameters: readonly string[],
  requestPath: string,
  query: string,
): string {
  let path = ''
  for (const piece of uri.path) path += typeof piece === 'string' ? piece : parameters[piece]!
  if (uri.appendsPath) {
    path = path.endsWith('/') ? path.slice(0, -1) + requestPath : path + requestPath
  }
  return withQuery(uri, path === '' ? '/' : path, query)
}

/** The same, when a mapping has replaced the path. */
export function withQuery(uri: OriginUri, path: string, query: string): string {
  if (uri.query === '') return query === '' ? path : `${path}?${query}`
  return query === '' ? `${path}?${uri.query}` : `${path}?${uri.query}&${query}`
}
