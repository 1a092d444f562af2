/** One connection of the agent to one worker of a gateway: HTTP/2 server on a connection that it has dialled. */

import { LINK_VERSION } from '../domain/link-enrolment.ts'
import { CODE } from '../http/h2/frame.ts'
import { AgentCall } from './agent-call.ts'
import { AnswerWriter } from './answer-fields.ts'
import type { LinkAgentOptions } from './contract.ts'
import type { FieldReader } from './h2/field-block.ts'
import { LinkPeer, type PeerListener } from './h2/peer.ts'
import type { LinkStream, StreamListener } from './h2/stream.ts'
import { HelloReader, type HubHello, readHubHello } from './hello.ts'
import { helloBlock } from './message-fields.ts'
import { RequestReader } from './request-fields.ts'
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
  readonly requests = new RequestReader()
  readonly answers: AnswerWriter
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
    this.answers = new AnswerWriter(this.peer.fields)
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

  onStream(stream: LinkStream, fields: FieldReader): StreamListener {
    // The first stream is the hello, and so is any with its block: nothing is served before it.
    return isHello(fields) ? this.#greeted(stream) : new AgentCall(stream, this, this.#owner.pools)
  }

  /** The call is told when the read in which its request began is over. */
  atReadEnd(call: AgentCall): void {
    this.#atReadEnd.push(call)
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

  #greeted(stream: LinkStream): StreamListener {
    return new HelloReader(
      () => stream,
      (text) => {
        const hello = text === undefined ? undefined : readHubHello(text)
        if (hello === undefined) this.cut('the gateway does not speak this version of the protocol')
        else this.#answerHello(stream, hello)
      },
    )
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

/** Whether the block is that of a hello (`helloBlock`). */
function isHello(fields: FieldReader): boolean {
  if (fields.passes(HELLO) && fields.atEnd) return true
  fields.rewind()
  return false
}
const HELLO = helloBlock(true)
