/**
 * What belongs to a VPC link that agents serve, as it stands in the store, beside the VpcLink itself.
 *
 * A link that has a record of its reach is reached through agents only, and default deny; a link that has none is one
 * that the gateway reaches by itself. Tokens and agents are children of the link and go with it.
 */

import type { LinkAllowance } from '../../domain/link.ts'
import type { AgentName } from '../../domain/link-token.ts'
import { INSTALLATION, type Reader, type Scope, type StoredRecord } from '../../storage/store.ts'

/** Parent '', id of the link. */
export const LINK_REACH = 'vpc-link-reach'
/** Parent: the link. */
export const LINK_TOKEN = 'vpc-link-token'
/** Parent: the link. */
export const LINK_AGENT = 'vpc-link-agent'
/** Of the installation, id of the link: whose it is. No two accounts have one of the same id. */
export const LINK_OWNER = 'vpc-link-owner'
/** Of the installation; one. */
export const LINK_AUTHORITY = 'vpc-link-authority'

export interface LinkReachRecord {
  readonly allow: readonly LinkAllowance[]
}

export interface LinkTokenRecord {
  /** Hex SHA-256 of the secret. */
  readonly hash: string
  readonly createdAt: string
  readonly expiresAt: string
}

export interface LinkAgentRecord {
  readonly agentId: string
  readonly label: string
  readonly enrolledAt: string
  readonly certificates: readonly AgentCertificate[]
  /** From then on none of its certificates is good. */
  readonly revokedAt?: string
}

/** One that is not expired. */
export interface AgentCertificate {
  /** In the letters of `X509Certificate.serialNumber`. */
  readonly serialNumber: string
  readonly expiresAt: string
}

export interface LinkOwnerRecord {
  readonly scope: Scope
}

export interface LinkAuthorityRecord {
  /** PEM. */
  readonly certificate: string
  readonly sealedPrivateKey: string
}

/** In which account and region this link is; undefined: no agent serves a link of this id. */
export async function scopeOfLink(
  reader: Reader,
  { vpcLinkId }: Pick<AgentName, 'vpcLinkId'>,
): Promise<Scope | undefined> {
  const key = { kind: LINK_OWNER, parent: '', id: vpcLinkId }
  return (await reader.in(INSTALLATION).get<LinkOwnerRecord>(key))?.body.scope
}

/** Certificates that are still good by their date. */
export function goodCertificates(
  { certificates }: LinkAgentRecord,
  now: Date,
): readonly AgentCertificate[] {
  return certificates.filter(({ expiresAt }) => Date.parse(expiresAt) > now.getTime())
}

export type StoredAgent = StoredRecord<LinkAgentRecord>
