// hot path — see STYLE §8
/**
 * One request and response on an HTTP/2 stream.
 *
 * The same contract as `h1-exchange.ts`: frames and windows are the stream's, what they mean as a message is settled
 * here. Once the exchange is over, every method is without effect; the stream may live on until the last byte has left.
 */

import type { BodySink, ClientConnection, Exchange, ResponseListener } from '../exchange.ts'
import { CODE } from '../h2/frame.ts'
import type { RequestHead } from '../message/request-head.ts'
import { type WireErrorKind, wireError } from '../wire-error.ts'
import type { H2Head } from './h2-output.ts'
import type { H2Session } from './h2-session.ts'
import type { H2Stream } from './h2-stream.ts'

const CONTINUE: H2Head = { status: 100, headers: '', bodyBytes: -1 }
const NOTHING = Buffer.alloc(0)

export class H2Exchange implements Exchange {
  readonly request: RequestHead
  /** 0 for none, -1 while unknown. */
  readonly requestBodyBytes: number
  requestBodyReceived = 0
  listener: ResponseListener | undefined
  readonly stream: H2Stream

  readonly #session: H2Session
  #awaitsContinue: boolean
  #sink: BodySink | undefined
  #sinkPaused = false
  #endDelivered = false
  /** Body bytes and milliseconds since the rate was last judged. */
  #windowBytes = 0
  #windowMs = 0

  /** Nothing that the handler does has an effect any more. */
  #over = false
  #responseStarted = false
  #withBody = true
  #bareHead: H2Head | undefined
  /** Declared bytes still to be written; -1: no length was declared. */
  #remaining = -1

  constructor(session: H2Session, stream: H2Stream, request: RequestHead) {
    const { bodyBytes, expectContinue } = session.context.reader
    this.#session = session
    this.stream = stream
    this.request = request
    this.requestBodyBytes = bodyBytes
    this.#awaitsContinue = expectContinue
    stream.exchange = this
  }

  get connection(): ClientConnection {
    return this.#session.client
  }

  get protocol(): string {
    return 'HTTP/2.0'
  }

  /** The response was handed over completely, or the exchange was given up. */
  get over(): boolean {
    return this.#over
  }

