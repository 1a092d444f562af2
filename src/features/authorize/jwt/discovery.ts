/**
 * From an issuer to its keys: the discovery document, then the key set that it points to.
 *
 * What may be fetched: the author of the API has named the issuer, so any address may be its own, as with an
 * integration. Where the keys are is the word of the issuer alone; it may lead to the issuer's host, or to another
 * one that is public, and to nothing in a private network that the issuer could not reach itself. Every line is
 * https, but for an issuer on this machine. Redirects are not followed.
 */

import { isLoopbackHost } from '../../../base/loopback.ts'
import type { JsonObject } from '../../../base/strict-json.ts'
import type { FetchDocument, Reach } from '../../../http/client/fetch-document.ts'
import { type KeySet, readKeySet } from './key-set.ts'

export type FetchedKeys =
  | { readonly kind: 'keys'; readonly keys: KeySet }
  /** For operators. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface DiscoveryDeps {
  readonly fetchDocument: FetchDocument
  readonly keysMax: number
}

const SHOWN_CHARACTERS = 200

export async function fetchKeySet(issuer: string, deps: DiscoveryDeps): Promise<FetchedKeys> {
  const { fetchDocument, keysMax } = deps
  const home = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  const reach = home.protocol === 'http:' ? 'loopback' : 'any'
  const discovered = await fetchDocument({ url: home, reach })
  if (discovered.kind === 'failed') return failed(`${home.href}: ${discovered.reason}`)
  const found = keysAddress(discovered.text, issuer, home)
  if (found.kind === 'failed') return failed(`${home.href}: ${found.reason}`)
  const { url } = found
  const fetched = await fetchDocument(found)
  const place = shown(url.href)
  if (fetched.kind === 'failed') return failed(`${place}: ${fetched.reason}`)
  const keys = readKeySet(fetched.text, keysMax)
  if (keys === undefined) {
    return failed(`${place}: no key set (RFC 7517), or more than ${keysMax} keys`)
  }
  return { kind: 'keys', keys }
}

interface KeysAddress {
  readonly kind: 'address'
  readonly url: URL
  readonly reach: Reach
}

type Failed = Extract<FetchedKeys, { kind: 'failed' }>

function keysAddress(text: string, issuer: string, home: URL): KeysAddress | Failed {
  const document = objectIn(text)
  if (document === undefined) return failed('no discovery document of OpenID Connect')
  const { issuer: named, jwks_uri: written } = document
  if (named !== issuer) return failed(`it is of the issuer ${shown(named)}`)
  const url = typeof written === 'string' ? URL.parse(written) : null
  if (url === null || url.username !== '' || url.password !== '') {
    return failed(`jwks_uri ${shown(written)} is no address`)
  }
  const isLocal = home.protocol === 'http:'
  if (isLocal && url.protocol === 'http:' && isLoopbackHost(url.hostname)) {
    return { kind: 'address', url, reach: 'loopback' }
  }
  if (url.protocol !== 'https:') return failed(`jwks_uri ${shown(written)} is not https`)
  return { kind: 'address', url, reach: url.hostname === home.hostname ? 'any' : 'public' }
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** What a document says, short enough for a log line. */
function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, SHOWN_CHARACTERS))
    : 'that is no text'
}

function failed(reason: string): Failed {
  return { kind: 'failed', reason }
}
