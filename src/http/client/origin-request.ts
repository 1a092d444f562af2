/**
 * What the gateway asks of an origin, and what it hears back. `origin-call.ts` carries one through.
 */

import type { ResponseHead } from '../message/response-head-parser.ts'
import type { WireError } from '../wire-error.ts'

export interface OriginRequest {
  readonly method: string
  /** Complete head: request line, fields, framing, empty line. */
  readonly head: string
  /** A complete body that goes out together with the head, or undefined: none, or streamed with `writeBody`. */
  readonly body: Uint8Array | undefined
  /** The body follows by `writeBody` and `endBody`. -1: chunked; else the declared length. Undefined: no stream. */
  readonly streamedBodyBytes: number | undefined
  /** From sending to the end of the response head. */
  readonly responseTimeoutMs: number
  /** Between two reads of the response body. */
  readonly idleTimeoutMs: number
  /** Whose request it is; undefined: the gateway's own. */
  readonly caller?: OriginCaller
}

/** The call that a request is made for, as far as those need it who stand between the gateway and the origin. */
export interface OriginCaller {
  readonly sourceIp: string
  /** Monotonic ms at which the request was handed over. */
  readonly integrationStartedMs: number
  /** Header block that the client gets besides the origin's fields. */
  replyHeaders: string
  /** Set by a load balancer. */
  balanced: BalancedHop | undefined
  /** Set by a link. */
  linked: LinkedHop | undefined
}

/** Where a load balancer has sent a request: for explain. */
export interface BalancedHop {
  /** ARNs; '' where it did not come so far. */
  readonly listener: string
  readonly rule: string
  readonly targetGroup: string
  /** `host:port` of the last target that was tried. */
  readonly target: string
  readonly attempts: number
  /** Targets that did not get it, with why. */
  readonly skipped: string
}

/** Through which link a request went: for explain. */
export interface LinkedHop {
  readonly vpcLinkId: string
  readonly agent: string
  /** `host:port` behind the link. */
  readonly target: string
  /** Agents that were asked. */
  readonly attempts: number
}

/** Hears of a response. Byte arrays are valid during the call only. */
export interface OriginListener {
  /**
   * The final response head together with the body bytes that came with it. `complete`: that is all of it, its length
   * is known, and the call is over. The head may be read until the call is over.
   */
  onResponse(head: ResponseHead, body: Buffer, complete: boolean): void
  /**
   * Instead of `onResponse`, for those who have it: a response that was one short read is complete, its body as latin1
   * text.
   */
  onShortResponse?(head: ResponseHead, body: string): void
  onResponseData(chunk: Buffer): void
  onResponseEnd(): void
  /** The origin can take more of the request body. */
  onRequestDrain(): void
  /** The call is over without a complete response. Nothing further is heard of it. */
  onOriginError(error: WireError): void
}

export interface OriginLimits {
  readonly headBytes: number
  readonly headerCount: number
  readonly chunkHeadBytes: number
  readonly chunkExtensionBytes: number
  readonly trailerBytes: number
  readonly connections: number
  readonly waiting: number
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
}
