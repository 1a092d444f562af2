// hot path — see STYLE §8
/**
 * One HTTP/1.1 connection to an origin, carrying one call at a time.
 *
 * Plain connections read into one buffer that all of a thread share (`onread`), so nothing is allocated for a read;
 * whatever must live longer is copied by whoever keeps it. Any doubt about where a response ends costs the connection.
 */

import type { Socket } from 'node:net'
import { Timer, type TimerWheel } from '../../base/timer-wheel.ts'
import { ChunkedDecoder } from '../message/chunked-decoder.ts'
import { INCOMPLETE, REFUSED } from '../message/request-head-parser.ts'
import {
  CHUNKED,
  ResponseHead,
  type ResponseHeadParser,
  UNTIL_CLOSE,
} from '../message/response-head-parser.ts'
import {
  type WireError,
  type WireErrorKind,
  type WireErrorRetry,
  wireError,
} from '../wire-error.ts'
import { writeChunk } from '../write-chunk.ts'
import { writeNow } from '../write-now.ts'
import type { OriginCall } from './origin-call.ts'
import type { OriginLimits, OriginRequest } from './origin-request.ts'

const ONE_STRING_BYTES_MAX = 16_384
/** Interim responses that an origin may send before the final one. */
const INTERIM_MAX = 16
const EMPTY = Buffer.alloc(0)

/** The pool's side of a connection. */
export interface ConnectionOwner {
  /** Its connections are TLS. */
  readonly secure: boolean
  readonly limits: OriginLimits
  readonly timers: TimerWheel
  readonly parser: ResponseHeadParser
  /** Usable now: either new and connected, or free after a call. */
  onFree(connection: OriginConnection): void
  onClosed(connection: OriginConnection, error: WireError): void
}

export class OriginConnection {
  readonly socket: Socket
  call: OriginCall | undefined
  /** Calls finished on it; above zero it is a reused one. */
  callsDone = 0
  connected = false

  readonly #owner: ConnectionOwner
  readonly #head: ResponseHead
  readonly #timer: Timer
  #decoder: ChunkedDecoder | undefined
  /** Start of a response head that came in pieces. */
  #partial: Buffer | undefined
  #headSeen = false
  #anyByte = false
  #interim = 0
  /** Body bytes to come; CHUNKED or UNTIL_CLOSE. */
  #remaining = 0
  #paused = false
  /** Response bytes that arrived while paused. */
  #heldBack: Buffer | undefined
  #requestSent = false
  #closed = false
  #closeReason: WireError | undefined

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket
    this.#owner = owner
    this.#head = new ResponseHead(owner.limits.headerCount)
    this.#timer = new Timer(() => this.#timedOut())
    owner.timers.set(this.#timer, owner.limits.connectTimeoutMs)
  }

