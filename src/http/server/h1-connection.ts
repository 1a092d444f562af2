// hot path — see STYLE §8
/**
 * One HTTP/1 client connection: a loop of head → exchange → next head (RFC 9112 §9).
 *
 * Requests are answered in order, one at a time; what a client pipelines waits in `#pending`, and the socket stops
 * reading when too much waits. The exchange of the moment is `exchange`; an object that is no longer it has no effect
 * on the socket, so a late answer can never reach another request.
 */

import type { Socket } from 'node:net'
import { Timer } from '../../base/timer-wheel.ts'
import type { ClientConnection } from '../exchange.ts'
import { RequestHead } from '../message/request-head.ts'
import { INCOMPLETE, REFUSED, RequestHeadParser } from '../message/request-head-parser.ts'
import { statusLine } from '../message/status-line.ts'
import { type WireError, wireError } from '../wire-error.ts'
import { writeNow } from '../write-now.ts'
import { H1Exchange } from './h1-exchange.ts'
import type { OpenConnection, ServerContext } from './server-context.ts'

/** Bytes a client may pipeline ahead before its socket is paused. */
const PIPELINED_BYTES_MAX = 65_536
/** Requests of one connection that are answered in one turn of the event loop; the others get theirs in between. */
const REQUESTS_PER_TURN = 256
/** How long the rest of an unwanted request is read and dropped, so that the answer is not lost to a reset. */
const LINGER_MS = 2_000

const IDLE = 0
const HEAD = 1
const EXCHANGE = 2
const LINGER = 3
const CLOSED = 4

/** Parser and head pool of one thread's HTTP/1 connections. */
export class H1Context {
  readonly server: ServerContext
  readonly parser: RequestHeadParser
  readonly #heads: RequestHead[] = []

  constructor(server: ServerContext) {
    this.server = server
    this.parser = new RequestHeadParser(server.limits)
  }

  takeHead(): RequestHead {
    return this.#heads.pop() ?? new RequestHead(this.server.limits.headerCount)
  }

  giveBack(head: RequestHead): void {
    if (this.#heads.length < 1_024) this.#heads.push(head)
  }
}

interface ConnectionSocket extends Socket {
  connection?: H1Connection
  /** Node's own: bytes that the kernel has not taken of the write on its way. */
  _handle: { readonly writeQueueSize: number } | null
}

export class H1Connection implements OpenConnection {
  readonly socket: Socket
  readonly client: ClientConnection
  readonly context: H1Context
  /** The request in flight. */
  exchange: H1Exchange | undefined
  /** The client will send no more. */
  inputEnded = false

  #state = IDLE
  #pending: Buffer | undefined
  #parsing = false
  #keepAlive = true
  /** A first request has come. */
  #asked = false
  /** The kernel has not yet taken all of the last `write`. */
  #flushing = false
  #yielding = false
  readonly #timer: Timer
  /** `#taken` at the last look of the timer. */
  #takenBytes = 0

  constructor(socket: Socket, client: ClientConnection, context: H1Context) {
    this.socket = socket
    this.client = client
    this.context = context
    this.#timer = new Timer(() => this.#timedOut())
    ;(socket as ConnectionSocket).connection = this
    socket.on('end', onEnd)
    socket.on('drain', onDrain)
    socket.on('error', onError)
    socket.on('close', onClose)
    context.server.connections.add(this)
    this.#arm(context.server.limits.headTimeoutMs)
  }

