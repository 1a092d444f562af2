/**
 * Who answers the requests of an integration: the address in its URI, or a load balancer's listener that finds a target
 * for each request. Integrations hold an `Origin` and know no more than that.
 */

import type { Integration } from '../../domain/http-api.ts'
import type { Origin } from '../../http/client/origin.ts'
import type { OriginAddress, OriginTls } from '../../http/client/origin-pool.ts'
import { type OriginUri, OriginUriError } from '../../integrations/http/origin-uri.ts'

/** How the targets of a listener are reached, as far as the integration says. */
export interface TargetWay {
  /** Of targets that are reached over TLS; undefined: the host of the target. */
  readonly serverName: string | undefined
  readonly verify: boolean
}

export interface OriginSources {
  /** Shared by all integrations that lead there. */
  origin(address: OriginAddress): Origin
  /** Finds a target for each request; undefined: nothing is known of load balancers. */
  balanced(listenerArn: string, way: TargetWay): Origin | undefined
}

/** Throws OriginUriError. */
export function compileOrigin(
  integration: Integration,
  uri: OriginUri,
  sources: OriginSources,
): Origin {
  const { listenerArn, tlsConfig } = integration
  const serverName = tlsConfig?.serverNameToVerify
  const verify = tlsConfig?.insecureSkipVerification !== true
  if (listenerArn !== undefined) {
    const found = sources.balanced(listenerArn, { serverName, verify })
    if (found === undefined) throw new OriginUriError(`${listenerArn} is no listener here`)
    return found
  }
  return sources.origin({
    host: uri.host,
    port: uri.port,
    tls: uri.secure ? originTls(uri.host, { serverName, verify }) : undefined,
  })
}

/** An IP address is no server name (RFC 6066 §3); it is verified as an address. */
export function originTls(host: string, { serverName, verify }: TargetWay): OriginTls {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  return { serverName: serverName ?? (isAddress ? '' : host), verify }
}
