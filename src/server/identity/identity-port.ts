/**
 * The identity port: what clients of user pools need, and nothing that needs a signature.
 *
 * `POST /` takes the public operations of `cognito-idp`; under `/{poolId}` (or by the name `{domain}.auth.localhost`) stand
 * the pages of one pool, from the table of routes that whoever makes the port gives it. On node:http in the main thread,
 * plain, on loopback unless told otherwise. Browsers may call what needs no cookie: `Access-Control-Allow-Origin: *`.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KnownPool, UserPoolDirectory } from '../../identity/user-pools/directory.ts'
import { createMainThreadPort, type MainThreadPort } from '../control/main-thread-port.ts'
import { endWithUnreadBody } from '../control/unread-body.ts'

/** Where a page of a pool was asked for. */
export interface IdentityPlace {
  readonly known: KnownPool
  /** Base of the pool's pages as this client reached them: '' by a name of its own, else `/{poolId}`. */
  readonly base: string
  /** The rest of the path: `/oauth2/token`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly sourceIp: string
}

export interface IdentityRoute {
  readonly methods: readonly string[]
  /** Web pages of other origins may read the answer; never for what a cookie opens. */
  readonly crossOrigin: boolean
  /** Errors that it throws end as a 500 that says nothing. */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    place: IdentityPlace,
  ) => Promise<void>
}

export type IdentityRoutes = Readonly<Record<string, IdentityRoute>>

export interface IdentityPortParts {
  readonly directory: UserPoolDirectory
  readonly routes: IdentityRoutes
  /** Public operations. */
  readonly call: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** The client's address, behind proxies that are trusted. */
  readonly sourceIp: (peer: string, forwardedFor: string | undefined) => string
  /** Hears of bugs. */
  readonly trouble: (thrown: unknown) => void
}

const CALL_FIELDS =
  'authorization,content-type,x-amz-target,x-amz-user-agent,x-amz-date,cache-control,amz-sdk-invocation-id,amz-sdk-request'

export function createIdentityPort(parts: IdentityPortParts): MainThreadPort {
  const times = { requestTimeoutMs: 15_000, unreadTimeoutMs: 60_000 }
  return createMainThreadPort(times, (request, response) => {
    answer(parts, request, response).catch((thrown: unknown) => {
      parts.trouble(thrown)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { message: 'Something is wrong with Postern itself.' })
    })
  })
}

async function answer(
  parts: IdentityPortParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', query = ''] = splitOnce(request.url ?? '')
  if (path === '/' && request.headers['x-amz-target'] !== undefined) {
    allowOrigins(response)
    return parts.call(request, response)
  }
  const place = placeOf(parts.directory, request.headers.host, path)
  if (place === undefined) {
    if (path === '/' && request.method === 'OPTIONS') return preflight(response, 'POST')
    return sendJson(response, 404, { message: 'There is no user pool here.' })
  }
  const route = Object.hasOwn(parts.routes, place.path) ? parts.routes[place.path]! : undefined
  if (route === undefined) return sendJson(response, 404, { message: 'There is no such page.' })
  if (route.crossOrigin) allowOrigins(response)
  const method = request.method ?? ''
  if (method === 'OPTIONS' && route.crossOrigin) {
    return preflight(response, route.methods.join(','))
  }
  const asked = method === 'HEAD' ? 'GET' : method
  if (!route.methods.includes(asked)) {
    response.setHeader('allow', route.methods.join(', '))
    return sendJson(response, 405, { message: `This page takes ${route.methods.join(', ')}.` })
  }
  const peer = request.socket.remoteAddress ?? ''
  const forwarded = request.headers['x-forwarded-for']
  const sourceIp = parts.sourceIp(peer, forwarded?.toString())
  await route.handle(request, response, { ...place, query: new URLSearchParams(query), sourceIp })
}

/** A JSON document, not stored unless `cacheSeconds` says how long. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: object,
  cacheSeconds?: number,
): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': cacheSeconds === undefined ? 'no-store' : `public, max-age=${cacheSeconds}`,
    'x-content-type-options': 'nosniff',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
  endWithUnreadBody(response.req, response)
}

type Where = Pick<IdentityPlace, 'known' | 'base' | 'path'>

function placeOf(
  directory: UserPoolDirectory,
  host: string | undefined,
  path: string,
): Where | undefined {
  const domain = /^([a-z0-9-]+)\.auth\.[a-z0-9.-]+(?::\d+)?$/i.exec(host ?? '')?.[1]
  const named = domain && directory.poolOfDomain(domain.toLowerCase())
  if (named) return { known: named, base: '', path }
  const [, poolId = '', rest = ''] = /^\/([\w-]+_[0-9a-zA-Z]+)(\/.*)?$/.exec(path) ?? []
  const known = directory.pool(poolId)
  return known && { known, base: `/${poolId}`, path: rest === '' ? '/' : rest }
}

function splitOnce(target: string): readonly [string, string] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
}

function allowOrigins(response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-expose-headers', 'x-amzn-requestid,x-amzn-errortype,date')
}

function preflight(response: ServerResponse, methods: string): void {
  allowOrigins(response)
  response.writeHead(204, {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': CALL_FIELDS,
    'access-control-max-age': '600',
    'content-length': '0',
  })
  response.end()
}