  /** There is no more of the request body. */
  get #isWhole(): boolean {
    return this.stream.remoteEnded || this.requestBodyBytes === 0
  }

  takeBufferedBody(): Uint8Array | undefined {
    const { stream } = this
    if (!this.#isWhole || this.#sink !== undefined || this.#over) return undefined
    if (stream.heldBytes === 0) return NOTHING
    if (stream.heldBytes > this.#session.context.server.limits.bodyBytes) return undefined
    this.requestBodyReceived = stream.heldBytes
    return stream.takeHeld()
  }

  receiveBody(sink: BodySink): void {
    if (this.#over) return
    this.#sink = sink
    if (this.requestBodyBytes > this.#session.context.server.limits.bodyBytes) {
      this.#failBody('body-too-large', 'content-length exceeds the body limit')
      return
    }
    const { stream } = this
    const early = !this.#isWhole && !this.#responseStarted && stream.heldBytes === 0
    if (this.#awaitsContinue && early) {
      stream.head(CONTINUE, false)
    }
    this.#awaitsContinue = false
    if (!this.#sinkPaused) stream.pass()
    if (this.requestBodyBytes === 0) this.inputEnded()
  }

  pauseBody(): void {
    if (this.#over || this.#endDelivered) return
    this.#sinkPaused = true
    this.stream.hold()
  }

  resumeBody(): void {
    if (!this.#sinkPaused || this.#over) return
    this.#sinkPaused = false
    if (this.#sink !== undefined) this.stream.pass()
  }

  respond(status: number, headers: string, body: Uint8Array | string | undefined): void {
    if (!this.#mayRespond(status)) return
    const length = body === undefined ? 0 : body.length
    this.#begin(status, length)
    const bare = length === 0 || !this.#withBody
    const bodyBytes = isBodyless(status) ? -1 : length
    this.stream.head({ status, headers, bodyBytes }, bare)
    if (!bare) this.stream.write(typeof body === 'string' ? latin1(body) : body!, true)
    this.#leave()
  }

  startResponse(status: number, headers: string, bodyBytes: number): void {
    if (!this.#mayRespond(status)) return
    this.#begin(status, bodyBytes)
    const head = { status, headers, bodyBytes: isBodyless(status) ? -1 : bodyBytes }
    // The end of what has no body is the handler's to say, and stands in the same frame.
    if (this.#withBody) this.stream.head(head, false)
    else this.#bareHead = head
  }

  writeBody(chunk: Uint8Array): boolean {
    if (this.#over || !this.#withBody || chunk.length === 0) return true
    const bytes = this.#countDown(chunk)
    return bytes.length === 0 || this.stream.write(bytes, false)
  }

  endResponse(): void {
    if (this.#over) return
    // Fewer bytes than announced: only a reset says so.
    if (this.#withBody && this.#remaining > 0) {
      this.abort()
      return
    }
    if (this.#bareHead === undefined) this.stream.write(NOTHING, true)
    else this.stream.head(this.#bareHead, true)
    this.#leave()
  }

  abort(): void {
    if (this.#over) return
    this.#leave()
    this.stream.reset(CODE.internalError)
  }

  // What follows is for the stream.

  /** More of the request body. */
  receive(bytes: Buffer): void {
    const sink = this.#sink
    if (sink === undefined) return
    this.requestBodyReceived += bytes.length
    this.#windowBytes += bytes.length
    if (this.requestBodyReceived > this.#session.context.server.limits.bodyBytes) {
      this.#failBody('body-too-large', 'request body exceeds its limit')
    } else sink.onData(bytes)
  }

  /** The request body is whole. */
  inputEnded(): void {
    const sink = this.#sink
    if (sink === undefined || this.#endDelivered) return
    this.#endDelivered = true
    sink.onEnd()
  }

  drained(): void {
    if (!this.#over) this.listener?.onDrain()
  }

  /** The stream is gone; if that was before the answer was handed over, the handler hears of it. */
  closed(code: number): void {
    this.#gone('closed', `stream closed with code ${code}`)
  }

  /** The client has stopped reading. */
  stalled(): void {
    this.#gone('write-timeout', 'response is not read')
  }

  /** Too few bytes within the body timeout are an error. Called every `elapsedMs` while the stream is open. */
  watchBody(elapsedMs: number): void {
    if (this.#sink === undefined || this.#sinkPaused || this.#isWhole) return
    // With the connection's window used up by others, the client may not send.
    if (this.#session.windowUsedUp) return
    const { bodyTimeoutMs, bodyBytesPerSecondMin } = this.#session.context.server.limits
    this.#windowMs += elapsedMs
    if (this.#windowMs < bodyTimeoutMs) return
    const enough = (bodyBytesPerSecondMin * this.#windowMs) / 1000
    if (this.#windowBytes < enough) {
      this.#failBody('body-timeout', 'request body arrives too slowly')
    }
    this.#windowMs = 0
    this.#windowBytes = 0
  }

  #gone(kind: WireErrorKind, detail: string): void {
    if (this.#over) return
    const { listener } = this
    this.#over = true
    this.listener = undefined
    this.#sink = undefined
    listener?.onClientGone(wireError(kind, 'client', 'never', detail))
    this.#session.context.giveBack(this.request)
  }

  #failBody(kind: WireErrorKind, detail: string): void {
    const sink = this.#sink
    this.#sink = undefined
    this.#session.context.server.stats.countRefusal(kind)
    this.stream.drop()
    sink?.onBodyError(wireError(kind, 'client', 'never', detail))
  }

  #mayRespond(status: number): boolean {
    if (this.#over || this.#responseStarted || this.stream.closed) return false
    // RFC 9110 §15: no other status is final.
    const final = status >= 200 && status <= 599
    if (!final) this.abort()
    return final
  }

  #begin(status: number, bodyBytes: number): void {
    this.#responseStarted = true
    this.#withBody = !isBodyless(status) && this.request.method !== 'HEAD'
    this.#remaining = bodyBytes
  }

  /** The chunk, cut to what was announced. */
  #countDown(chunk: Uint8Array): Uint8Array {
    if (this.#remaining < 0) return chunk
    const length = Math.min(chunk.length, this.#remaining)
    this.#remaining -= length
    return length === chunk.length ? chunk : chunk.subarray(0, length)
  }

  #leave(): void {
    this.#over = true
    this.listener = undefined
    this.#sink = undefined
    // Last: the log line of this call is written when we return, before another head can be read.
    this.#session.context.giveBack(this.request)
  }
}

/** RFC 9110 §8.6: no content-length, and no body, where the status rules it out. */
function isBodyless(status: number): boolean {
  return status === 204 || status === 304 || status < 200
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
