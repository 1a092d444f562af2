/** What the operations on VPC links that agents serve take and give. */

import type { LinkedAgent } from '../../domain/linked-agent.ts'

export interface CreateLinkRequest {
  readonly Name: string
  /** `HOST:PORT[/PATH][@API/STAGE]` */
  readonly Allow?: readonly string[]
  readonly Tags?: Readonly<Record<string, string>>
}

export interface LinkTokenAnswer {
  /** Shown once. */
  readonly Token: string
  readonly ExpiresAt: string
  /** Where agents dial. */
  readonly LinkPort: number
}

export interface CreateLinkResponse extends LinkTokenAnswer {
  readonly VpcLinkId: string
  readonly Name: string
  readonly Allow: readonly string[]
}

export interface LinkRequest {
  /** Id or name. */
  readonly Link: string
}

export interface UpdateLinkAllowancesRequest extends LinkRequest {
  readonly Add?: readonly string[]
  readonly Remove?: readonly string[]
}

export interface CreateLinkTokenRequest extends LinkRequest {
  readonly ExpiresInSeconds?: number
}

export interface CreateLinkTokenResponse extends LinkTokenAnswer {
  readonly VpcLinkId: string
}

export interface RevokeLinkAgentRequest extends LinkRequest {
  /** Undefined: every agent, and every token that is not used. */
  readonly AgentId?: string
}

export interface RevokeLinkAgentResponse {
  readonly VpcLinkId: string
  readonly Revoked: readonly string[]
  readonly TokensRevoked: number
}

export interface LinkView {
  readonly VpcLinkId: string
  readonly Name: string
  readonly Reach: 'AGENT' | 'DIRECT'
  readonly Status: string
  readonly StatusMessage: string
  readonly Allow: readonly string[]
  /** Tokens that are good and not used. */
  readonly Tokens: number
  readonly Agents: readonly LinkAgentView[]
}

export interface LinkAgentView {
  readonly AgentId: string
  readonly Label: string
  readonly EnrolledAt: string
  readonly CertificateExpiresAt?: string
  readonly RevokedAt?: string
  readonly Connections: readonly LinkedAgent[]
}

export interface ListLinksResponse {
  readonly Links: readonly LinkView[]
}
