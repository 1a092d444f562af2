// hot path — see STYLE §8
/**
 * One HTTP/2 client connection, from the greeting to the farewell (RFC 9113 §3.4, §5.4, §6.8).
 *
 * The session knows what frames mean; this file decides how long a client may stay. One timer watches everything: while
 * streams are open it beats, looks at each of them and forgives old sins; while none is, it waits for the end of the idle
 * time. Nothing of this costs a request more than a comparison.
 */

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Timer } from '../../base/timer-wheel.ts'
import type { ClientConnection } from '../exchange.ts'
import { CODE, FRAME, WINDOW_BYTES_MAX } from '../h2/frame.ts'
import { H2Allowances } from './h2-allowances.ts'
import type { H2Context } from './h2-context.ts'
import { type AllowanceName, UNREAD_BYTES_MAX } from './h2-limits.ts'
import { H2Output, type H2OutputOwner } from './h2-output.ts'
import { H2Session, type H2SessionOwner } from './h2-session.ts'
import type { OpenConnection } from './server-context.ts'
import { hearReads } from './shared-read.ts'

/** How long a client may take to close its side after our GOAWAY. */
const LINGER_MS = 2_000
const GOAWAY = FRAME.goAway << 8
const PING = FRAME.ping << 8
const PING_PAYLOAD = Buffer.from('goodbye.', 'latin1')

/** Waits for the idle time to end. */
const IDLE = 0
/** Looks at its streams. */
const BEATING = 1
/** Said GOAWAY with nothing in flight: waits for the client to close. */
const LEAVING = 2
const CLOSED = 3

interface ConnectionSocket extends TLSSocket {
  connection?: H2Connection
}

export class H2Connection implements OpenConnection, H2SessionOwner, H2OutputOwner {
  readonly client: ClientConnection
  readonly context: H2Context
  readonly output: H2Output
  readonly #socket: ConnectionSocket
  readonly #session: H2Session
  readonly #allowances = new H2Allowances()
  readonly #timer: Timer
  #state = IDLE
  /** The client has been told that this is going to end. */
  #announced = false
  /** Since the last stream closed, as far as beats have counted. */
  #idleMs = 0
  /** The client has not acknowledged our settings for so long. */
  #unsettledMs = 0
  /** A field block has been unfinished for so long. */
  #blockMs = 0
  /** What the client had taken at the last look, and for how long it has been no more. */
  #takenBytes = 0
  #stalledMs = 0
  #paused = false

  constructor(socket: TLSSocket, client: ClientConnection, context: H2Context) {
    this.client = client
    this.context = context
    this.#socket = socket
    this.#socket.connection = this
    this.#timer = new Timer(() => this.#timedOut())
    this.output = new H2Output(socket, this)
    this.#session = new H2Session(this)
    socket.on('end', onEnd)
    socket.on('error', ignore)
    socket.on('close', onClose)
    context.server.connections.add(this)
    this.#arm(context.server.limits.headTimeoutMs)
    hearReads(socket, onRead)
  }

