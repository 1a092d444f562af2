// hot path — see STYLE §8
/**
 * One request to an origin, from the queue to the last byte of the response.
 *
 * It is the handle that the integration holds: write the body, pause and resume the response, abort. A call that has
 * ended ignores everything. It survives one change of connection, when a kept-alive one proves dead before a byte.
 */

import type { Timer } from '../../base/timer-wheel.ts'
import type { ResponseHead } from '../message/response-head-parser.ts'
import type { WireError } from '../wire-error.ts'
import type { OriginExchange } from './origin.ts'
import type { OriginConnection } from './origin-connection.ts'
import type { OriginListener, OriginRequest } from './origin-request.ts'

/** Methods that may be repeated when a reused connection dies before answering (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** Who finds a connection for a call that must be sent again. */
export interface CallSender {
  resend(call: OriginCall): void
  forget(call: OriginCall): void
}

export class OriginCall implements OriginExchange {
  readonly request: OriginRequest
  connection: OriginConnection | undefined
  ended = false
  /** Body bytes have been handed over that cannot be sent a second time. */
  bodyStarted = false
  /** Ends the wait for a connection; only calls that had to queue have one. */
  waitTimer: Timer | undefined
  /** When it began to wait, in monotonic ms: the wait counts towards the response timeout. */
  queuedAt = 0

  readonly #listener: OriginListener
  readonly #sender: CallSender
  #retried = false

  constructor(request: OriginRequest, listener: OriginListener, sender: CallSender) {
    this.request = request
    this.#listener = listener
    this.#sender = sender
  }

  /** False: wait for `onRequestDrain`. The chunk may be reused when the call returns. */
  writeBody(chunk: Uint8Array): boolean {
    if (this.ended || this.connection === undefined) return this.ended
    this.bodyStarted = true
    return this.connection.writeBody(chunk)
  }

  endBody(): void {
    if (!this.ended) this.connection?.endBody()
  }

  /** Streams can only be written once there is a connection; the listener hears `onRequestDrain` then. */
  get canWrite(): boolean {
    return this.connection !== undefined
  }

  pauseResponse(): void {
    if (!this.ended) this.connection?.pause()
  }

  resumeResponse(): void {
    if (!this.ended) this.connection?.resume()
  }

  /** The answer is no longer wanted: the connection is given up, since its rest would reach somebody else. */
  abort(): void {
    if (this.ended) return
    this.ended = true
    if (this.connection === undefined) this.#sender.forget(this)
    else this.connection.abandon()
  }

  // What follows is for the connection and the pool.

  deliverResponse(head: ResponseHead, body: Buffer, complete: boolean): void {
    if (this.ended) return
    this.ended = complete
    this.#listener.onResponse(head, body, complete)
  }

  /** Whether a short response is wanted as text. */
  get takesText(): boolean {
    return this.#listener.onShortResponse !== undefined
  }

  deliverShortResponse(head: ResponseHead, body: string): void {
    if (this.ended) return
    this.ended = true
    this.#listener.onShortResponse!(head, body)
  }

  deliverData(chunk: Buffer): void {
    if (!this.ended) this.#listener.onResponseData(chunk)
  }

  deliverEnd(): void {
    if (this.ended) return
    this.ended = true
    this.#listener.onResponseEnd()
  }

  deliverDrain(): void {
    if (!this.ended) this.#listener.onRequestDrain()
  }

  /** Sends the request again where that is safe, else reports the failure. */
  fail(error: WireError): void {
    if (this.ended) return
    const repeatable =
      error.retry === 'always' ||
      (error.retry === 'if-reused' && IDEMPOTENT.has(this.request.method))
    if (repeatable && !this.#retried && !this.bodyStarted) {
      this.#retried = true
      this.connection = undefined
      this.#sender.resend(this)
      return
    }
    this.ended = true
    this.#listener.onOriginError(error)
  }
}
