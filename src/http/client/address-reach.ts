/**
 * How far an address reaches: this machine, the public internet, or anywhere.
 *
 * Public is what can be routed across the internet (RFC 6890 and the registries of IANA for special addresses); an
 * IPv4 address inside an IPv6 one is not, whichever way it was put there.
 */

import { BlockList, isIP } from 'node:net'

export type Reach = 'any' | 'public' | 'loopback'

const LOOPBACK = listOf(['127.0.0.0/8', '::1/128'])
const NOT_PUBLIC = listOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
])
/** All that is handed out to anybody. */
const GLOBAL_UNICAST = listOf(['2000::/3'])

export function isWithinReach(address: string, reach: Reach): boolean {
  const version = isIP(address)
  if (version === 0) return false
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (reach === 'any') return true
  if (reach === 'loopback') return LOOPBACK.check(address, family)
  if (NOT_PUBLIC.check(address, family)) return false
  return family === 'ipv4' || GLOBAL_UNICAST.check(address, family)
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
