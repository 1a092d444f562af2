// hot path — see STYLE §8
/**
 * One HTTP/2 client connection: a `node:http2` session whose streams become exchanges (RFC 9113).
 *
 * nghttp2 speaks the protocol; this file decides what a client may do with it. One timer watches everything: while
 * streams are open it beats, looks at each of them and forgives old sins; while none is, it waits for the end of the
 * idle time. Nothing of this costs a request more than a comparison.
 */

import http2 from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { Timer } from '../../base/timer-wheel.ts'
import type { ClientConnection } from '../exchange.ts'
import { responseFields } from '../message/h2-fields.ts'
import { H2HeadReader } from '../message/h2-head.ts'
import type { WireError } from '../wire-error.ts'
import { H2Allowances } from './h2-allowances.ts'
import { type ExchangeStream, H2Exchange } from './h2-exchange.ts'
import { type AllowanceName, prepareSession, sessionOptions } from './h2-limits.ts'
import type { OpenConnection, ServerContext } from './server-context.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR } = http2.constants

/** How long a client may take to close its side after our GOAWAY. */
const LINGER_MS = 2_000
/** The longest distance between two looks at open streams; shorter where a timeout is. */
const BEAT_MS_MAX = 1_000

/** Waits for the idle time to end. */
const IDLE = 0
/** Looks at its streams. */
const BEATING = 1
/** Said GOAWAY with nothing in flight: waits for the client to close. */
const LEAVING = 2
const CLOSED = 3

/** What all HTTP/2 connections of one listener share. */
export class H2Context {
  readonly server: ServerContext
  readonly reader: H2HeadReader
  readonly options: http2.ServerSessionOptions
  readonly beatMs: number

  constructor(server: ServerContext) {
    const { bodyTimeoutMs, writeTimeoutMs, keepAliveTimeoutMs } = server.limits
    this.server = server
    this.reader = new H2HeadReader(server.limits)
    this.options = sessionOptions(server.limits)
    this.beatMs = Math.min(BEAT_MS_MAX, bodyTimeoutMs, writeTimeoutMs, keepAliveTimeoutMs)
  }
}

interface ConnectionSession extends http2.ServerHttp2Session {
  connection?: H2Connection
}

interface ConnectionSocket extends TLSSocket {
  connection?: H2Connection
}

export class H2Connection implements OpenConnection {
  readonly client: ClientConnection
  readonly context: H2Context
  readonly #socket: ConnectionSocket
  readonly #session: ConnectionSession
  /** Streams whose response may still be on its way. */
  readonly #open = new Set<H2Exchange>()
  readonly #allowances = new H2Allowances()
  readonly #timer: Timer
  #state = IDLE
  /** Since the last stream closed, as far as beats have counted. */
  #idleMs = 0
  #draining = false
  /** A first request has come: from then on the client may pause longer. */
  #asked = false

