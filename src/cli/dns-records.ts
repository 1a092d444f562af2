/**
 * The DNS records that custom domain names need, and whether they are there. Look-ups are handed in; every look-up that
 * cannot be made is an answer, too.
 */

import { isIPv4, isIPv6 } from 'node:net'
import { isLocalName } from '../certificates/server-names.ts'

/** Addresses of a name; empty: it has none. Rejects where nobody answers. */
export type LookUp = (name: string) => Promise<readonly string[]>

export interface DnsRecord {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'CNAME'
  readonly value: string
}

export type DnsState =
  | { readonly state: 'ok' }
  /** The name is below localhost. */
  | { readonly state: 'local' }
  | { readonly state: 'missing' }
  | { readonly state: 'elsewhere'; readonly addresses: readonly string[] }
  | { readonly state: 'unknown'; readonly why: string }

/** A label that hardly anybody has set by itself, to ask for a wildcard. */
const ANY_LABEL = 'postern-check'

/** What has to stand in the zone; `places` are addresses, or one name. */
export function recordsFor(domainName: string, places: readonly string[]): DnsRecord[] {
  if (isLocalName(domainName)) return []
  return places.map((value) => ({ name: domainName, type: typeOf(value), value }))
}

function typeOf(place: string): DnsRecord['type'] {
  if (isIPv4(place)) return 'A'
  return isIPv6(place) ? 'AAAA' : 'CNAME'
}

/** Where the name leads now: to one of the places and to nothing else, or not. */
export async function checkRecords(
  domainName: string,
  places: readonly string[],
  lookUp: LookUp,
): Promise<DnsState> {
  if (isLocalName(domainName)) return { state: 'local' }
  try {
    const asked = domainName.replace(/^\*/, ANY_LABEL)
    const found = await lookUp(asked)
    if (found.length === 0) return { state: 'missing' }
    const wanted = new Set((await addressesOf(places, lookUp)).map(canonical))
    const others = found.filter((address) => !wanted.has(canonical(address)))
    return others.length === 0 ? { state: 'ok' } : { state: 'elsewhere', addresses: others }
  } catch (error) {
    return { state: 'unknown', why: error instanceof Error ? error.message : String(error) }
  }
}

async function addressesOf(places: readonly string[], lookUp: LookUp): Promise<string[]> {
  const lists = await Promise.all(
    places.map((place) => (typeOf(place) === 'CNAME' ? lookUp(place) : [place])),
  )
  return lists.flat()
}

/** An IPv6 address has many spellings. */
function canonical(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname : address
}

export function stateText(state: DnsState): string {
  switch (state.state) {
    case 'ok':
      return 'ok'
    case 'local':
      return 'this machine, no record needed'
    case 'missing':
      return 'missing: the name has no address'
    case 'elsewhere':
      return `leads elsewhere: ${state.addresses.join(', ')}`
    case 'unknown':
      return `unknown: ${state.why}`
  }
}
