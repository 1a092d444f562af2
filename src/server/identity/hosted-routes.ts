/**
 * The pages and endpoints of user pools on the identity port: from node's request to a `WebRequest`, and the answer back.
 *
 * A form is read up to a small bound. What a browser's cookie opens is for pages of the same origin only; the endpoints
 * that take a token or a client's secret may be called from everywhere.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { HostedSite } from '../../identity/hosted-pages/hosted-site.ts'
import type { AuthorizationCodes } from '../../identity/oauth/authorization-codes.ts'
import type { PagePool } from '../../identity/oauth/page-port.ts'
import { answerRevoke, answerToken, answerUserInfo } from '../../identity/oauth/token-endpoint.ts'
import type { TokenPool } from '../../identity/oauth/token-port.ts'
import { jsonAnswer, type WebAnswer, type WebRequest } from '../../identity/oauth/web-message.ts'
import { endWithUnreadBody } from '../control/unread-body.ts'
import type { IdentityPlace, IdentityRoute, IdentityRoutes } from './identity-port.ts'

export interface HostedRoutesParts {
  readonly site: HostedSite
  readonly codes: AuthorizationCodes
  readonly poolAt: (place: IdentityPlace) => PagePool & TokenPool
  /** The address of the pool as this client reached it. */
  readonly baseAt: (place: IdentityPlace, host: string | undefined) => string
  readonly formBytesMax: number
}

type Answer = (request: WebRequest, place: IdentityPlace) => Promise<WebAnswer | undefined>

const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:;|$)/i

export function hostedRoutes(parts: HostedRoutesParts): IdentityRoutes {
  const { site, codes, poolAt } = parts
  const shown = HostedSite.pages().map(({ page, methods }) => {
    const answer: Answer = (request, place) => site.answer(poolAt(place), page, request)
    return [`/${page}`, routeOf(parts, { methods, crossOrigin: false }, answer)] as const
  })
  const open = (methods: readonly string[], answer: Answer) =>
    routeOf(parts, { methods, crossOrigin: true }, answer)
  return {
    ...Object.fromEntries(shown),
    '/oauth2/token': open(['POST'], (request, place) => answerToken(poolAt(place), request, codes)),
    '/oauth2/revoke': open(['POST'], (request, place) => answerRevoke(poolAt(place), request)),
    '/oauth2/userInfo': open(['GET', 'POST'], (request, place) =>
      answerUserInfo(poolAt(place), request),
    ),
  }
}

function routeOf(
  parts: HostedRoutesParts,
  kind: Pick<IdentityRoute, 'methods' | 'crossOrigin'>,
  answer: Answer,
): IdentityRoute {
  return {
    ...kind,
    handle: async (incoming, response, place) => {
      const form = await readForm(incoming, parts.formBytesMax)
      if (form === undefined) return send(response, NO_FORM)
      const request = webRequest(incoming, place, {
        form,
        base: parts.baseAt(place, incoming.headers.host),
      })
      send(response, (await answer(request, place)) ?? NOT_FOUND)
    },
  }
}

const NO_FORM = jsonAnswer(400, { error: 'invalid_request' })
const NOT_FOUND = jsonAnswer(404, { message: 'There is no such page.' })

function webRequest(
  incoming: IncomingMessage,
  { query, sourceIp }: IdentityPlace,
  { form, base }: Pick<WebRequest, 'form' | 'base'>,
): WebRequest {
  const { url = '', method = '' } = incoming
  const mark = url.indexOf('?')
  return {
    method,
    query,
    search: mark < 0 ? '' : url.slice(mark),
    form,
    header: (name) => incoming.headers[name]?.toString(),
    sourceIp,
    base,
  }
}

/** Undefined: it is no form, or too large. */
async function readForm(
  incoming: IncomingMessage,
  bytesMax: number,
): Promise<URLSearchParams | undefined> {
  if (incoming.method !== 'POST') return new URLSearchParams()
  const declared = Number(incoming.headers['content-length'] ?? 0)
  if (declared > bytesMax) return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) return undefined
      chunks.push(chunk)
    }
  } catch {
    // The client has gone.
    return undefined
  }
  if (bytes > 0 && !FORM_TYPE.test(incoming.headers['content-type'] ?? '')) return undefined
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

function send(response: ServerResponse, answer: WebAnswer): void {
  const { status, headers, cookies = [] } = answer
  const body = Buffer.from(answer.body as string)
  const { req: request } = response
  response.writeHead(status, {
    ...headers,
    'content-length': body.length,
    ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  endWithUnreadBody(request, response)
}
