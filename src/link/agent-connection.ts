/** One connection of the agent to one worker of a gateway: HTTP/2 server on a connection that it has dialled. */

import { LINK_VERSION } from '../domain/link-enrolment.ts'
import { CODE } from '../http/h2/frame.ts'
import { AgentCall } from './agent-call.ts'
import type { LinkAgentOptions } from './contract.ts'
import { LinkPeer, type PeerListener } from './h2/peer.ts'
import type { LinkStream, StreamListener } from './h2/stream.ts'
import { HelloReader, type HubHello, readHubHello } from './hello.ts'
import { helloBlock } from './message-fields.ts'
import type { TargetPools } from './target-pools.ts'
import type { LinkTransport, TransportListener } from './transport.ts'

const BLOCK_BYTES_MAX = 131_072

export interface ConnectionOwner {
  readonly options: Pick<LinkAgentOptions, 'label' | 'version' | 'timers' | 'limits'>
  readonly pools: TargetPools
  readonly defer: (run: () => void) => void
  /** The hub has said who it is, or has a new list. */
  onHello(connection: AgentConnection, hello: HubHello): void
  /** The hub goes; streams that are open still end. */
  onLeaving(connection: AgentConnection): void
  onGone(connection: AgentConnection, detail: string): void
}

export class AgentConnection implements PeerListener {
  readonly peer: LinkPeer
  /** Undefined until the hub has said hello. */
  hello: HubHello | undefined
  readonly #owner: ConnectionOwner
  #atReadEnd: AgentCall[] = []
  #draining = false
  /** The hub has seen GOAWAY: whatever it has sent before is here. */
  #drainSeen = false

  constructor(transport: LinkTransport, owner: ConnectionOwner) {
    const { timers, limits } = owner.options
    this.#owner = owner
    this.peer = new LinkPeer(transport, this, {
      role: 'agent',
      timers,
      defer: owner.defer,
      streamsMax: limits.linkStreams,
      windowBytesMax: limits.linkStreamWindowBytes,
      blockBytesMax: BLOCK_BYTES_MAX,
    })
  }

  get transportListener(): TransportListener {
    return this.peer
  }

  /** No new streams; the connection ends with the last one. */
  drain(): void {
    if (this.#draining || this.peer.gone) return
    this.#draining = true
    this.peer.sendGoAway()
    this.peer.afterRoundTrip(() => {
      this.#drainSeen = true
      this.#endIfIdle()
    })
  }

  cut(detail: string): void {
    this.peer.destroy(CODE.noError, detail)
  }

  onStream(stream: LinkStream): StreamListener {
    // The first stream is the hello, and so is any with its scheme: nothing is served before it.
    return new FirstBlock((block) => {
      if (isHello(block)) this.#greeted(stream, block)
      else this.#request(stream, block)
    })
  }

  onReadEnd(): void {
    if (this.#atReadEnd.length === 0) return
    const calls = this.#atReadEnd
    this.#atReadEnd = []
    for (const call of calls) call.readEnded()
  }

  onGoAway(): void {
    this.#owner.onLeaving(this)
  }

  onStreamClosed(): void {
    this.#endIfIdle()
  }

  onGone(detail: string): void {
    this.#owner.onGone(this, detail)
  }

  #request(stream: LinkStream, block: Buffer): void {
    const call = new AgentCall(stream, this.#owner.pools, this.#later)
    stream.listener = call
    call.onHeaders(block, stream.remoteEnded)
  }

  readonly #later = (call: AgentCall): void => {
    this.#atReadEnd.push(call)
  }

  #greeted(stream: LinkStream, block: Buffer): void {
    const reader = new HelloReader(
      () => stream,
      (text) => {
        const hello = text === undefined ? undefined : readHubHello(text)
        if (hello === undefined) this.cut('the gateway does not speak this version of the protocol')
        else this.#answerHello(stream, hello)
      },
    )
    stream.listener = reader
    reader.onHeaders(block, stream.remoteEnded)
  }

  #answerHello(stream: LinkStream, hello: HubHello): void {
    const { label, version: agentVersion } = this.#owner.options
    this.hello = hello
    this.#owner.onHello(this, hello)
    stream.headers(helloBlock(false), false)
    stream.writeLast(Buffer.from(JSON.stringify({ version: LINK_VERSION, agentVersion, label })))
  }

  #endIfIdle(): void {
    const { peer } = this
    const leaving = this.#drainSeen || peer.goAwayReceived
    if (leaving && peer.streams.size === 0) peer.end()
  }
}

/** Whether a block begins as a hello does (`helloBlock`). */
function isHello(block: Buffer): boolean {
  return HELLO.equals(block)
}
const HELLO = Buffer.from(helloBlock(true))

/** Looks at the block with which a stream begins, and lets somebody else read the rest. */
class FirstBlock implements StreamListener {
  readonly #seen: (block: Buffer) => void

  constructor(seen: (block: Buffer) => void) {
    this.#seen = seen
  }

  onHeaders(block: Buffer): void {
    this.#seen(block)
  }

  onData(): void {}
  onEnd(): void {}
  onWritable(): void {}
  onReset(): void {}
}
