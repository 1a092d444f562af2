/** One connection of an agent, as the hub sees it: HTTP/2 client, hello, and the certificate that ends it. */

import { Timer } from '../base/timer-wheel.ts'
import type { LinkAllowance } from '../domain/link.ts'
import { LINK_VERSION } from '../domain/link-enrolment.ts'
import type { AgentName } from '../domain/link-token.ts'
import { CODE } from '../http/h2/frame.ts'
import { AnswerReader } from './answer-fields.ts'
import type { AgentFigures, LinkHubOptions } from './contract.ts'
import { LinkPeer, type PeerListener } from './h2/peer.ts'
import { type LinkStream, resetDetail, type StreamListener } from './h2/stream.ts'
import { HelloReader, readAgentHello } from './hello.ts'
import type { HubCall } from './hub-call.ts'
import { helloBlock } from './message-fields.ts'
import { RequestWriter } from './request-fields.ts'
import type { LinkTransport, TransportListener } from './transport.ts'

/** Timers of months overflow what a wheel is for; the certificate is looked at again after a day. */
const LOOK_AGAIN_MS = 86_400_000
const BLOCK_BYTES_MAX = 131_072

/** What the certificate of an agent says. */
export interface AgentCredentials extends AgentName {
  readonly serialNumber: string
  readonly notAfterEpochMs: number
  readonly remoteAddress: string
}

/** Who keeps the connections of a link. */
export interface ConnectionKeeper {
  readonly options: LinkHubOptions
  /** Runs something once at the end of this turn of the event loop. */
  readonly defer: (run: () => void) => void
  allowOf(vpcLinkId: string): readonly LinkAllowance[]
  /** It serves, or has room again. */
  onRoom(connection: HubConnection): void
  onGone(connection: HubConnection): void
}

export class HubConnection implements PeerListener {
  readonly agentId: string
  readonly credentials: AgentCredentials
  readonly peer: LinkPeer
  readonly requests: RequestWriter
  readonly answers = new AnswerReader()
  /** The agent has said hello. */
  ready = false
  readonly #keeper: ConnectionKeeper
  readonly #expiry: Timer
  readonly #connectedAtEpochMs: number
  #atReadEnd: HubCall[] = []
  #label = ''
  #version = ''

  constructor(transport: LinkTransport, credentials: AgentCredentials, keeper: ConnectionKeeper) {
    const { timers, clock, limits } = keeper.options
    this.credentials = credentials
    this.agentId = credentials.agentId
    this.#keeper = keeper
    this.#connectedAtEpochMs = clock.epochMs()
    this.#expiry = new Timer(() => this.#lookAtExpiry())
    this.peer = new LinkPeer(transport, this, {
      role: 'hub',
      timers,
      defer: keeper.defer,
      streamsMax: limits.linkStreams,
      windowBytesMax: limits.linkStreamWindowBytes,
      blockBytesMax: BLOCK_BYTES_MAX,
    })
    this.requests = new RequestWriter(this.peer.fields)
    this.#lookAtExpiry()
    this.sayHello()
  }

  get transportListener(): TransportListener {
    return this.peer
  }

  /** Requests that it can take now. */
  get room(): number {
    return this.ready ? this.peer.room : 0
  }

  sayHello(): void {
    const { gatewayId, worker, workers } = this.#keeper.options
    const allow = this.#keeper.allowOf(this.credentials.vpcLinkId)
    const hello = { version: LINK_VERSION, gatewayId, worker, workers, allow }
    let stream: LinkStream | undefined
    const reader = new HelloReader(
      () => stream,
      (text) => this.#heard(text),
    )
    stream = this.peer.open(helloBlock(true), false, reader)
    stream.writeLast(Buffer.from(JSON.stringify(hello)))
  }

  /** The call is told when the read in which its answer began is over. */
  atReadEnd(call: HubCall): void {
    this.#atReadEnd.push(call)
  }

  cut(detail: string): void {
    this.peer.destroy(CODE.noError, detail)
  }

  /** Takes nothing new, and ends with its last stream. */
  drain(): void {
    this.peer.sendGoAway()
    this.#endIfIdle()
  }

  figures(): AgentFigures {
    const { peer, credentials } = this
    const { vpcLinkId, agentId, serialNumber, remoteAddress } = credentials
    return {
      vpcLinkId,
      agentId,
      serialNumber,
      remoteAddress,
      label: this.#label,
      version: this.#version,
      connectedAtEpochMs: this.#connectedAtEpochMs,
      roundTripMs: peer.roundTripMs,
      streamsOpen: peer.streams.size,
      streamsTotal: peer.streamsTotal,
      bytesSent: peer.bytesSent,
      bytesReceived: peer.bytesReceived,
      draining: peer.goAwayReceived || peer.goAwaySent,
    }
  }

  onStream(stream: LinkStream): StreamListener {
    throw new Error(`the agent opened stream ${stream.id}: ${resetDetail(CODE.protocolError)}`)
  }

  onReadEnd(): void {
    if (this.#atReadEnd.length === 0) return
    const calls = this.#atReadEnd
    this.#atReadEnd = []
    for (const call of calls) call.readEnded()
  }

  onGoAway(): void {
    this.#endIfIdle()
  }

  onStreamClosed(): void {
    this.#endIfIdle()
    if (this.ready) this.#keeper.onRoom(this)
  }

  onGone(): void {
    this.ready = false
    this.#keeper.options.timers.remove(this.#expiry)
    this.#keeper.onGone(this)
  }

  #heard(text: string | undefined): void {
    const hello = text === undefined ? undefined : readAgentHello(text)
    if (hello === undefined) {
      this.cut('the agent does not speak this version of the link protocol')
      return
    }
    this.#label = hello.label
    this.#version = hello.agentVersion
    if (this.ready) return
    this.ready = true
    this.#keeper.onRoom(this)
  }

  /** Either side has said that nothing new comes; the agent closes when it has seen the last answer go. */
  #endIfIdle(): void {
    const { peer } = this
    if ((peer.goAwayReceived || peer.goAwaySent) && peer.streams.size === 0) peer.end()
  }

  #lookAtExpiry(): void {
    const { timers, clock } = this.#keeper.options
    const leftMs = this.credentials.notAfterEpochMs - clock.epochMs()
    if (leftMs <= 0) this.cut('the certificate of the agent has expired')
    else timers.set(this.#expiry, Math.min(leftMs, LOOK_AGAIN_MS))
  }
}
