/**
 * The two ends of a VPC link, as whoever wires them sees them: the hub in a worker of the gateway, the agent in the
 * private network. `docs/link-protocol.md` says what passes between them.
 */

import type { SecureContextOptions, TLSSocket } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { TimerWheel } from '../base/timer-wheel.ts'
import type { LinkDocument } from '../domain/link.ts'
import type { LinkIssuer } from '../domain/link-enrolment.ts'
import type { AgentName } from '../domain/link-token.ts'
import type { LinkedAgent } from '../domain/linked-agent.ts'
import type { Origin } from '../http/client/origin.ts'
import type { OriginAddress } from '../http/client/origin-pool.ts'
import type { OriginLimits } from '../http/client/origin-request.ts'

/** The gateway's end, one a worker. */
export interface LinkHub {
  /** Which links there are; agents of a link that is gone and revoked ones are cut at once. */
  useDocument(document: LinkDocument | undefined): void
  /** A TLS connection to the link port, its handshake done (`openLinkPort`). */
  accept(socket: TLSSocket): void
  /** Who sends requests of a stage to an address behind the link. Kept and compared by nobody: make one a deployment. */
  origin(target: LinkTarget): Origin
  figures(): readonly AgentFigures[]
  /** Agents dial elsewhere; streams end. Resolves when the last has, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>
}

export interface LinkTarget {
  readonly vpcLinkId: string
  readonly address: OriginAddress
  /** `{apiId}/{stage}` */
  readonly stage: string
}

export interface LinkHubOptions {
  readonly timers: TimerWheel
  readonly clock: Clock
  readonly random: Random
  readonly limits: LinkLimits
  readonly issuer: LinkIssuer
  /** The same for all workers of one gateway process, another for every other one. */
  readonly gatewayId: string
  /** From 0. */
  readonly worker: number
  readonly workers: number
}

export interface LinkLimits extends OriginLimits {
  /** Streams on one connection at a time; further requests take another agent or wait. */
  readonly linkStreams: number
  /** Bytes that one stream may have under way in either direction before the reader takes some. */
  readonly linkStreamWindowBytes: number
}

/** One connection of one agent to this worker. */
export interface AgentFigures extends Omit<LinkedAgent, 'worker'> {
  readonly serialNumber: string
}

/** The private end. */
export interface LinkAgent {
  /** Connections that serve now. */
  readonly connections: number
  /** GOAWAY to every gateway; resolves when all streams have ended, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>
  /** Cuts everything. */
  close(): void
}

export interface LinkAgentOptions {
  readonly gateways: readonly GatewayAddress[]
  readonly identity: LinkIdentity
  /** A renewed identity, to be kept in place of the old one. */
  readonly onIdentity: (identity: LinkIdentity) => void
  /** PEM of a signing request for this PEM key. */
  readonly makeSigningRequest: (privateKey: string) => string
  /** Narrows what the link allows: `host:port/path`; undefined: as the link says. */
  readonly allow: readonly LocalAllowance[] | undefined
  /** Authority, certificate and key for targets with (mutual) TLS; they stay here. */
  readonly targetTls: Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>
  readonly label: string
  readonly version: string
  readonly timers: TimerWheel
  readonly clock: Clock
  readonly random: Random
  readonly limits: LinkLimits
  readonly log: (line: string) => void
}

export interface GatewayAddress {
  readonly host: string
  readonly port: number
}

export interface LocalAllowance {
  readonly host: string
  readonly port: number
  readonly pathPrefix: string
}

/** All that an agent has to keep, in a file that only it can read. PEM, all three. */
export interface LinkIdentity extends AgentName {
  readonly certificate: string
  readonly privateKey: string
  readonly authority: string
}