  /**
   * RFC 9113 §6.8: first a word that this is going to end, then, when the client has seen it, which stream was the last. So
   * no request is refused that was under way meanwhile.
   */
  drain(): void {
    if (this.#state >= LEAVING || this.#announced) return
    this.#announced = true
    this.#goAway(WINDOW_BYTES_MAX, CODE.noError, '')
    this.#session.pinged = true
    this.output.bytes(PING, 0, PING_PAYLOAD)
    // Whoever does not answer is not waited for longer than until the next look.
    if (this.#state === IDLE) this.#beat()
  }

  spare(): void {
    if (this.#session.asked) this.drain()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Bytes of the client: `[0, length)` of a buffer that is somebody else's again when this returns. */
  received(bytes: Buffer, length: number): void {
    if (this.#state >= LEAVING) return
    this.#session.read(bytes, length)
    // Whoever does not read its responses is not served on.
    if (this.output.pendingBytes > UNREAD_BYTES_MAX && !this.#paused) {
      this.#paused = true
      this.#socket.pause()
    }
  }

  // The side of the output.

  onWritten(): void {
    if (this.output.congested) return
    this.#session.sender.pump()
    if (!this.#paused) return
    this.#paused = false
    this.#socket.resume()
  }

  // The side of the session.

  spend(name: AllowanceName): void {
    if (this.#state >= LEAVING) return
    if (this.#state === IDLE) this.#beat()
    if (this.#allowances.spend(name)) return
    // A client that costs more than it asks for.
    this.context.server.stats.countRefusal('overloaded')
    this.fault(CODE.enhanceYourCalm, 'too many frames without use')
  }

  streamsOpened(): void {
    if (this.#state === IDLE) this.#beat()
  }

  streamsEnded(): void {
    this.#idleMs = 0
    if (this.#session.closing) this.#leave()
  }

  goodbye(): void {
    if (this.#state >= LEAVING || this.#session.closing) return
    this.#announced = true
    this.#session.closing = true
    this.#goAway(this.#session.lastServedId, CODE.noError, '')
    if (this.#session.streams.size === 0) this.#leave()
  }

  pingAnswered(): void {
    this.goodbye()
  }

  fault(code: number, detail: string): void {
    if (this.#state >= LEAVING) return
    // What has not gone out yet is not worth it any more.
    this.output.discard()
    this.#session.closing = true
    this.#goAway(this.#session.lastServedId, code, detail)
    this.#leave()
    this.#session.abandon(code)
  }

  /** The client has closed its side, so no answer can be of use to it. */
  ended(): void {
    this.#socket.destroy()
  }

  closed(): void {
    if (this.#state === CLOSED) return
    this.#state = CLOSED
    const { timers, connections, stats } = this.context.server
    timers.remove(this.#timer)
    connections.delete(this)
    stats.connectionsOpen--
    this.#session.abandon(CODE.cancel)
  }

  #goAway(lastStreamId: number, code: number, detail: string): void {
    const payload = Buffer.alloc(8 + detail.length)
    payload.writeUInt32BE(lastStreamId, 0)
    payload.writeUInt32BE(code, 4)
    payload.write(detail, 8, 'latin1')
    this.output.bytes(GOAWAY, 0, payload)
  }

  #beat(): void {
    this.#state = BEATING
    this.#idleMs = 0
    this.#arm(this.context.beatMs)
  }

  #timedOut(): void {
    if (this.#state === LEAVING) this.#lookAfterFarewell()
    else if (this.#state === BEATING) this.#look()
    else this.drain()
  }

  /** The last response may take its time as long as the client reads it. */
  #lookAfterFarewell(): void {
    const { queuedBytes, takenBytes } = this.output
    if (queuedBytes === 0 || takenBytes === this.#takenBytes) this.destroy()
    else this.#watchFarewell()
  }

  #watchFarewell(): void {
    const { queuedBytes, takenBytes } = this.output
    this.#takenBytes = takenBytes
    const { writeTimeoutMs } = this.context.server.limits
    this.#arm(queuedBytes === 0 ? LINGER_MS : writeTimeoutMs)
  }

  #look(): void {
    const { beatMs } = this.context
    const { streams } = this.#session
    this.#allowances.refill(beatMs)
    for (const stream of streams.values()) stream.watch(beatMs)
    if (this.#state !== BEATING || !this.#isInTime(beatMs)) return
    if (this.#announced) this.goodbye()
    if (this.#state !== BEATING) return
    if (streams.size > 0) this.#idleMs = 0
    else this.#idleMs += beatMs
    const { keepAliveTimeoutMs, headTimeoutMs } = this.context.server.limits
    const restMs = (this.#session.asked ? keepAliveTimeoutMs : headTimeoutMs) - this.#idleMs
    if (restMs <= 0) this.drain()
    else if (streams.size > 0 || !this.#allowances.full || this.output.queuedBytes > 0) {
      this.#arm(beatMs)
    } else {
      this.#state = IDLE
      this.#arm(restMs)
    }
  }

  /** False: the client has taken too long for something, and the connection ends. */
  #isInTime(beatMs: number): boolean {
    const { headTimeoutMs, writeTimeoutMs, keepAliveTimeoutMs } = this.context.server.limits
    const { queuedBytes, takenBytes } = this.output
    const stalled = queuedBytes > 0 && takenBytes === this.#takenBytes
    this.#takenBytes = takenBytes
    this.#stalledMs = stalled ? this.#stalledMs + beatMs : 0
    this.#blockMs = this.#session.frames.inBlock ? this.#blockMs + beatMs : 0
    this.#unsettledMs = this.#session.settled ? 0 : this.#unsettledMs + beatMs
    if (this.#stalledMs >= writeTimeoutMs) {
      this.context.server.stats.countRefusal('write-timeout')
      this.destroy()
    } else if (this.#unsettledMs >= keepAliveTimeoutMs) {
      this.fault(CODE.settingsTimeout, 'settings were not acknowledged')
    } else if (this.#blockMs >= headTimeoutMs) {
      this.context.server.stats.countRefusal('head-timeout')
      this.fault(CODE.protocolError, 'a field block was not finished')
    } else return true
    return false
  }

  #leave(): void {
    if (this.#state >= LEAVING) return
    this.#state = LEAVING
    this.#session.frames.stop()
    if (this.#paused) this.#socket.resume()
    this.output.end()
    this.context.server.timers.clear(this.#timer)
    this.#watchFarewell()
  }

  #arm(delayMs: number): void {
    this.context.server.timers.set(this.#timer, delayMs)
  }
}

function onRead(socket: Socket, bytes: Buffer, length: number): void {
  ;(socket as ConnectionSocket).connection!.received(bytes, length)
}

function onEnd(this: ConnectionSocket): void {
  this.connection!.ended()
}

function onClose(this: ConnectionSocket): void {
  this.connection!.closed()
}

/** 'close' follows and does the work. */
function ignore(): void {}
