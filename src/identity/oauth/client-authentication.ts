/**
 * Who calls the token and the revocation endpoint: `client_secret_basic`, `client_secret_post`, or a public client by its
 * id alone. RFC 6749, 2.3 and 3.2.1.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { OAuthClient } from './oauth-client.ts'
import { OAuthError } from './oauth-error.ts'

export interface PresentedClient {
  readonly clientId: string
  readonly secret: string | undefined
}

/** Throws OAuthError when the two ways are mixed or neither is there. */
export function presentedClient(
  authorization: string | undefined,
  form: URLSearchParams,
): PresentedClient {
  const posted = form.get('client_id') || undefined
  const postedSecret = form.get('client_secret') || undefined
  if (authorization === undefined) {
    if (posted === undefined) throw new OAuthError('invalid_request')
    return { clientId: posted, secret: postedSecret }
  }
  const basic = readBasic(authorization)
  // One way of proving it in a request, and one client.
  if (postedSecret !== undefined) throw new OAuthError('invalid_request')
  if (posted !== undefined && posted !== basic.clientId) throw new OAuthError('invalid_client')
  return basic
}

/** Takes as long for a client that does not exist as for a wrong secret. Throws OAuthError. */
export function requireClient(
  presented: PresentedClient,
  client: OAuthClient | undefined,
): OAuthClient {
  const isGenuine = sameSecret(presented.secret, client?.secret)
  if (client === undefined || !isGenuine) throw new OAuthError('invalid_client')
  return client
}

function readBasic(authorization: string): PresentedClient {
  const [, encoded = ''] = /^basic +([\w+/]+={0,2}) *$/i.exec(authorization) ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) throw new OAuthError('invalid_client')
  return {
    clientId: formDecoded(text.slice(0, colon)),
    secret: formDecoded(text.slice(colon + 1)) || undefined,
  }
}

/** Id and secret are form-encoded in front of base64; who does not do so sends the same for the letters of ours. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new OAuthError('invalid_client')
  }
}

/** A public client presents none, and none is what it has. */
function sameSecret(given: string | undefined, actual: string | undefined): boolean {
  const equal = timingSafeEqual(digest(given ?? ''), digest(actual ?? ''))
  return equal && (given === undefined) === (actual === undefined)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
