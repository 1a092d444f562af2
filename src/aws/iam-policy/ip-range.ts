/**
 * Addresses and networks in CIDR form, IPv4 and IPv6, as the conditions IpAddress and NotIpAddress compare them.
 *
 * An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
 */

import { BlockList, isIP, SocketAddress } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** Undefined: it is no address and no network. */
export function compileIpRange(text: string): ((address: string) => boolean) | undefined {
  const [written = '', bits, ...rest] = text.split('/')
  const version = isIP(written)
  if (version === 0 || rest.length > 0 || written.includes('%')) return undefined
  const widest = version === 6 ? 128 : 32
  const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (prefix < 0 || prefix > widest) return undefined
  const list = new BlockList()
  list.addSubnet(new SocketAddress({ address: written, family: familyOf(version) }), prefix)
  return (given) => contains(list, given, version)
}

function contains(list: BlockList, given: string, version: number): boolean {
  const address = MAPPED.exec(given)?.[1] ?? given
  // Of the other family: BlockList would compare it as a mapped one.
  return isIP(address) === version && list.check(address, familyOf(version))
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 6 ? 'ipv6' : 'ipv4'
}
