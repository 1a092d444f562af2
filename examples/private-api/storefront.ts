/**
 * The customer's web shop: `/` sends the browser to the hosted sign-in page, `/callback` turns the code that comes back into
 * tokens (authorization code with PKCE, RFC 7636) and shows an order that it got through the gateway with them.
 */

import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type ApiAddress, callApi } from './call-api.ts'

export interface StorefrontSettings {
  /** Where browsers find the pages of the pool: `http://private-api.auth.localhost:9090`. */
  readonly signInUrl: string
  /** Where programs find its endpoints; not all of them know names below localhost. */
  readonly issuer: string
  readonly clientId: string
  /** This shop's own, as it is known to the pool. */
  readonly callbackUrl: string
  /** Of the API. */
  readonly api: ApiAddress
}

/** Sign-ins that somebody has begun: their state, with the secret half of PKCE. */
type Begun = Map<string, string>

const BEGUN_MAX = 1_000

/** Not listening yet. */
export function storefront(settings: StorefrontSettings): Server {
  const begun: Begun = new Map()
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', settings.callbackUrl)
    if (url.pathname === '/') sendToSignIn(settings, begun, response)
    else if (url.pathname === '/callback') {
      showAnOrder(settings, begun, url.searchParams).then(
        (text) => page(response, 200, text),
        (error: Error) => page(response, 400, error.message),
      )
    } else page(response, 404, 'There is nothing here.')
  })
}

function sendToSignIn(
  { signInUrl, clientId, callbackUrl }: StorefrontSettings,
  begun: Begun,
  response: ServerResponse,
): void {
  const [state, verifier] = [token(), token()]
  if (begun.size >= BEGUN_MAX) begun.clear()
  begun.set(state, verifier)
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: callbackUrl, state },
    scope: 'openid orders/read orders/write',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  response.writeHead(302, { location: `${signInUrl}/oauth2/authorize?${query}` }).end()
}

async function showAnOrder(
  { issuer, clientId, callbackUrl, api }: StorefrontSettings,
  begun: Begun,
  query: URLSearchParams,
): Promise<string> {
  const state = query.get('state') ?? ''
  const verifier = begun.get(state)
  begun.delete(state)
  const code = query.get('code')
  if (verifier === undefined || code === null) throw new Error('This sign-in was not begun here.')
  const answer = await fetch(`${issuer}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: clientId, redirect_uri: callbackUrl },
      ...{ code, code_verifier: verifier },
    }),
  })
  if (!answer.ok) throw new Error(`No token: ${await answer.text()}`)
  const { access_token } = (await answer.json()) as { access_token: string }
  const order = await callApi(api, '/api/orders/42', access_token)
  return `The gateway says ${order.status}, and the service:\n\n${order.body}`
}

function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
  })
  const escaped = text.replace(/[&<>]/g, (each) => `&#${each.charCodeAt(0)};`)
  response.end(
    `<!doctype html><html lang="en"><title>Storefront</title><h1>Storefront</h1><pre>${escaped}</pre></html>`,
  )
}

function token(): string {
  return randomBytes(32).toString('base64url')
}
