/**
 * Who the client is when a load balancer stands in front: X-Forwarded-For is believed as far as it was written by
 * proxies named in the settings, from the right, and no further.
 */

import { BlockList, isIP } from 'node:net'
import type { Exchange } from '../../http/exchange.ts'

export class TrustedProxies {
  readonly #list = new BlockList()

  /** `cidrs`: addresses or networks, IPv4 or IPv6. Throws on anything else. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) this.#add(cidr)
  }

  /** Address of the client: the rightmost that is no trusted proxy. */
  sourceIp(exchange: Exchange): string {
    const address = exchange.connection.remoteAddress
    if (!this.#trusts(address)) return address
    return this.behind(address, exchange.request.fields.get('x-forwarded-for'))
  }

  /** The same for a connection from `peer` whose request has this field. */
  behind(peer: string, forwardedFor: string | undefined): string {
    let address = peer
    if (!this.#trusts(address)) return address
    const hops = forwardedFor?.split(',') ?? []
    for (let i = hops.length - 1; i >= 0; i--) {
      const hop = hops[i]!.trim()
      if (isIP(hop) === 0) return address
      address = hop
      if (!this.#trusts(address)) return address
    }
    return address
  }

  #trusts(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }

  #add(cidr: string): void {
    const [address = '', bits] = cidr.split('/')
    const version = isIP(address)
    const family = version === 6 ? 'ipv6' : 'ipv4'
    const prefix = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits)
    if (
      version === 0 ||
      !Number.isInteger(prefix) ||
      prefix < 0 ||
      prefix > (version === 6 ? 128 : 32)
    ) {
      throw new RangeError(`${cidr} is not an IP address or network in CIDR form`)
    }
    this.#list.addSubnet(address, prefix, family)
  }
}
