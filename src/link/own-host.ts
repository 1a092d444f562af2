/**
 * Keeps streams of a link away from the host of the agent: a name that resolves to it, or to the addresses where clouds
 * keep their secrets (169.254.0.0/16), is refused unless the list names just that.
 */

import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'

const NEVER_BY_NAME = new BlockList()
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['0.0.0.0', 8],
] as const) {
  NEVER_BY_NAME.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::1', 128],
  ['::', 128],
  ['fe80::', 10],
] as const) {
  NEVER_BY_NAME.addSubnet(network, bits, 'ipv6')
}

/** How names are resolved for an allowance. `listed`: the host as the list has it, perhaps `*.` and a name. */
export function guardedLookup(listed: string): LookupFunction {
  const named = listed.toLowerCase()
  if (named === 'localhost' || named.endsWith('.localhost')) return lookup as LookupFunction
  const wildcard = named.startsWith('*.')
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const reachable = error === null ? addresses.filter((one) => passes(one, wildcard)) : []
      const [first] = reachable
      if (first === undefined) {
        const refusal: NodeJS.ErrnoException =
          error ?? new Error(`${hostname} is this host itself, which the list does not name`)
        refusal.code ??= 'ENOTFOUND'
        callback(refusal, '', 4)
      } else if (options.all === true) callback(null, reachable)
      else callback(null, first.address, first.family)
    })
  }
}

function passes({ address }: LookupAddress, wildcard: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (NEVER_BY_NAME.check(address, family)) return false
  // Somebody else may add names below a wildcard; one that was written out was meant.
  return !wildcard || !ownAddresses().has(address)
}

function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return new Set(all.map(({ address }) => address))
}
