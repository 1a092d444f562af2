/** Both ends of a VPC link in one process, over real TLS on loopback: a hub with its port, an issuer, and agents. */

import { randomBytes, X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { TimerWheel } from '../../src/base/timer-wheel.ts'
import {
  authorityFingerprint,
  makeAgentCertificate,
  makeLinkAuthority,
  makeLinkServerCertificate,
} from '../../src/certificates/link-certificates.ts'
import { makeSigningRequest, publicKeyOfRequest } from '../../src/certificates/signing-request.ts'
import type { Link, LinkAllowance } from '../../src/domain/link.ts'
import type { IssuedIdentity, LinkIssuer } from '../../src/domain/link-enrolment.ts'
import { formatLinkToken } from '../../src/domain/link-token.ts'
import type { Origin } from '../../src/http/client/origin.ts'
import { startLinkAgent } from '../../src/link/agent.ts'
import type { LinkAgent, LinkAgentOptions, LinkIdentity } from '../../src/link/contract.ts'
import { enrolAgent } from '../../src/link/enrol.ts'
import { WorkerLinkHub } from '../../src/link/hub.ts'
import { makeLinkServer } from '../../src/link/link-port.ts'
import { linkLimits } from './link-limits.ts'

const DAY_MS = 86_400_000
export const STAGE = 'api1/prod'

export interface TlsLinkOptions {
  readonly links: readonly (readonly [vpcLinkId: string, allow: readonly LinkAllowance[]])[]
  /** Life of an agent's certificate; a day unless told otherwise. */
  readonly certificateMs?: number
}

export class TlsLink {
  readonly hub: WorkerLinkHub
  readonly timers = new TimerWheel(systemClock)
  readonly authority = makeLinkAuthority(validity(systemClock, DAY_MS))
  readonly renewals: string[] = []
  readonly log: string[] = []
  readonly #server: Server
  readonly #secrets = new Map<string, string>()
  readonly #certificateMs: number
  readonly #agents: LinkAgent[] = []
  #revision = 0
  #enrolled = 0

  constructor(options: TlsLinkOptions) {
    this.#certificateMs = options.certificateMs ?? DAY_MS
    this.hub = new WorkerLinkHub({
      timers: this.timers,
      clock: systemClock,
      random: systemRandom,
      limits: linkLimits(),
      issuer: this.#issuer(),
      gatewayId: 'gateway1',
      worker: 0,
      workers: 1,
    })
    this.useLinks(options.links.map(([vpcLinkId, allow]) => linkOf(vpcLinkId, allow)))
    const pair = makeLinkServerCertificate(this.authority, validity(systemClock, DAY_MS))
    this.#server = makeLinkServer(this.hub, {
      chain: pair.certificate + this.authority.certificate,
      privateKey: pair.privateKey,
      authority: this.authority.certificate,
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get gateway(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }
  }

  useLinks(links: readonly Link[]): void {
    this.hub.useDocument({ revision: ++this.#revision, links })
  }

  /** A token that enrols one agent of the link. */
  token(vpcLinkId: string): string {
    const secret = randomBytes(32).toString('base64url')
    this.#secrets.set(secret, vpcLinkId)
    const fingerprint = authorityFingerprint(this.authority.certificate)
    return formatLinkToken({ vpcLinkId, secret, authorityFingerprint: fingerprint })
  }

  async enrol(token: string): Promise<LinkIdentity> {
    return await enrolAgent({ gateway: this.gateway, makeSigningRequest, label: 'test' }, token)
  }

  async agent(identity: LinkIdentity, options: Partial<LinkAgentOptions> = {}): Promise<LinkAgent> {
    const agent = startLinkAgent({
      gateways: [this.gateway],
      identity,
      onIdentity: () => {},
      makeSigningRequest,
      allow: undefined,
      targetTls: {},
      label: 'test',
      version: '1.0.0',
      timers: this.timers,
      clock: systemClock,
      random: systemRandom,
      limits: linkLimits(),
      log: (line) => this.log.push(line),
      ...options,
    })
    this.#agents.push(agent)
    return agent
  }

  origin(vpcLinkId: string, port: number): Origin {
    const address = { host: '127.0.0.1', port, tls: undefined }
    return this.hub.origin({ vpcLinkId, address, stage: STAGE })
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.close()
    await this.hub.drain(100)
    await new Promise((resolve) => this.#server.close(resolve))
    this.timers.stop()
  }

  #issuer(): LinkIssuer {
    return {
      enrol: async ({ vpcLinkId, secret, signingRequest }) => {
        if (this.#secrets.get(secret) !== vpcLinkId) throw new Error('the token is not good')
        this.#secrets.delete(secret)
        return this.#issue({ vpcLinkId, agentId: `a${++this.#enrolled}` }, signingRequest)
      },
      renew: async ({ vpcLinkId, agentId, serialNumber, signingRequest }) => {
        this.renewals.push(serialNumber)
        return this.#issue({ vpcLinkId, agentId }, signingRequest)
      },
    }
  }

  #issue(agent: { vpcLinkId: string; agentId: string }, request: string): IssuedIdentity {
    const key = publicKeyOfRequest(request)
    if (key === undefined) throw new Error('the signing request is malformed')
    const life = validity(systemClock, this.#certificateMs)
    const certificate = makeAgentCertificate(this.authority, { agent, key }, life)
    return { ...agent, certificate, authority: this.authority.certificate }
  }
}

export function linkOf(vpcLinkId: string, allow: readonly LinkAllowance[]): Link {
  const of = { name: vpcLinkId, accountId: '000000000000', region: 'eu-central-1' }
  return { vpcLinkId, ...of, reach: 'AGENT', allow, revokedAgents: [], hasAgents: false }
}

export function serialOf(identity: LinkIdentity): string {
  return new X509Certificate(identity.certificate).serialNumber
}

function validity(clock: Clock, ms: number): { fromEpochMs: number; untilEpochMs: number } {
  const fromEpochMs = Math.floor(clock.epochMs() / 1_000) * 1_000
  return { fromEpochMs, untilEpochMs: fromEpochMs + ms }
}