  drain(): void {
    if (this.#state === IDLE) this.#end()
    else this.#keepAlive = false
  }

  spare(): void {
    if (this.#asked || this.#state !== IDLE) this.drain()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Whether the response that is being written may say that the connection stays open. */
  get mayKeepAlive(): boolean {
    // Behind a half-close, what was pipelined before it is still answered.
    const more = !this.inputEnded || this.#pending !== undefined
    const { draining, sparing } = this.context.server
    return this.#keepAlive && more && !draining && !sparing
  }

  /** The response is handed over. `reusable`: the request was read to its end, so another may follow. */
  exchangeEnded(reusable: boolean): void {
    const { request } = this.exchange!
    this.exchange = undefined
    if (reusable && this.mayKeepAlive) {
      this.#state = IDLE
      this.#arm(this.context.server.limits.keepAliveTimeoutMs)
      if (!this.#parsing) this.#next()
    } else this.#linger()
    // Last: the log line of this call is written when we return, so the next request needs a head of its own.
    this.context.giveBack(request)
  }

  /** Bytes behind the request in flight: the next request, read too early. They are copied. */
  hold(bytes: Buffer): void {
    this.#pending =
      this.#pending === undefined ? Buffer.from(bytes) : Buffer.concat([this.#pending, bytes])
    if (this.#pending.length > PIPELINED_BYTES_MAX) this.socket.pause()
  }

  /** A small complete message, in one system call where nothing is queued before it. */
  write(text: string): void {
    const direct = this.client.tls === undefined && !this.#flushing
    if (!direct || this.socket.writableLength > 0) this.socket.write(text, 'latin1')
    else if (!writeNow(this.socket, text)) this.#awaitFlush()
  }

  /** More has been written than the client has read; the next request waits. */
  get #clogged(): boolean {
    return this.#flushing || this.socket.writableNeedDrain
  }

  /** The client has not taken all that was written. */
  get #unflushed(): boolean {
    return this.#flushing || this.socket.writableLength > 0
  }

  /** A figure that stands still only while the client takes nothing: writes that are done, and the kernel's progress. */
  get #taken(): number {
    const { bytesWritten, writableLength, _handle } = this.socket as ConnectionSocket
    return bytesWritten - writableLength - (_handle?.writeQueueSize ?? 0)
  }

  /** An empty write comes back when everything before it has gone out. */
  #awaitFlush(): void {
    this.#flushing = true
    this.socket.write('', 'latin1', () => {
      this.#flushing = false
      this.drained()
    })
  }

  /** Starts or keeps up the watch over a body that is read or a response that is not. */
  watch(): void {
    if (this.#timer.deadline !== 0) return
    const { bodyTimeoutMs, writeTimeoutMs } = this.context.server.limits
    this.#takenBytes = this.#taken
    this.#arm(Math.min(bodyTimeoutMs, writeTimeoutMs))
  }

  /** `[0, length)` of a buffer that is somebody else's again when this returns. */
  received(bytes: Buffer, length: number): void {
    switch (this.#state) {
      case IDLE:
      case HEAD:
        // Whoever does not read its responses is not served on.
        if (this.#yielding || (this.#state === IDLE && this.#clogged))
          this.hold(bytes.subarray(0, length))
        else if (this.#pending === undefined) this.#parse(bytes, length, 0)
        else this.#parseJoined(this.#pending, bytes.subarray(0, length))
        break
      case EXCHANGE:
        this.exchange!.receive(length === bytes.length ? bytes : bytes.subarray(0, length))
        break
    }
  }

  #parseJoined(pending: Buffer, fresh: Buffer): void {
    const joined = Buffer.concat([pending, fresh])
    this.#pending = undefined
    this.#parse(joined, joined.length, pending.length)
  }

  /** The client half-closed: nothing more will come, but it may still read. */
  ended(): void {
    this.inputEnded = true
    if (this.#state === EXCHANGE) this.#waitHalfClosed()
    else if (this.#pending === undefined || this.#state === HEAD) this.#end()
  }

  /**
   * The client may still read, or be gone altogether: the two look alike until something is written. So the answer has
   * a bounded time to make some progress.
   */
  #waitHalfClosed(): void {
    this.exchange!.inputEnded()
    if (this.#state !== EXCHANGE) return
    this.#takenBytes = this.#taken
    this.#arm(this.context.server.limits.halfClosedTimeoutMs)
  }

  drained(): void {
    if (this.exchange !== undefined) this.exchange.drained()
    else if (this.#state === IDLE) this.#next()
  }

  closed(): void {
    if (this.#state === CLOSED) return
    this.#state = CLOSED
    const { timers, connections, stats } = this.context.server
    timers.remove(this.#timer)
    connections.delete(this)
    stats.connectionsOpen--
    const gone = this.exchange
    this.exchange = undefined
    gone?.clientGone(wireError('closed', 'client', 'never', 'client closed the connection'))
  }

  /** Answers with an error of the engine and closes. For requests that never became an exchange. */
  refuse(error: WireError): void {
    const { refusal, stats } = this.context.server
    stats.countRefusal(error.kind)
    const answer = refusal(error)
    this.socket.write(
      `${statusLine(answer.status)}${answer.headers}content-length: ${answer.body.length}\r\nconnection: close\r\n\r\n${answer.body}`,
      'latin1',
    )
    this.#linger()
  }

  #next(): void {
    const waiting = this.#pending
    if (waiting !== undefined && this.#clogged) return
    this.#pending = undefined
    // Too much may have waited, or a body that is over by now.
    if (this.socket.isPaused()) this.socket.resume()
    if (waiting !== undefined) this.#parse(waiting, waiting.length, 0)
    else if (this.inputEnded) this.#end()
  }

  /** Serves the requests that stand in `[0, to)`. `freshFrom`: where the part begins that has just arrived. */
  #parse(bytes: Buffer, to: number, freshFrom: number): void {
    // Without a line end among the new bytes no head can have become complete.
    if (this.#state === HEAD && to <= this.context.server.limits.headBytes) {
      const lineEnd = bytes.indexOf(10, freshFrom)
      if (lineEnd === -1 || lineEnd >= to) {
        this.#pending = bytes.subarray(0, to)
        return
      }
    }
    this.#parsing = true
    let from = 0
    let served = 0
    while (this.#state <= HEAD && from < to && served++ < REQUESTS_PER_TURN) {
      from = this.#parseOne(bytes, from, to)
      if (this.#state === IDLE && this.#clogged) break
    }
    this.#parsing = false
    if (this.#state > HEAD) return
    if (from < to) {
      this.hold(bytes.subarray(from, to))
      if (!this.#clogged) this.#yieldTurn()
    } else if (this.inputEnded) this.#end()
    else if (this.socket.isPaused()) this.socket.resume()
  }

  /** Lets other connections have a turn; what arrives meanwhile waits behind what waits already. */
  #yieldTurn(): void {
    this.#yielding = true
    setImmediate(nextTurn, this)
  }

  /** The turn that was given away has passed. */
  takeTurn(): void {
    this.#yielding = false
    this.drained()
  }

  /** One request: returns the offset at which the next begins. */
  #parseOne(bytes: Buffer, from: number, to: number): number {
    const { parser, server } = this.context
    const head = this.context.takeHead()
    const end = parser.parse(bytes, from, to, head)
    if (end === INCOMPLETE || end === REFUSED) {
      this.context.giveBack(head)
      if (end === REFUSED) this.refuse(parser.error!)
      else this.#awaitRest(bytes.subarray(from, to))
      return to
    }
    this.#state = EXCHANGE
    this.#asked = true
    server.timers.clear(this.#timer)
    this.#keepAlive = parser.keepAlive && this.#keepAlive
    const exchange = new H1Exchange(this, head, parser.bodyBytes, parser.expectContinue)
    this.exchange = exchange
    server.stats.requests++
    const next = exchange.begin(bytes, end, to)
    server.handle(exchange)
    // Bytes behind the request stay with this loop unless the request is still in flight.
    if (this.exchange !== exchange) return next
    if (next < to && exchange.bodyComplete) this.hold(bytes.subarray(next, to))
    return to
  }

  #awaitRest(bytes: Buffer): void {
    if (this.#state === IDLE) {
      this.#state = HEAD
      this.context.server.timers.clear(this.#timer)
      this.#arm(this.context.server.limits.headTimeoutMs)
    }
    this.#pending = Buffer.from(bytes)
  }

  #timedOut(): void {
    switch (this.#state) {
      case HEAD:
        this.refuse(
          wireError('head-timeout', 'client', 'never', 'request head not complete in time'),
        )
        break
      case EXCHANGE:
        this.#lookAfterExchange()
        break
      case IDLE:
        this.#end()
        break
      default:
        this.#lookAfterFarewell()
    }
  }

  /** The last response may take its time as long as the client reads it. */
  #lookAfterFarewell(): void {
    if (!this.#unflushed || this.#stalled()) this.destroy()
    else this.#arm(this.context.server.limits.writeTimeoutMs)
  }

  /** The client has taken nothing since the last look. */
  #stalled(): boolean {
    const before = this.#takenBytes
    this.#takenBytes = this.#taken
    return this.#takenBytes === before
  }

  /** A response that makes no progress breaks the connection; a body that makes too little ends in 408. */
  #lookAfterExchange(): void {
    const unflushed = this.#unflushed
    if (this.#stalled() && (unflushed || this.inputEnded)) {
      this.destroy()
      return
    }
    const { bodyTimeoutMs, writeTimeoutMs, halfClosedTimeoutMs } = this.context.server.limits
    const windowMs = this.inputEnded ? halfClosedTimeoutMs : Math.min(bodyTimeoutMs, writeTimeoutMs)
    const stillReading = this.exchange!.checkBodyRate(windowMs)
    if (this.#state === EXCHANGE && (stillReading || unflushed || this.inputEnded)) {
      this.#arm(windowMs)
    }
  }

  /** Sends FIN behind the response and drops what still arrives for a moment. */
  #linger(): void {
    if (this.#state === CLOSED) return
    this.#state = LINGER
    this.#pending = undefined
    if (this.socket.isPaused()) this.socket.resume()
    this.#end()
  }

  #end(): void {
    this.socket.end()
    this.#state = LINGER
    this.context.server.timers.clear(this.#timer)
    // A large response may still be on its way out: the write timeout guards it, not the linger time.
    this.#takenBytes = this.#taken
    this.#arm(this.#unflushed ? this.context.server.limits.writeTimeoutMs : LINGER_MS)
  }

  #arm(delayMs: number): void {
    this.context.server.timers.set(this.#timer, delayMs)
  }
}

/** Reads of a socket that has a connection. */
export function onRead(socket: Socket, bytes: Buffer, length: number): void {
  ;(socket as ConnectionSocket).connection!.received(bytes, length)
}

function nextTurn(connection: H1Connection): void {
  connection.takeTurn()
}

function onEnd(this: ConnectionSocket): void {
  this.connection!.ended()
}

function onDrain(this: ConnectionSocket): void {
  this.connection!.drained()
}

/** 'close' follows and does the work. */
function onError(): void {}

function onClose(this: ConnectionSocket): void {
  this.connection!.closed()
}
