/**
 * Who answers the requests of an integration: the address in its URI, or a load balancer's listener that finds a target
 * for each request. Integrations hold an `Origin` and know no more than that.
 */

import type { TargetWay } from '../../balancing/balancing.ts'
import type { HttpApiStage, Integration } from '../../domain/http-api.ts'
import type { Origin } from '../../http/client/origin.ts'
import type { OriginAddress } from '../../http/client/origin-pool.ts'
import { type OriginIdentity, type OriginTls, originTlsKey } from '../../http/client/origin-tls.ts'
import { type OriginUri, OriginUriError } from '../../integrations/http/origin-uri.ts'

export interface OriginSources {
  /** Shared by all integrations that lead there. */
  origin(address: OriginAddress): Origin
  /** A certificate of the gateway's in the account and region of a stage; undefined: there is none of that id. */
  identity(stage: IdentityScope, id: string): OriginIdentity | undefined
  /** PEM of authorities that origins are verified by, instead of the public ones. */
  readonly originAuthorities: string | undefined
  /** Finds a target for each request. */
  balanced(listenerArn: string, way: TargetWay): Origin
  /** `OriginAddress.via` for a link of the stage's account. Throws OriginUriError where there is none. */
  via(stage: HttpApiStage, vpcLinkId: string): string | undefined
}

export type IdentityScope = Pick<HttpApiStage, 'accountId' | 'region'>

/** Throws OriginUriError. */
export function compileOrigin(
  integration: Integration,
  uri: OriginUri,
  sources: OriginSources,
  stage: HttpApiStage,
): Origin {
  const { listenerArn, vpcLinkId } = integration
  const tlsRules = tlsRulesOf(integration, sources, stage)
  const via = vpcLinkId === undefined ? undefined : sources.via(stage, vpcLinkId)
  if (listenerArn !== undefined) {
    // A link without agents is the networks of the gateway itself.
    const way = via === undefined ? undefined : { vpcLinkId: vpcLinkId!, via }
    return sources.balanced(listenerArn, wayOf(way, tlsRules))
  }
  const tls = uri.secure ? originTls(uri.host, tlsRules) : undefined
  return sources.origin({
    ...{ host: uri.host, port: uri.port, tls },
    ...(via === undefined ? {} : { via }),
  })
}

/** How origins are known over TLS, as far as the integration says. */
interface TlsRules {
  /** Undefined: the host. */
  readonly serverName: string | undefined
  readonly verify: boolean
  readonly identity: OriginIdentity | undefined
  readonly authorities: string | undefined
}

function tlsRulesOf(
  { tlsConfig, vpcLinkId }: Integration,
  sources: OriginSources,
  stage: IdentityScope,
): TlsRules {
  const id = tlsConfig?.clientCertificateId
  if (id !== undefined && vpcLinkId !== undefined) {
    throw new OriginUriError('behind a VPC link it is the agent that shows a certificate, its own')
  }
  const identity = id === undefined ? undefined : sources.identity(stage, id)
  if (id !== undefined && identity === undefined) {
    throw new OriginUriError(`there is no client certificate ${id}`)
  }
  return {
    serverName: tlsConfig?.serverNameToVerify,
    verify: tlsConfig?.insecureSkipVerification !== true,
    identity,
    authorities: sources.originAuthorities,
  }
}

/** To whatever target a listener finds. */
function wayOf(
  link: { readonly vpcLinkId: string; readonly via: string } | undefined,
  rules: TlsRules,
): TargetWay {
  return {
    vpcLinkId: link?.vpcLinkId,
    via: link?.via,
    tls: (host, serverName) =>
      originTls(host, { ...rules, serverName: serverName ?? rules.serverName }),
    key: originTlsKey({ ...rules, serverName: rules.serverName ?? '' }),
  }
}

/** An IP address is no server name (RFC 6066 §3); it is verified as an address. */
function originTls(host: string, { serverName, ...rules }: TlsRules): OriginTls {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  return { ...rules, serverName: serverName ?? (isAddress ? '' : host) }
}