  constructor(socket: TLSSocket, client: ClientConnection, context: H2Context) {
    this.client = client
    this.context = context
    this.#socket = socket
    this.#socket.connection = this
    this.#timer = new Timer(() => this.#timedOut())
    socket.on('end', onSocketEnd)
    socket.on('error', ignore)
    socket.on('close', onSocketClose)
    this.#session = http2.performServerHandshake(socket, context.options)
    this.#session.connection = this
    prepareSession(this.#session)
    this.#session.on('stream', onStream)
    this.#session.on('error', ignore)
    this.#session.on('ping', onPing)
    this.#session.on('remoteSettings', onSettings)
    this.#session.on('priority', onPriority)
    context.server.connections.add(this)
    this.#arm(context.server.limits.headTimeoutMs)
  }

  drain(): void {
    if (this.#state === CLOSED) return
    this.#draining = true
    this.#session.close()
    if (this.#open.size === 0) this.#leave()
  }

  spare(): void {
    if (this.#asked && !this.#draining) this.drain()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** A client that costs more than it asks for: GOAWAY with the reason, and everything it has open ends. */
  calm(): void {
    if (this.#session.destroyed) return
    this.context.server.stats.countRefusal('overloaded')
    this.#leave()
    this.#session.destroy(new Error('too many frames without use'), NGHTTP2_ENHANCE_YOUR_CALM)
  }

  /** Counts something that a client may do only so often. */
  spend(name: AllowanceName): void {
    if (this.#state === IDLE) this.#beat()
    if (!this.#allowances.spend(name)) this.calm()
  }

  /** A head has arrived. */
  streamOpened(stream: ExchangeStream, list: readonly string[], ended: boolean): void {
    stream.on('error', ignore)
    // Reset in the same breath: never worth an exchange (CVE-2023-44487).
    if (stream.closed || stream.destroyed) {
      this.spend('reset')
      return
    }
    stream.owner = this
    this.#asked = true
    stream.on('close', onStreamClose)
    if (this.#state === IDLE) this.#beat()
    const { server, reader } = this.context
    const head = reader.read(list, ended)
    if (head === undefined) {
      this.#refuse(stream, reader.error!, ended)
    } else {
      server.stats.requests++
      const { bodyBytes, expectContinue } = reader
      const exchange = new H2Exchange(this, stream, { head, bodyBytes, expectContinue })
      this.#open.add(exchange)
      server.handle(exchange)
      // After its answer is under way: the client takes its next request elsewhere.
      if (server.sparing && !this.#draining) this.drain()
    }
  }

  streamClosed(stream: ExchangeStream): void {
    const { exchange } = stream
    if (exchange !== undefined) {
      this.#open.delete(exchange)
      const cutShort = !exchange.over || stream.rstCode !== NGHTTP2_NO_ERROR
      exchange.closed()
      if (cutShort && !this.#session.destroyed) this.spend('reset')
    }
    if (this.#open.size > 0) return
    this.#idleMs = 0
    if (this.#draining) this.#leave()
  }

  /** The client has closed its side, so no answer can be of use to it. */
  ended(): void {
    this.#session.destroy()
  }

  closed(): void {
    if (this.#state === CLOSED) return
    this.#state = CLOSED
    const { timers, connections, stats } = this.context.server
    timers.remove(this.#timer)
    connections.delete(this)
    stats.connectionsOpen--
    this.#session.destroy()
  }

  /** The answer to a request that never became an exchange. */
  #refuse(stream: ExchangeStream, error: WireError, ended: boolean): void {
    const { refusal, stats } = this.context.server
    stats.countRefusal(error.kind)
    const answer = refusal(error)
    const body = Buffer.from(answer.body, 'latin1')
    stream.respond(responseFields(answer.status, answer.headers, body.length))
    stream.end(body)
    if (!ended) stream.close(NGHTTP2_NO_ERROR)
  }

  #beat(): void {
    this.#state = BEATING
    this.#idleMs = 0
    this.#arm(this.context.beatMs)
  }

  #timedOut(): void {
    if (this.#state === LEAVING || this.#session.destroyed) this.destroy()
    else if (this.#state === BEATING) this.#look()
    else this.drain()
  }

  #look(): void {
    const { beatMs } = this.context
    this.#allowances.refill(beatMs)
    for (const exchange of this.#open) exchange.watch(beatMs)
    if (this.#state !== BEATING) return
    if (this.#open.size > 0) this.#idleMs = 0
    else this.#idleMs += beatMs
    const { keepAliveTimeoutMs, headTimeoutMs } = this.context.server.limits
    const restMs = (this.#asked ? keepAliveTimeoutMs : headTimeoutMs) - this.#idleMs
    if (restMs <= 0) this.drain()
    else if (this.#open.size > 0 || !this.#allowances.full) this.#arm(beatMs)
    else {
      this.#state = IDLE
      this.#arm(restMs)
    }
  }

  #leave(): void {
    if (this.#state >= LEAVING) return
    this.#state = LEAVING
    this.context.server.timers.clear(this.#timer)
    this.#arm(LINGER_MS)
  }

  #arm(delayMs: number): void {
    this.context.server.timers.set(this.#timer, delayMs)
  }
}

/** Stream, headers as an object (made in any case, never looked at), flags, and headers as they came. */
type StreamEvent = [ExchangeStream, http2.IncomingHttpHeaders, number, string[]]

function onStream(this: ConnectionSession, ...[stream, , flags, list]: StreamEvent): void {
  this.connection!.streamOpened(stream, list, (flags & NGHTTP2_FLAG_END_STREAM) !== 0)
}

function onStreamClose(this: ExchangeStream): void {
  this.owner!.streamClosed(this)
}

function onPing(this: ConnectionSession): void {
  this.connection!.spend('ping')
}

function onSettings(this: ConnectionSession): void {
  this.connection!.spend('settings')
}

function onPriority(this: ConnectionSession): void {
  this.connection!.spend('priority')
}

function onSocketEnd(this: ConnectionSocket): void {
  this.connection!.ended()
}

function onSocketClose(this: ConnectionSocket): void {
  this.connection!.closed()
}

/** 'close' follows and does the work. */
function ignore(): void {}
