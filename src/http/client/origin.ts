/**
 * Somebody who answers requests: a pool of connections, a stream through a link, a load balancer over several of these.
 *
 * Integrations hold an `Origin` and the call that it returns; how the request gets there is not theirs to know.
 */

import type { OriginLimits, OriginListener, OriginRequest } from './origin-request.ts'

export interface Origin {
  readonly limits: OriginLimits
  /** Sends now or as soon as it can. Errors come to the listener, in a later turn. */
  send(request: OriginRequest, listener: OriginListener): OriginExchange
}

/** One request under way: the handle of whoever sent it. It ignores everything once it has ended. */
export interface OriginExchange {
  readonly request: OriginRequest
  /** Body bytes have been handed over that cannot be sent a second time. */
  bodyStarted: boolean
  /** A body can be written already; otherwise the listener hears `onRequestDrain`. */
  readonly canWrite: boolean
  /** False: wait for `onRequestDrain`. The chunk may be reused when the call returns. */
  writeBody(chunk: Uint8Array): boolean
  endBody(): void
  pauseResponse(): void
  resumeResponse(): void
  /** The answer is no longer wanted. */
  abort(): void
}
