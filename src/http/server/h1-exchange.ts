// hot path — see STYLE §8
/**
 * One request and response on an HTTP/1 connection.
 *
 * The request body is decoded as it arrives and handed to the sink, or held (bounded, the socket pauses) until there is
 * one. The response goes out as one write when it is small and complete. Once the exchange is no longer the
 * connection's current one, every method is without effect.
 */

import type { BodySink, ClientConnection, Exchange, ResponseListener } from '../exchange.ts'
import { ChunkedDecoder } from '../message/chunked-decoder.ts'
import type { RequestHead } from '../message/request-head.ts'
import { CHUNKED } from '../message/response-head-parser.ts'
import { statusLine } from '../message/status-line.ts'
import { type WireError, type WireErrorKind, wireError } from '../wire-error.ts'
import { writeChunk } from '../write-chunk.ts'
import type { H1Connection } from './h1-connection.ts'

/** Body bytes held for a sink that is paused or not there yet, before the socket pauses. */
const HELD_BYTES_MAX = 65_536
/** Up to here head and body go out as one string; a larger body is copied behind the head into one buffer. */
const ONE_STRING_BYTES_MAX = 16_384

const EMPTY = Buffer.alloc(0)

export class H1Exchange implements Exchange {
  readonly request: RequestHead
  readonly requestBodyBytes: number
  requestBodyReceived = 0
  listener: ResponseListener | undefined
  /** The whole request body has arrived. */
  bodyComplete: boolean

  readonly #connection: H1Connection
  readonly #decoder: ChunkedDecoder | undefined
  #remaining: number
  #awaitsContinue: boolean
  #sink: BodySink | undefined
  #sinkPaused = false
  #held: Buffer[] | undefined
  #heldBytes = 0
  #bodyError: WireError | undefined
  /** Body bytes and milliseconds since the rate was last judged. */
  #windowBytes = 0
  #windowMs = 0

  #responseStarted = false
  #keepAlive = false
  /** The response has a body on the wire. */
  #withBody = true
  /** Declared bytes still to be written; -1 chunked, -2 until close. */
  #responseRemaining = 0

  constructor(connection: H1Connection, request: RequestHead, bodyBytes: number, expect: boolean) {
    this.#connection = connection
    this.request = request
    this.requestBodyBytes = bodyBytes
    this.bodyComplete = bodyBytes === 0
    this.#remaining = bodyBytes
    this.#awaitsContinue = expect
    this.#decoder =
      bodyBytes === CHUNKED ? new ChunkedDecoder(connection.context.server.limits) : undefined
  }

  get connection(): ClientConnection {
    return this.#connection.client
  }

  get protocol(): string {
    return this.request.minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0'
  }

  /** Takes the body bytes that came with the head. Returns the offset behind what belongs to this request. */
  begin(bytes: Buffer, from: number, to: number): number {
    return this.bodyComplete || from === to ? from : this.#consume(bytes, from, to)
  }

