/**
 * The private end of a VPC link: dials the gateways, serves what they ask for, renews its certificate, and leaves without
 * losing a request.
 */

import { X509Certificate } from 'node:crypto'
import { Timer } from '../base/timer-wheel.ts'
import { AgentConnection } from './agent-connection.ts'
import type { GatewayAddress, LinkAgent, LinkAgentOptions, LinkIdentity } from './contract.ts'
import { dialGateway } from './dial.ts'
import { renewIdentity } from './enrol.ts'
import { type Dial, type DiallerOwner, GatewayDialler } from './gateway-dialler.ts'
import type { HubHello } from './hello.ts'
import { TargetPools } from './target-pools.ts'
import type { LinkTransport } from './transport.ts'

/** A certificate is renewed when so much of its life is over. */
const RENEW_AT = 2 / 3
const RENEW_AGAIN_MS = 30_000
/** The longest that one timer waits. */
const LOOK_AGAIN_MS = 3_600_000

export interface AgentParts {
  /** Opens connections; a simulation has its own way. */
  readonly dial?: (agent: RunningLinkAgent) => Dial
  readonly defer?: (run: () => void) => void
}

/** Starts an agent; it runs until `drain` or `close`. */
export function startLinkAgent(options: LinkAgentOptions, parts: AgentParts = {}): LinkAgent {
  return new RunningLinkAgent(options, parts)
}

export class RunningLinkAgent implements LinkAgent, DiallerOwner {
  readonly options: LinkAgentOptions
  readonly pools: TargetPools
  readonly defer: (run: () => void) => void
  readonly dial: Dial
  identity: LinkIdentity
  readonly #diallers: readonly GatewayDialler[]
  readonly #diallerOf = new Map<AgentConnection, GatewayDialler>()
  readonly #renewal: Timer
  #leaving = false
  #onIdle: (() => void) | undefined

  constructor(options: LinkAgentOptions, parts: AgentParts) {
    this.options = options
    this.identity = options.identity
    this.pools = new TargetPools(options)
    this.defer = parts.defer ?? setImmediate
    this.dial = parts.dial?.(this) ?? dialGateway(this)
    this.#renewal = new Timer(() => this.#lookAtCertificate())
    this.#diallers = options.gateways.map((gateway) => new GatewayDialler(gateway, this))
    for (const dialler of this.#diallers) dialler.start()
    this.#lookAtCertificate()
  }

  get connections(): number {
    let count = 0
    for (const { hello, peer } of this.#diallerOf.keys()) {
      if (hello !== undefined && !peer.goAwaySent && !peer.goAwayReceived) count++
    }
    return count
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#leave()
    if (this.#diallerOf.size > 0) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, timeoutMs)
        this.#onIdle = () => {
          clearTimeout(late)
          resolve()
        }
        for (const connection of [...this.#diallerOf.keys()]) connection.drain()
      })
    }
    this.close()
  }

  close(): void {
    this.#leave()
    for (const connection of [...this.#diallerOf.keys()]) connection.cut('the agent ends')
    this.pools.close()
  }

  /** A transport that was dialled is open. */
  opened(transport: LinkTransport, dialler: GatewayDialler): AgentConnection {
    const connection = new AgentConnection(transport, this)
    this.#diallerOf.set(connection, dialler)
    return connection
  }

  onHello(connection: AgentConnection, hello: HubHello): void {
    this.pools.useList(hello.allow)
    this.#diallerOf.get(connection)?.greeted(connection, hello)
  }

  onLeaving(connection: AgentConnection): void {
    this.#diallerOf.get(connection)?.leaving(connection)
  }

  onGone(connection: AgentConnection, detail: string): void {
    const dialler = this.#diallerOf.get(connection)
    this.#diallerOf.delete(connection)
    dialler?.gone(connection, detail)
    if (this.#diallerOf.size === 0) this.#onIdle?.()
  }

  onComplete({ gateway }: GatewayDialler): void {
    this.options.log(`gateway ${gateway.host}:${gateway.port}: connected to every worker`)
  }

  #leave(): void {
    this.#leaving = true
    for (const dialler of this.#diallers) dialler.stop()
    this.options.timers.remove(this.#renewal)
  }

  #lookAtCertificate(): void {
    const { clock, timers } = this.options
    const certificate = new X509Certificate(this.identity.certificate)
    const from = certificate.validFromDate.getTime()
    const until = certificate.validToDate.getTime()
    const dueMs = from + (until - from) * RENEW_AT - clock.epochMs()
    if (dueMs > 0) timers.set(this.#renewal, Math.min(dueMs, LOOK_AGAIN_MS))
    else void this.#renew()
  }

  async #renew(): Promise<void> {
    const { gateways, random, timers, log } = this.options
    const gateway = gateways[Math.floor(random() * gateways.length)]!
    const renewed = await this.#askFor(gateway)
    if (this.#leaving) return
    if (typeof renewed === 'string') {
      log(`the certificate was not renewed: ${renewed}`)
      timers.set(this.#renewal, RENEW_AGAIN_MS * (0.5 + random()))
      return
    }
    this.identity = renewed
    this.options.onIdentity(renewed)
    for (const dialler of this.#diallers) dialler.replaceAll()
    this.#lookAtCertificate()
  }

  async #askFor(gateway: GatewayAddress): Promise<LinkIdentity | string> {
    const { makeSigningRequest, label } = this.options
    try {
      return await renewIdentity({ gateway, makeSigningRequest, label }, this.identity)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}