  /** Sends a request. The connection must be free and connected. */
  send(call: OriginCall): void {
    const { request } = call
    this.call = call
    call.connection = this
    this.#headSeen = false
    this.#anyByte = false
    this.#interim = 0
    this.#requestSent = request.streamedBodyBytes === undefined
    this.#owner.timers.clear(this.#timer)
    if (this.#requestSent) this.#owner.timers.set(this.#timer, this.#timeLeft(call))
    this.#writeRequest(request)
    if (request.streamedBodyBytes !== undefined) call.deliverDrain()
  }

  writeBody(chunk: Uint8Array): boolean {
    const chunked = this.call?.request.streamedBodyBytes === CHUNKED
    if (chunk.length === 0) return true
    const flowing = writeChunk(this.socket, chunk, chunked)
    if (flowing) this.#awaitBody()
    else this.#awaitOrigin()
    return flowing
  }

  endBody(): void {
    if (this.call?.request.streamedBodyBytes === CHUNKED) this.socket.write('0\r\n\r\n', 'latin1')
    this.#requestSent = true
    this.#awaitOrigin()
  }

  pause(): void {
    this.#paused = true
    this.socket.pause()
    this.#owner.timers.clear(this.#timer)
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#touch()
    const held = this.#heldBack
    this.#heldBack = undefined
    if (held !== undefined) this.received(held, held.length)
    if (!this.#paused && !this.#closed) this.socket.resume()
  }

  /** The call no longer wants its response. */
  abandon(): void {
    this.call = undefined
    this.close('closed', 'never', 'call abandoned')
  }

  close(kind: WireErrorKind, retry: WireErrorRetry, detail: string): void {
    this.#closeReason ??= wireError(kind, 'origin', retry, detail)
    this.socket.destroy()
  }

  /** Named by the pool as the socket's listeners. */
  onConnected(): void {
    this.connected = true
    this.#owner.timers.clear(this.#timer)
    this.#idle()
    this.#owner.onFree(this)
  }

  onSocketError(error: NodeJS.ErrnoException): void {
    this.#closeReason ??= this.#describe(error)
  }

  onSocketDrain(): void {
    if (!this.#requestSent) this.#awaitBody()
    this.call?.deliverDrain()
  }

  onSocketEnd(): void {
    if (
      this.call !== undefined &&
      this.#headSeen &&
      this.#remaining === UNTIL_CLOSE &&
      !this.#paused
    ) {
      const call = this.call
      this.call = undefined
      call.deliverEnd()
    }
    this.socket.destroy()
  }

  onSocketClose(): void {
    if (this.#closed) return
    this.#closed = true
    this.#owner.timers.remove(this.#timer)
    const reused = this.callsDone > 0 && !this.#anyByte
    const error =
      this.#closeReason ??
      wireError('closed', 'origin', reused ? 'if-reused' : 'never', 'origin closed the connection')
    const call = this.call
    this.call = undefined
    this.#owner.onClosed(this, error)
    call?.fail(
      this.#anyByte || error.kind !== 'closed'
        ? error
        : { ...error, retry: reused ? 'if-reused' : 'elsewhere' },
    )
  }

  /** Bytes of the shared buffer, or of a TLS record: `[0, length)` are new. */
  received(bytes: Buffer, length: number): void {
    if (this.call === undefined) {
      // Nothing was asked: an unsolicited byte would be taken for the next answer.
      this.close('body-framing', 'never', 'bytes outside a response')
      return
    }
    this.#anyByte = true
    if (this.#paused) {
      const copy = Buffer.from(bytes.subarray(0, length))
      this.#heldBack = this.#heldBack === undefined ? copy : Buffer.concat([this.#heldBack, copy])
      return
    }
    if (this.#headSeen) {
      this.#touch()
      this.#takeBody(bytes, 0, length)
    } else if (this.#partial === undefined) {
      this.#takeHead(bytes, length)
    } else {
      const joined = Buffer.concat([this.#partial, bytes.subarray(0, length)])
      this.#partial = undefined
      this.#takeHead(joined, joined.length)
    }
  }

  #timeLeft(call: OriginCall): number {
    const { responseTimeoutMs } = call.request
    if (call.queuedAt === 0) return responseTimeoutMs
    return Math.max(1, responseTimeoutMs - (this.#owner.timers.now() - call.queuedAt))
  }

  #writeRequest(request: OriginRequest): void {
    const { head, body } = request
    if (body === undefined || body.length === 0) this.#writeText(head)
    else if (body.length <= ONE_STRING_BYTES_MAX) {
      const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
      this.#writeText(head + text)
    } else {
      const whole = Buffer.allocUnsafe(head.length + body.length)
      whole.write(head, 0, 'latin1')
      whole.set(body, head.length)
      this.socket.write(whole)
    }
  }

  /** The previous exchange is over, so nothing waits in the stream. */
  #writeText(text: string): void {
    if (this.#owner.secure) this.socket.write(text, 'latin1')
    else writeNow(this.socket, text)
  }

  #takeHead(bytes: Buffer, length: number): void {
    let from = 0
    for (;;) {
      const end = this.#owner.parser.parse(bytes, from, length, this.#head)
      if (end === REFUSED) {
        const { kind, detail } = this.#owner.parser.error!
        this.close(kind, 'never', detail)
        return
      }
      if (end === INCOMPLETE) {
        this.#partial = Buffer.from(bytes.subarray(from, length))
        return
      }
      if (this.#head.status >= 200) {
        this.#beginBody(bytes, end, length)
        return
      }
      if (this.#head.status === 101 || ++this.#interim > INTERIM_MAX) {
        this.close('head-invalid', 'never', 'unexpected interim responses')
        return
      }
      from = end
      if (from === length) return
    }
  }

  /** The final head is read: decides the framing and hands over what of the body is here. */
  #beginBody(bytes: Buffer, from: number, to: number): void {
    const head = this.#head
    const call = this.call!
    const { status } = head
    this.#headSeen = true
    const bodyless = call.request.method === 'HEAD' || status === 204 || status === 304
    this.#remaining = bodyless ? 0 : head.bodyBytes
    let start = from
    let end = to
    let next = to
    if (this.#remaining >= 0) {
      end = Math.min(to, from + this.#remaining)
      next = end
      this.#remaining -= end - from
    } else if (this.#remaining === CHUNKED) {
      this.#decoder = new ChunkedDecoder(this.#owner.limits)
      next = this.#decoder.decode(bytes, from, to)
      if (next === -1) {
        this.close('body-framing', 'never', this.#decoder.error)
        return
      }
      start = this.#decoder.dataStart
      end = this.#decoder.dataEnd
      if (this.#decoder.done) this.#remaining = 0
    }
    const complete = this.#remaining === 0
    if (complete) this.#release(next < to)
    else this.#owner.timers.set(this.#timer, call.request.idleTimeoutMs)
    if (complete && end > start && head.bodyBytes >= 0 && call.takesText && head.hasRest) {
      call.deliverShortResponse(head, head.restOf(start - from, end - from))
    } else {
      const body = start === end ? EMPTY : bytes.subarray(start, end)
      call.deliverResponse(head, body, complete)
    }
    if (complete) this.#offer()
  }

  #takeBody(bytes: Buffer, from: number, to: number): void {
    const call = this.call!
    if (this.#remaining === CHUNKED) {
      const next = this.#decoder!.decode(bytes, from, to)
      if (next === -1) {
        this.close('body-framing', 'never', this.#decoder!.error)
        return
      }
      const { dataStart, dataEnd, done } = this.#decoder!
      if (done) this.#release(next < to)
      if (dataEnd > dataStart) call.deliverData(bytes.subarray(dataStart, dataEnd))
      if (done) this.#finish(call)
      return
    }
    if (this.#remaining === UNTIL_CLOSE) {
      call.deliverData(bytes.subarray(from, to))
      return
    }
    const end = Math.min(to, from + this.#remaining)
    this.#remaining -= end - from
    const done = this.#remaining === 0
    if (done) this.#release(end < to)
    call.deliverData(bytes.subarray(from, end))
    if (done) this.#finish(call)
  }

  #finish(call: OriginCall): void {
    call.deliverEnd()
    this.#offer()
  }

  /** The response is complete: the call lets go, so that nothing it does can touch the next one's. */
  #release(surplus: boolean): void {
    const call = this.call!
    this.call = undefined
    call.connection = undefined
    this.callsDone++
    this.#decoder = undefined
    this.#owner.timers.clear(this.#timer)
    // Surplus bytes, a request that is not all sent or a peer that wants to close: not to be used again. What waits in
    // the stream would be overtaken by the next head, which goes past it (`#writeText`).
    const sent = this.#requestSent && this.socket.writableLength === 0
    if (surplus || !sent || !this.#head.keepAlive) {
      this.close('closed', 'never', 'connection not reusable')
    }
  }

  #offer(): void {
    if (this.call !== undefined || this.socket.destroyed) return
    this.#idle()
    this.#owner.onFree(this)
  }

  #idle(): void {
    this.#owner.timers.set(this.#timer, this.#owner.limits.idleTimeoutMs)
  }

  /** A client that takes its time over the body does not use up the origin's; the exchange watches over it. */
  #awaitBody(): void {
    if (!this.#headSeen) this.#owner.timers.clear(this.#timer)
  }

  /** The origin has to answer, or to take more of the body. */
  #awaitOrigin(): void {
    if (!this.#headSeen && this.call !== undefined) {
      this.#owner.timers.set(this.#timer, this.call.request.responseTimeoutMs)
    }
  }

  /** The response makes progress. */
  #touch(): void {
    if (this.#headSeen && this.call !== undefined) {
      this.#owner.timers.set(this.#timer, this.call.request.idleTimeoutMs)
    }
  }

  #timedOut(): void {
    if (!this.connected) this.close('connect-timeout', 'never', 'origin did not accept in time')
    else if (this.call === undefined) this.close('idle-timeout', 'never', 'idle connection closed')
    else if (this.#headSeen) this.close('idle-timeout', 'never', 'origin stopped sending')
    else this.close('response-timeout', 'never', 'origin did not answer in time')
  }

  #describe(error: NodeJS.ErrnoException): WireError {
    const detail = `${error.code ?? error.name}: ${error.message}`
    if (this.connected) return wireError('closed', 'origin', 'never', detail)
    return wireError(connectKind(error.code ?? ''), 'origin', 'never', detail)
  }
}

function connectKind(code: string): WireErrorKind {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name-not-resolved'
  if (code === 'ETIMEDOUT') return 'connect-timeout'
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code.includes('CERT')) {
    return 'tls-handshake'
  }
  return 'connect-refused'
}
