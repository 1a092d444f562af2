/** The token that an agent of a VPC link is started with, and its name in its certificate. */

const TOKEN = /^plt1\.([a-z0-9]{1,32})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/
const AGENT_NAME = /^([a-z0-9]{1,32})\.([a-z0-9]{1,32})\.agent\.postern\.internal$/

export interface LinkToken {
  readonly vpcLinkId: string
  /** 32 random bytes, base64url; the gateway keeps its hash only. */
  readonly secret: string
  /** SHA-256 of the DER of the authority of links, base64url. */
  readonly authorityFingerprint: string
}

/** `plt1.{vpcLinkId}.{secret}.{fingerprint}` */
export function formatLinkToken(token: LinkToken): string {
  return `plt1.${token.vpcLinkId}.${token.secret}.${token.authorityFingerprint}`
}

export function parseLinkToken(text: string): LinkToken | undefined {
  const parts = TOKEN.exec(text.trim())
  if (parts === null) return undefined
  return { vpcLinkId: parts[1]!, secret: parts[2]!, authorityFingerprint: parts[3]! }
}

export interface AgentName {
  readonly vpcLinkId: string
  readonly agentId: string
}

/** Common name of an agent's certificate, which is for client authentication only. */
export function formatAgentName(name: AgentName): string {
  return `${name.agentId}.${name.vpcLinkId}.agent.postern.internal`
}

export function parseAgentName(commonName: string): AgentName | undefined {
  const parts = AGENT_NAME.exec(commonName)
  return parts === null ? undefined : { agentId: parts[1]!, vpcLinkId: parts[2]! }
}
