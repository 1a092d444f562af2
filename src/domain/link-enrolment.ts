/**
 * How an agent of a VPC link becomes known: the protocols it speaks, and who issues its certificate.
 *
 * A token is used once. It carries the fingerprint of the authority of links, so the agent knows the gateway before it
 * has said anything, and nothing is trusted on first use. The key of an agent never leaves it: what travels is a
 * certificate signing request (PKCS #10, RFC 2986).
 */

import type { AgentName } from './link-token.ts'

/** TLS protocol (ALPN, RFC 7301) of an agent that serves streams: HTTP/2 with the agent as its server. */
export const LINK_PROTOCOL = 'postern-link/1'
/** TLS protocol of enrolment and renewal: one line of JSON each way. */
export const ENROL_PROTOCOL = 'postern-link-enrol/1'
/** The name in the certificate of every link port; the authority of links signs no other for a server. */
export const LINK_SERVER_NAME = 'link.postern.internal'
/** Version of what is said inside; a peer of the next or the last one is understood. */
export const LINK_VERSION = 1

/** Implemented by the control plane; workers reach it over their message port. Refuses with an Error for operators. */
export interface LinkIssuer {
  /** Uses up the token. */
  enrol(request: EnrolRequest): Promise<IssuedIdentity>
  /** For an agent whose present certificate the worker has verified: the chain, the time, and that it is not revoked. */
  renew(request: RenewRequest): Promise<IssuedIdentity>
}

export interface EnrolRequest {
  readonly vpcLinkId: string
  readonly secret: string
  /** PEM; the issuer checks its signature and takes nothing but the public key. */
  readonly signingRequest: string
  /** What the agent calls itself, for lists: letters, digits, `.`, `_`, `-`; at most 64. */
  readonly label: string
}

export interface RenewRequest extends AgentName {
  /** Serial number of the present certificate, in the letters of `X509Certificate.serialNumber`. */
  readonly serialNumber: string
  readonly signingRequest: string
}

export interface IssuedIdentity extends AgentName {
  /** PEM of the agent's certificate. */
  readonly certificate: string
  /** PEM of the authority of links. */
  readonly authority: string
}