  /** More bytes of the connection. */
  receive(bytes: Buffer): void {
    if (this.bodyComplete) {
      this.#connection.hold(bytes)
      return
    }
    // A body that has failed cannot be read on; the answer to it is under way.
    if (this.#bodyError !== undefined) return
    const next = this.#consume(bytes, 0, bytes.length)
    if (next === bytes.length) return
    const rest = bytes.subarray(next)
    // The end of the body may have brought the answer, and with it the turn of what stands behind.
    if (this.#isCurrent) this.#connection.hold(rest)
    else this.#connection.received(rest, rest.length)
  }

  takeBufferedBody(): Uint8Array | undefined {
    if (!this.bodyComplete || this.#bodyError !== undefined || this.#sink !== undefined) {
      return undefined
    }
    const held = this.#held
    this.#held = undefined
    if (held === undefined) return EMPTY
    return held.length === 1 ? held[0]! : Buffer.concat(held)
  }

  receiveBody(sink: BodySink): void {
    if (!this.#isCurrent) return
    this.#sink = sink
    if (this.#bodyError !== undefined) {
      sink.onBodyError(this.#bodyError)
      return
    }
    if (this.requestBodyBytes > this.#connection.context.server.limits.bodyBytes) {
      this.#failBody('body-too-large', 'content-length exceeds the body limit')
      return
    }
    if (this.#awaitsContinue && !this.bodyComplete && this.requestBodyReceived === 0) {
      this.#connection.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
    }
    this.#awaitsContinue = false
    if (!this.bodyComplete) this.#connection.watch()
    this.#flushHeld()
  }

  pauseBody(): void {
    this.#sinkPaused = true
  }

  resumeBody(): void {
    if (!this.#sinkPaused) return
    this.#sinkPaused = false
    this.#flushHeld()
    if (this.#isCurrent && this.#connection.socket.isPaused()) this.#connection.socket.resume()
  }

  respond(status: number, headers: string, body: Uint8Array | string | undefined): void {
    if (!this.#isCurrent || this.#responseStarted) return
    const length = body === undefined ? 0 : body.length
    const head = this.#responseHead(status, headers, length)
    const { socket } = this.#connection
    if (!this.#withBody || length === 0) this.#connection.write(head)
    else if (typeof body === 'string') this.#connection.write(head + body)
    else if (length <= ONE_STRING_BYTES_MAX) this.#connection.write(head + latin1(body!))
    else {
      const whole = Buffer.allocUnsafe(head.length + length)
      whole.write(head, 0, 'latin1')
      whole.set(body!, head.length)
      socket.write(whole)
    }
    this.#finish()
  }

  startResponse(status: number, headers: string, bodyBytes: number): void {
    if (!this.#isCurrent || this.#responseStarted) return
    this.#connection.socket.write(this.#responseHead(status, headers, bodyBytes), 'latin1')
  }

  writeBody(chunk: Uint8Array): boolean {
    if (!this.#isCurrent || !this.#withBody || chunk.length === 0) return true
    const data = this.#countDown(chunk)
    const flowing = writeChunk(this.#connection.socket, data, this.#responseRemaining === CHUNKED)
    if (!flowing) this.#connection.watch()
    return flowing
  }

  endResponse(): void {
    if (!this.#isCurrent) return
    // Fewer bytes than announced: only a broken connection says so.
    if (this.#withBody && this.#responseRemaining > 0) {
      this.abort()
      return
    }
    if (this.#withBody && this.#responseRemaining === CHUNKED) {
      this.#connection.socket.write('0\r\n\r\n', 'latin1')
    }
    this.#finish()
  }

  abort(): void {
    if (!this.#isCurrent) return
    this.listener = undefined
    this.#sink = undefined
    this.#connection.destroy()
  }

  drained(): void {
    this.listener?.onDrain()
  }

  /** The connection is gone. */
  clientGone(error: WireError): void {
    this.#sink = undefined
    this.#held = undefined
    this.listener?.onClientGone(error)
    this.#connection.context.giveBack(this.request)
  }

  /** The client closed its sending side. */
  inputEnded(): void {
    if (this.bodyComplete || this.#bodyError !== undefined) return
    this.#failBody('closed', 'client ended before its body was complete')
  }

  /** False when no more body is awaited. Too few bytes within the body timeout end the exchange. */
  checkBodyRate(elapsedMs: number): boolean {
    if (this.bodyComplete || this.#bodyError !== undefined || this.#sink === undefined) return false
    const { bodyBytesPerSecondMin, bodyTimeoutMs } = this.#connection.context.server.limits
    this.#windowMs += elapsedMs
    if (this.#windowMs < bodyTimeoutMs) return true
    const enough = (bodyBytesPerSecondMin * this.#windowMs) / 1000
    if (!this.#sinkPaused && this.#windowBytes < enough) {
      this.#failBody('body-timeout', 'request body arrives too slowly')
      return false
    }
    this.#windowBytes = 0
    this.#windowMs = 0
    return true
  }

  get #isCurrent(): boolean {
    return this.#connection.exchange === this
  }

  #consume(bytes: Buffer, from: number, to: number): number {
    let start = from
    let end: number
    let next: number
    if (this.#decoder === undefined) {
      end = Math.min(to, from + this.#remaining)
      this.#remaining -= end - from
      this.bodyComplete = this.#remaining === 0
      next = end
    } else {
      next = this.#decoder.decode(bytes, from, to)
      if (next === -1) {
        this.#failBody('body-framing', this.#decoder.error)
        return to
      }
      start = this.#decoder.dataStart
      end = this.#decoder.dataEnd
      this.bodyComplete = this.#decoder.done
    }
    this.requestBodyReceived += end - start
    this.#windowBytes += end - start
    if (this.requestBodyReceived > this.#connection.context.server.limits.bodyBytes) {
      this.bodyComplete = false
      this.#failBody('body-too-large', 'request body exceeds its limit')
      return to
    }
    this.#deliver(start === end ? EMPTY : bytes.subarray(start, end))
    return next
  }

  #deliver(data: Buffer): void {
    const sink = this.#sink
    if (sink === undefined || this.#sinkPaused || this.#held !== undefined) {
      if (data.length === 0) return
      this.#held ??= []
      this.#held.push(Buffer.from(data))
      this.#heldBytes += data.length
      if (this.#heldBytes > HELD_BYTES_MAX) this.#connection.socket.pause()
      return
    }
    if (data.length > 0) sink.onData(data)
    if (this.bodyComplete && this.#sink === sink) sink.onEnd()
  }

  #flushHeld(): void {
    const sink = this.#sink
    if (sink === undefined) return
    while (this.#held !== undefined && !this.#sinkPaused) {
      const data = this.#held.shift()
      if (data === undefined) {
        this.#held = undefined
        break
      }
      this.#heldBytes -= data.length
      sink.onData(data)
    }
    if (this.#held === undefined && this.bodyComplete && this.#sink === sink) sink.onEnd()
    else if (this.#held === undefined && this.#isCurrent && this.#connection.socket.isPaused()) {
      this.#connection.socket.resume()
    }
  }

  #failBody(kind: WireErrorKind, detail: string): void {
    const error = wireError(kind, 'client', 'never', detail)
    this.#bodyError = error
    this.#held = undefined
    this.#connection.context.server.stats.countRefusal(kind)
    this.#sink?.onBodyError(error)
  }

  #responseHead(status: number, headers: string, bodyBytes: number): string {
    this.#responseStarted = true
    this.#keepAlive =
      this.bodyComplete && this.#bodyError === undefined && this.#connection.mayKeepAlive
    const bodyless = status === 204 || status === 304 || status < 200
    this.#withBody = !bodyless && this.request.method !== 'HEAD'
    this.#responseRemaining = bodyBytes < 0 ? CHUNKED : bodyBytes
    let framing = ''
    if (bodyBytes >= 0) {
      if (!bodyless) framing = `content-length: ${bodyBytes}\r\n`
    } else if (this.#withBody) {
      if (this.request.minorVersion === 1) framing = 'transfer-encoding: chunked\r\n'
      else {
        this.#responseRemaining = -2
        this.#keepAlive = false
      }
    }
    return `${statusLine(status)}${headers}${framing}${this.#connectionField()}`
  }

  #connectionField(): string {
    if (!this.#keepAlive) return 'connection: close\r\n\r\n'
    return this.request.minorVersion === 1 ? '\r\n' : 'connection: keep-alive\r\n\r\n'
  }

  /** The chunk, cut to what was announced. */
  #countDown(chunk: Uint8Array): Uint8Array {
    if (this.#responseRemaining < 0) return chunk
    const length = Math.min(chunk.length, this.#responseRemaining)
    this.#responseRemaining -= length
    return length === chunk.length ? chunk : chunk.subarray(0, length)
  }

  #finish(): void {
    this.listener = undefined
    this.#sink = undefined
    this.#connection.exchangeEnded(this.#keepAlive)
  }
}

/** Bytes as a latin1 string: byte-exact, and one write together with the head. */
function latin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return buffer.toString('latin1')
}
