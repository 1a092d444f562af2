/**
 * The gateway's end of all links, one in each worker: agents come to its port, requests go out to them.
 *
 * An agent serves the link that its certificate names and no other. A link that is gone, a certificate that is revoked or
 * has expired ends the connection in the turn in which the hub hears of it.
 */

import type { TLSSocket } from 'node:tls'
import type { LinkAllowance, LinkDocument } from '../domain/link.ts'
import { ENROL_PROTOCOL, LINK_PROTOCOL } from '../domain/link-enrolment.ts'
import type { LinkTotals } from '../domain/link-totals.ts'
import type { Origin } from '../http/client/origin.ts'
import type { AgentFigures, LinkHub, LinkHubOptions, LinkTarget } from './contract.ts'
import { answerEnrolment, credentialsOf } from './enrolment-port.ts'
import { type AgentCredentials, type ConnectionKeeper, HubConnection } from './hub-connection.ts'
import { LinkOrigin } from './link-origin.ts'
import { LinkState } from './link-state.ts'
import { TlsTransport } from './tls-transport.ts'
import type { LinkTransport } from './transport.ts'

/** Connections of agents that one worker takes for one link. */
const CONNECTIONS_PER_LINK_MAX = 256

export class WorkerLinkHub implements LinkHub, ConnectionKeeper {
  readonly options: LinkHubOptions
  readonly defer: (run: () => void) => void
  readonly #states = new Map<string, LinkState>()
  readonly #revoked = new Set<string>()
  #draining = false
  #onDrained: (() => void) | undefined

  constructor(options: LinkHubOptions, defer: (run: () => void) => void = setImmediate) {
    this.options = options
    this.defer = defer
  }

  useDocument(document: LinkDocument | undefined): void {
    const links = new Map(document?.links.map((link) => [link.vpcLinkId, link]))
    this.#revoked.clear()
    for (const { revokedAgents } of links.values()) {
      for (const serial of revokedAgents) this.#revoked.add(serial)
    }
    for (const vpcLinkId of links.keys()) this.#state(vpcLinkId)
    for (const [vpcLinkId, state] of this.#states) {
      const before = state.link
      state.link = links.get(vpcLinkId)
      for (const connection of [...state.connections]) {
        const refusal = this.#refusal(connection.credentials)
        if (refusal !== undefined) connection.cut(refusal)
        else if (before?.allow !== state.link?.allow) connection.sayHello()
      }
    }
  }

  accept(socket: TLSSocket): void {
    if (socket.alpnProtocol === ENROL_PROTOCOL) {
      answerEnrolment(socket, this.options, (credentials) => this.#refusal(credentials))
      return
    }
    const credentials = credentialsOf(socket)
    if (socket.alpnProtocol !== LINK_PROTOCOL || credentials === undefined) {
      socket.destroy()
      return
    }
    const transport = new TlsTransport(socket)
    const connection = this.connect(transport, credentials)
    if (connection !== undefined) transport.attach(connection.transportListener)
  }

  /** The same for a transport whose other end is known; undefined: it was refused. */
  connect(transport: LinkTransport, credentials: AgentCredentials): HubConnection | undefined {
    const state = this.#states.get(credentials.vpcLinkId)
    const crowded = (state?.connections.size ?? 0) >= CONNECTIONS_PER_LINK_MAX
    if (state === undefined || crowded || this.#draining || this.#refusal(credentials)) {
      transport.destroy()
      return undefined
    }
    const connection = new HubConnection(transport, credentials, this)
    state.joined(connection)
    return connection
  }

  origin(target: LinkTarget): Origin {
    const { limits, timers } = this.options
    return new LinkOrigin(target, this.#state(target.vpcLinkId), limits, timers)
  }

  figures(): readonly AgentFigures[] {
    return [...this.#states.values()].flatMap(({ connections }) =>
      [...connections].filter(({ ready }) => ready).map((connection) => connection.figures()),
    )
  }

  /** Of links that agents serve. */
  totals(): ReadonlyMap<string, LinkTotals> {
    const served = [...this.#states].filter(([, { link }]) => link?.reach === 'AGENT')
    return new Map(served.map(([vpcLinkId, state]) => [vpcLinkId, state.totals()]))
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true
    const open = this.#open()
    if (open.length === 0) return
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, timeoutMs)
      this.#onDrained = () => {
        clearTimeout(late)
        resolve()
      }
      for (const connection of open) connection.drain()
    })
    for (const connection of this.#open()) connection.cut('the gateway ends')
  }

  allowOf(vpcLinkId: string): readonly LinkAllowance[] {
    return this.#states.get(vpcLinkId)?.link?.allow ?? []
  }

  onRoom(connection: HubConnection): void {
    const state = this.#states.get(connection.credentials.vpcLinkId)
    if (state !== undefined && state.waiting.size > 0) state.serveWaiting()
  }

  onGone(connection: HubConnection): void {
    this.#states.get(connection.credentials.vpcLinkId)?.left(connection)
    if (this.#onDrained !== undefined && this.#open().length === 0) this.#onDrained()
  }

  #open(): HubConnection[] {
    return [...this.#states.values()].flatMap(({ connections }) => [...connections])
  }

  #state(vpcLinkId: string): LinkState {
    let state = this.#states.get(vpcLinkId)
    if (state === undefined) {
      state = new LinkState(this.options.timers)
      this.#states.set(vpcLinkId, state)
    }
    return state
  }

  /** Why an agent may not serve, or be issued another certificate. */
  #refusal({ vpcLinkId, serialNumber }: AgentCredentials): string | undefined {
    const link = this.#states.get(vpcLinkId)?.link
    if (link === undefined || link.reach !== 'AGENT') return 'there is no such VPC link'
    return this.#revoked.has(serialNumber) ? 'the agent has been revoked' : undefined
  }
}
