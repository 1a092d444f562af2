/**
 * One request through a link, from the wait for an agent to the last byte of the answer; the gateway's side of a stream.
 *
 * It is sent again, through another agent, where nothing can have come of it, and, once, where it may be repeated
 * (RFC 9110 §9.2.2) and its connection died before an answer: the rules of `OriginCall`.
 */

import { Timer } from '../base/timer-wheel.ts'
import type { OriginExchange } from '../http/client/origin.ts'
import type { OriginListener, OriginRequest } from '../http/client/origin-request.ts'
import { CODE } from '../http/h2/frame.ts'
import type { ResponseHead } from '../http/message/response-head-parser.ts'
import {
  type WireError,
  type WireErrorKind,
  type WireErrorRetry,
  wireError,
} from '../http/wire-error.ts'
import type { LinkAnswer } from './answer-fields.ts'
import type { ByteCollector } from './h2/byte-collector.ts'
import type { FieldReader } from './h2/field-block.ts'
import type { LinkStream, StreamListener } from './h2/stream.ts'
import type { HubConnection } from './hub-connection.ts'
import type { LinkOrigin } from './link-origin.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
/** Agents that are asked for one request, when each says that it has not looked at it. */
const ATTEMPTS_MAX = 4
/** A complete body up to here is handed over as text. */
const SHORT_BYTES_MAX = 3_072
const NOTHING = Buffer.alloc(0)

/** Without a closure for each call. */
class CallTimer extends Timer {
  readonly call: HubCall

  constructor(call: HubCall) {
    super(timedOut)
    this.call = call
  }
}

function timedOut(this: CallTimer): void {
  this.call.timedOut()
}

export class HubCall implements OriginExchange, StreamListener {
  readonly request: OriginRequest
  bodyStarted = false
  ended = false
  attempts = 0
  queuedAtMs = 0
  readonly origin: LinkOrigin
  readonly #listener: OriginListener
  readonly #timer: Timer
  #connection: HubConnection | undefined
  #stream: LinkStream | undefined
  #repeated = false
  /** An answer that is not handed over yet: its body may come in the same read. */
  #answered: LinkAnswer | undefined
  #body: Buffer = NOTHING
  #head: ResponseHead | undefined
  /** Body bytes that the answer has declared and that have not come; -1: it has declared none. */
  #left = -1
  #requestSent = false

  constructor(origin: LinkOrigin, request: OriginRequest, listener: OriginListener) {
    this.origin = origin
    this.request = request
    this.#listener = listener
    this.#timer = new CallTimer(this)
  }

  get canWrite(): boolean {
    return this.#stream !== undefined
  }

