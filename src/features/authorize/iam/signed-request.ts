/**
 * A request to an API as its signature sees it: what was received, before anything was made of it.
 *
 * The path that is signed is the one that was sent; paths that can be read in two ways do not come here. The host is the
 * one that the request was routed by, so that a signature for one API is none for another.
 */

import type { WireRequest } from '../../../aws/wire-message.ts'
import type { Invocation } from '../../../invocation/invocation.ts'

const NO_BODY = new Uint8Array(0)

export function signedRequest(x: Invocation): WireRequest {
  const { method, path, query, authority, fields } = x.exchange.request
  const headers: [string, string][] = []
  let hasHost = false
  for (let i = 0; i < fields.count; i++) {
    const [name, value] = [fields.name(i), fields.value(i)]
    const isHost = name.toLowerCase() === 'host'
    hasHost ||= isHost
    // An absolute target names the host itself, whatever the field says.
    headers.push([name, isHost && value.toLowerCase() !== authority ? authority : value])
  }
  if (!hasHost) headers.push(['host', authority])
  const target = query === '' ? path : `${path}?${query}`
  return { method, target, headers, body: x.requestBody ?? NO_BODY }
}
