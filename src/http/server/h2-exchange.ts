// hot path — see STYLE §8
/**
 * One request and response on an HTTP/2 stream.
 *
 * The same contract as `h1-exchange.ts` over a `node:http2` stream: flow control is the stream's, framing nghttp2's.
 * A response in one piece costs one `respond` and one `end`. Once the exchange is over, every method is without effect;
 * the stream may live on until the last byte has left.
 */

import http2 from 'node:http2'
import type { BodySink, ClientConnection, Exchange, ResponseListener } from '../exchange.ts'
import { responseFields } from '../message/h2-fields.ts'
import type { RequestHead } from '../message/request-head.ts'
import { type WireErrorKind, wireError } from '../wire-error.ts'
import type { H2Connection } from './h2-connection.ts'

const { NGHTTP2_NO_ERROR, NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = http2.constants

/** A whole body is handed over in pieces of this size, so that a slow reader can be told from one that has stopped. */
const PIECE_BYTES = 65_536
const EMPTY = Buffer.alloc(0)
const HEADERS_ONLY = { endStream: true } as const
const CONTINUE = { ':status': 100 } as const

/** A stream that knows whom it belongs to, so that listeners need no closure. */
export interface ExchangeStream extends http2.ServerHttp2Stream {
  owner?: H2Connection
  /** None when the request was refused. */
  exchange?: H2Exchange
}

export interface H2Request {
  readonly head: RequestHead
  /** 0 for none, -1 while unknown. */
  readonly bodyBytes: number
  readonly expectContinue: boolean
}

export class H2Exchange implements Exchange {
  readonly request: RequestHead
  readonly requestBodyBytes: number
  requestBodyReceived = 0
  listener: ResponseListener | undefined

  readonly #connection: H2Connection
  readonly #stream: ExchangeStream
  #awaitsContinue: boolean
  #sink: BodySink | undefined
  #sinkPaused = false
  #bodyComplete: boolean
  /** Body bytes and milliseconds since the rate was last judged. */
  #windowBytes = 0
  #windowMs = 0

  /** Nothing that the handler does has an effect any more. */
  #over = false
  #responseStarted = false
  #withBody = true
  /** Declared bytes still to be written; -1: no length was declared. */
  #remaining = -1
  /** The part of a whole body that has not been handed to the stream. */
  #rest: Buffer | undefined
  #awaitsDrain = false
  /** Bytes that waited for the client at the last look, and for how long they have been as many. */
  #unflushedBytes = 0
  #stalledMs = 0

  constructor(connection: H2Connection, stream: ExchangeStream, request: H2Request) {
    this.#connection = connection
    this.#stream = stream
    this.request = request.head
    this.requestBodyBytes = request.bodyBytes
    this.#bodyComplete = request.bodyBytes === 0
    this.#awaitsContinue = request.expectContinue
    stream.exchange = this
  }

  get connection(): ClientConnection {
    return this.#connection.client
  }

  get protocol(): string {
    return 'HTTP/2.0'
  }

  /** The response was handed over completely, or the exchange was given up. */
  get over(): boolean {
    return this.#over
  }

  takeBufferedBody(): Uint8Array | undefined {
    // Node hands over a head before it looks at the frames behind it: only an absent body is there already.
    return this.#bodyComplete && this.#sink === undefined && !this.#over ? EMPTY : undefined
  }

  receiveBody(sink: BodySink): void {
    if (this.#over) return
    this.#sink = sink
    if (this.#bodyComplete) {
      sink.onEnd()
      return
    }
    if (this.requestBodyBytes > this.#connection.context.server.limits.bodyBytes) {
      this.#failBody('body-too-large', 'content-length exceeds the body limit')
      return
    }
    const stream = this.#stream
    if (this.#awaitsContinue && stream.readableLength === 0) stream.additionalHeaders(CONTINUE)
    this.#awaitsContinue = false
    const early = stream.readableLength > 0 ? (stream.read() as Buffer | null) : null
    if (early !== null) this.receive(early)
    if (this.#sink !== sink) return
    stream.on('data', onData)
    stream.on('end', onEnd)
  }

  pauseBody(): void {
    if (this.#over || this.#bodyComplete) return
    this.#sinkPaused = true
    this.#stream.pause()
  }

  resumeBody(): void {
    if (!this.#sinkPaused || this.#over) return
    this.#sinkPaused = false
    this.#stream.resume()
  }

  respond(status: number, headers: string, body: Uint8Array | string | undefined): void {
    if (!this.#mayRespond(status)) return
    const length = body === undefined ? 0 : body.length
    this.#begin(status, length)
    const fields = responseFields(status, headers, this.#declared(status, length))
    if (length === 0 || !this.#withBody) this.#stream.respond(fields, HEADERS_ONLY)
    else {
      this.#stream.respond(fields)
      this.#writeWhole(typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body!))
    }
    this.#finish()
  }

  startResponse(status: number, headers: string, bodyBytes: number): void {
    if (!this.#mayRespond(status)) return
    this.#begin(status, bodyBytes)
    const fields = responseFields(status, headers, this.#declared(status, bodyBytes))
    this.#stream.respond(fields, this.#withBody ? undefined : HEADERS_ONLY)
  }

  writeBody(chunk: Uint8Array): boolean {
    if (this.#over || !this.#withBody || chunk.length === 0) return true
    const bytes = this.#countDown(chunk)
    if (bytes.length === 0 || this.#stream.write(bytes)) return true
    this.#awaitDrain()
    return false
  }

  endResponse(): void {
    if (this.#over) return
    // Fewer bytes than announced: only a reset says so.
    if (this.#withBody && this.#remaining > 0) {
      this.abort()
      return
    }
    if (this.#withBody) this.#stream.end()
    this.#finish()
  }

  abort(): void {
    if (this.#over) return
    this.#leave()
    this.#stream.close(NGHTTP2_INTERNAL_ERROR)
  }

  /** More of the request body. */
  receive(bytes: Buffer): void {
    const sink = this.#sink
    if (sink === undefined) return
    this.requestBodyReceived += bytes.length
    this.#windowBytes += bytes.length
    if (this.requestBodyReceived > this.#connection.context.server.limits.bodyBytes) {
      this.#failBody('body-too-large', 'request body exceeds its limit')
      return
    }
    sink.onData(bytes)
  }

  /** The stream has no more to read, which is the end of the body only if the stream still stands. */
  inputEnded(): void {
    if (this.#sink === undefined || this.#stream.closed || this.#stream.destroyed) return
    this.#bodyComplete = true
    this.#sink.onEnd()
  }

  drained(): void {
    if (this.#rest !== undefined) this.#writePieces()
    else if (!this.#over) this.listener?.onDrain()
  }

  /** The stream is gone; if that was before the answer was handed over, the handler hears of it. */
  closed(): void {
    this.#rest = undefined
    if (this.#over) return
    const { listener } = this
    this.#leave()
    const reason = `stream closed with code ${this.#stream.rstCode}`
    listener?.onClientGone(wireError('closed', 'client', 'never', reason))
  }

  /** Looks for a client that neither reads nor sends. Called every `elapsedMs` while the stream is open. */
  watch(elapsedMs: number): void {
    const { limits } = this.#connection.context.server
    const unflushed = this.#stream.writableLength + (this.#rest?.length ?? 0)
    if (unflushed === 0 || unflushed !== this.#unflushedBytes) {
      this.#unflushedBytes = unflushed
      this.#stalledMs = 0
    } else {
      this.#stalledMs += elapsedMs
      if (this.#stalledMs >= limits.writeTimeoutMs) this.#giveUp()
    }
    if (this.#sink !== undefined && !this.#sinkPaused && !this.#bodyComplete) {
      this.#judgeBodyRate(elapsedMs)
    }
  }

  #judgeBodyRate(elapsedMs: number): void {
    const { limits } = this.#connection.context.server
    this.#windowMs += elapsedMs
    if (this.#windowMs < limits.bodyTimeoutMs) return
    const enough = (limits.bodyBytesPerSecondMin * this.#windowMs) / 1000
    if (this.#windowBytes < enough) {
      this.#failBody('body-timeout', 'request body arrives too slowly')
    }
    this.#windowMs = 0
    this.#windowBytes = 0
  }

  /** The client has stopped reading. */
  #giveUp(): void {
    const { listener } = this
    this.#connection.context.server.stats.countRefusal('write-timeout')
    this.#rest = undefined
    this.#stalledMs = 0
    if (!this.#over) {
      this.#leave()
      listener?.onClientGone(wireError('write-timeout', 'client', 'never', 'response is not read'))
    }
    // A stream that is closing already waits for what will never be read: then the connection has to go.
    if (this.#stream.closed) this.#connection.destroy()
    else this.#stream.close(NGHTTP2_CANCEL)
  }

  #failBody(kind: WireErrorKind, detail: string): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#connection.context.server.stats.countRefusal(kind)
    this.#stream.pause()
    sink?.onBodyError(wireError(kind, 'client', 'never', detail))
  }

  #mayRespond(status: number): boolean {
    if (this.#over || this.#responseStarted || this.#stream.closed) return false
    // RFC 9110 §15: no other status is final, and `node:http2` would throw.
    const final = status >= 200 && status <= 599
    if (!final) this.abort()
    return final
  }

  #begin(status: number, bodyBytes: number): void {
    this.#responseStarted = true
    this.#withBody = !isBodyless(status) && this.request.method !== 'HEAD'
    this.#remaining = bodyBytes
  }

  /** RFC 9110 §8.6: no content-length where the status rules a body out. */
  #declared(status: number, bodyBytes: number): number {
    return isBodyless(status) ? -1 : bodyBytes
  }

  #writeWhole(body: Buffer): void {
    if (body.length <= PIECE_BYTES) {
      this.#stream.end(body)
      return
    }
    this.#rest = body
    this.#writePieces()
  }

  #writePieces(): void {
    let rest = this.#rest!
    while (rest.length > PIECE_BYTES) {
      const piece = rest.subarray(0, PIECE_BYTES)
      rest = rest.subarray(PIECE_BYTES)
      this.#rest = rest
      if (!this.#stream.write(piece)) {
        this.#awaitDrain()
        return
      }
    }
    this.#rest = undefined
    this.#stream.end(rest)
    if (!this.#bodyComplete) this.#dismissBody()
  }

  #awaitDrain(): void {
    if (this.#awaitsDrain) return
    this.#awaitsDrain = true
    this.#stream.on('drain', onDrain)
  }

  /** A copy of the chunk, cut to what was announced. */
  #countDown(chunk: Uint8Array): Buffer {
    if (this.#remaining < 0) return Buffer.from(chunk)
    const length = Math.min(chunk.length, this.#remaining)
    this.#remaining -= length
    return Buffer.from(length === chunk.length ? chunk : chunk.subarray(0, length))
  }

  #finish(): void {
    this.#leave()
    if (!this.#bodyComplete && this.#rest === undefined) this.#dismissBody()
  }

  /** RFC 9113 §8.1: answered before the body was read, so the client may stop sending it. */
  #dismissBody(): void {
    this.#stream.off('data', onData)
    this.#stream.resume()
    // Node 26 sends the reset at once, and an answer without a body that is still on its way would be lost.
    setImmediate(closeWithoutError, this.#stream)
  }

  #leave(): void {
    this.#over = true
    this.listener = undefined
    this.#sink = undefined
  }
}

function isBodyless(status: number): boolean {
  return status === 204 || status === 304 || status < 200
}

function closeWithoutError(stream: ExchangeStream): void {
  stream.close(NGHTTP2_NO_ERROR)
}

function onData(this: ExchangeStream, bytes: Buffer): void {
  this.exchange!.receive(bytes)
}

function onEnd(this: ExchangeStream): void {
  this.exchange!.inputEnded()
}

function onDrain(this: ExchangeStream): void {
  this.exchange!.drained()
}