  writeBody(chunk: Uint8Array): boolean {
    if (this.ended || this.#stream === undefined) return this.ended
    this.bodyStarted = true
    const flowing = this.#stream.write(chunk)
    if (this.#head === undefined) this.#awaitBody(flowing)
    return flowing
  }

  endBody(): void {
    if (this.ended) return
    this.#stream?.end()
    this.#requestSent = true
    if (this.#head === undefined) this.#set(this.request.responseTimeoutMs)
  }

  pauseResponse(): void {
    if (this.ended) return
    this.#stream?.pause()
    this.origin.timers.clear(this.#timer)
  }

  resumeResponse(): void {
    if (this.ended) return
    this.#set(this.request.idleTimeoutMs)
    this.#stream?.resume()
  }

  abort(): void {
    if (this.ended) return
    this.#over()
    this.#stream?.reset(CODE.cancel)
    this.origin.forget(this)
  }

  // The hub's side.

  /** The wait for an agent is bounded, and counts towards the time for an answer. */
  wait(waitMs: number): void {
    if (this.queuedAtMs === 0) this.queuedAtMs = this.origin.timers.now()
    this.#set(Math.min(waitMs, this.request.responseTimeoutMs))
  }

  start(connection: HubConnection, block: ByteCollector): void {
    const { request, origin } = this
    const { body, streamedBodyBytes, caller } = request
    this.attempts++
    this.#connection = connection
    this.#answered = undefined
    this.#body = NOTHING
    this.#left = -1
    const streamed = streamedBodyBytes !== undefined
    const whole = body !== undefined && body.length > 0
    this.#requestSent = !streamed
    if (caller !== undefined) caller.linked = origin.hop(connection, this.attempts)
    this.#stream = connection.peer.open(block, !streamed && !whole, this)
    if (whole && !streamed) this.#stream.writeLast(body)
    if (streamed) {
      this.origin.timers.clear(this.#timer)
      this.#listener.onRequestDrain()
    } else this.#set(this.#timeLeft())
  }

  fail(error: WireError): void {
    if (this.ended) return
    if (error.retry === 'always' && !this.bodyStarted && this.attempts < ATTEMPTS_MAX) {
      this.#again()
      return
    }
    if (error.retry === 'if-reused' && this.#mayRepeat()) {
      this.#repeated = true
      this.#again()
      return
    }
    this.#over()
    this.origin.failed(error.kind)
    this.#listener.onOriginError(error)
  }

  // The stream's side.

  onHeaders(fields: FieldReader, ended: boolean): void {
    const answer = this.#connection!.answers.read(fields)
    if (answer === undefined) {
      this.#refuse('head-invalid', 'a malformed answer')
      return
    }
    this.#answered = answer
    if (ended) this.#answer(true)
    else this.#connection!.atReadEnd(this)
  }

  onData(chunk: Buffer): void {
    if (this.ended) return
    if (this.#answered !== undefined) {
      this.#body = this.#body.length === 0 ? chunk : Buffer.concat([this.#body, chunk])
      return
    }
    if (!this.#counts(chunk.length)) return
    this.#set(this.request.idleTimeoutMs)
    this.#listener.onResponseData(chunk)
  }

  onEnd(): void {
    if (this.ended) return
    if (this.#answered !== undefined) {
      this.#answer(true)
      return
    }
    if (this.#left > 0) {
      this.#refuse('body-framing', 'the answer is shorter than it said')
      return
    }
    const stream = this.#stream
    this.#over()
    if (stream?.localEnded === false) stream.reset(CODE.noError)
    this.#listener.onResponseEnd()
  }

  /** The body did not come in the read of the head: it is handed over as it comes. */
  readEnded(): void {
    if (!this.ended && this.#answered !== undefined) this.#answer(false)
  }

  onWritable(): void {
    if (this.ended) return
    if (this.#head === undefined && !this.#requestSent) this.#awaitBody(true)
    this.#listener.onRequestDrain()
  }

  onReset(code: number, detail: string): void {
    if (this.ended) return
    this.#stream = undefined
    const unanswered = this.#head === undefined
    let retry: WireErrorRetry = 'never'
    if (unanswered && code === CODE.refusedStream) retry = 'always'
    else if (unanswered && code === -1) retry = 'if-reused'
    this.fail(wireError('closed', 'origin', retry, `${this.#through()}: ${detail}`))
  }

  /** The head has come, and `complete`: all of the body. */
  #answer(complete: boolean): void {
    const body = this.#body
    const answer = this.#answered!
    const { error, status } = answer
    this.#answered = undefined
    this.#body = NOTHING
    if (error !== undefined) {
      this.#stream?.reset(CODE.noError)
      this.#stream = undefined
      this.fail({ ...error, detail: `${this.#through()}: ${error.detail}` })
      return
    }
    const bodyless = this.request.method === 'HEAD' || status === 204 || status === 304
    this.#left = bodyless ? 0 : answer.contentLength
    if (complete && this.#left === -1) this.#left = body.length
    if (!this.#counts(body.length)) return
    if (!complete) this.#handOver(answer, body)
    else if (this.#left > 0) this.#refuse('body-framing', 'the answer is shorter than it said')
    else this.#handOverWhole(answer, body)
  }

  #handOverWhole(answer: LinkAnswer, body: Buffer): void {
    const { origin } = this
    if (!origin.shareHead(answer)) {
      this.#refuseHead()
      return
    }
    const head = origin.sharedHead
    const stream = this.#stream
    this.#head = head
    this.#over()
    if (stream?.localEnded === false) stream.reset(CODE.noError)
    const short = body.length > 0 && body.length <= SHORT_BYTES_MAX
    if (short && this.#listener.onShortResponse !== undefined) {
      this.#listener.onShortResponse(head, body.toString('latin1', 0, body.length))
    } else this.#listener.onResponse(head, body, true)
  }

  #handOver(answer: LinkAnswer, body: Buffer): void {
    const { origin } = this
    const head = origin.takeHead()
    this.#head = head
    if (origin.parser.parse(answer.head, 0, answer.head.length, head) !== answer.head.length) {
      this.#refuseHead()
      return
    }
    this.#set(this.request.idleTimeoutMs)
    this.#listener.onResponse(head, body, false)
  }

  #refuseHead(): void {
    const { kind, detail } = this.origin.parser.error ?? { kind: 'head-invalid', detail: 'no head' }
    this.#refuse(kind as WireErrorKind, detail)
  }

  /** False: the answer is longer than it said. */
  #counts(bytes: number): boolean {
    if (this.#left === -1) return true
    this.#left -= bytes
    if (this.#left >= 0) return true
    this.#left = 0
    this.#refuse('body-framing', 'the answer is longer than it said')
    return false
  }

  #refuse(kind: WireErrorKind, detail: string): void {
    this.#stream?.reset(CODE.cancel)
    this.#stream = undefined
    this.fail(wireError(kind, 'origin', 'never', `${this.#through()}: ${detail}`))
  }

  #through(): string {
    return this.#connection === undefined ? 'link' : `link, agent ${this.#connection.agentId}`
  }

  #again(): void {
    this.#stream = undefined
    this.#connection = undefined
    this.origin.send(this.request, this.#listener, this)
  }

  #mayRepeat(): boolean {
    return !this.#repeated && !this.bodyStarted && IDEMPOTENT.has(this.request.method)
  }

  timedOut(): void {
    if (this.ended) return
    if (this.#stream === undefined) {
      this.origin.forget(this)
      this.fail(this.origin.noAgent())
    } else if (this.#head !== undefined) this.#refuse('idle-timeout', 'the answer stopped')
    else this.#refuse('response-timeout', 'no answer in time')
  }

  /** A client that takes its time over the body does not use up the target's. */
  #awaitBody(flowing: boolean): void {
    if (flowing) this.origin.timers.clear(this.#timer)
    else this.#set(this.request.responseTimeoutMs)
  }

  #timeLeft(): number {
    const { responseTimeoutMs } = this.request
    if (this.queuedAtMs === 0) return responseTimeoutMs
    return Math.max(1, responseTimeoutMs - (this.origin.timers.now() - this.queuedAtMs))
  }

  #set(delayMs: number): void {
    this.origin.timers.set(this.#timer, delayMs)
  }

  #over(): void {
    this.ended = true
    this.origin.timers.remove(this.#timer)
    if (this.#head !== undefined && this.#head !== this.origin.sharedHead) {
      this.origin.giveHeadBack(this.#head)
    }
  }
}
