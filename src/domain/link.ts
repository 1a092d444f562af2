/**
 * VPC links as they cross from the control plane to the data plane: which agents may connect, and what streams through
 * them may reach. Plain data; secrets appear as hashes only.
 */

export interface LinkDocument {
  /** Grows with every change. */
  readonly revision: number
  readonly links: readonly Link[]
}

export interface Link {
  readonly vpcLinkId: string
  readonly name: string
  readonly accountId: string
  readonly region: string
  /** AGENT: through a tunnel that an agent has opened. DIRECT: the gateway reaches the network itself. */
  readonly reach: 'AGENT' | 'DIRECT'
  /** Default deny: with reach AGENT nothing else is reached. */
  readonly allow: readonly LinkAllowance[]
  /** Serial numbers of agents' certificates that are no longer good. */
  readonly revokedAgents: readonly string[]
  /** One has enrolled and is not revoked: when none is connected, it may be on its way. */
  readonly hasAgents: boolean
}

export interface LinkAllowance {
  /** A host name or address; `*.` and a name for everything below it. */
  readonly host: string
  readonly port: number
  /** Canonical path prefix at a segment boundary; `/` for all. */
  readonly pathPrefix: string
  /** `{apiId}/{stage}` that may use it; undefined: every stage. */
  readonly stage?: string
}
