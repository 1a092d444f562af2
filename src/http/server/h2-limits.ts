/**
 * Numbers of the HTTP/2 server, and the options of `node:http2` made from them.
 *
 * Node's defaults suit a library, not a door to the street: four billion streams at once, for one. Every option that
 * bounds what a client may cost is therefore said here. What is per request stands in `HttpServerLimits` and holds for
 * both versions of HTTP.
 */

import http2 from 'node:http2'
import type { HttpServerLimits } from './server-context.ts'

/** Requests in flight on one connection; RFC 9113 §6.5.2 asks for no less than 100. */
export const CONCURRENT_STREAMS_MAX = 128
/** Body bytes that a client may send on one stream before it is read: the memory of a stream that nobody reads. */
const STREAM_WINDOW_BYTES = 131_072
/** The same for the whole connection. */
const CONNECTION_WINDOW_BYTES = 1_048_576
/** What nghttp2 may hold for one connection, in megabytes as the option counts. */
const SESSION_MEMORY_MEGABYTES = 8
/** Malformed frames, empty DATA frames among them, before the connection is closed. */
const INVALID_FRAMES_MAX = 64
/**
 * Streams refused because too many are open, and resets, that nghttp2 lets pass in the life of a connection or at
 * once. Both lie far above ours: one read may hold a thousand frames before we have our turn, and a connection that
 * nghttp2 gives up does not tell the client why.
 */
const REJECTED_STREAMS_MAX = 5_000
const NATIVE_RESETS_MAX = 5_000
/** Fields beyond our own count that are still decoded, so that the answer can be 431 instead of a reset. */
const HEADER_PAIRS_SLACK = 32

/** How often what a client may do too often is allowed at once and every second (see `h2-allowances.ts`). */
export interface Allowance {
  readonly burst: number
  readonly perSecond: number
}

export const ALLOWANCES = {
  /** Streams that end before they are answered: reset by the client, or by us for what it sent (CVE-2023-44487). */
  reset: { burst: 200, perSecond: 32 },
  ping: { burst: 100, perSecond: 4 },
  settings: { burst: 32, perSecond: 1 },
  /** Deprecated, without effect, but old browsers send a handful with every request. */
  priority: { burst: 1_024, perSecond: 128 },
} as const satisfies Record<string, Allowance>

export type AllowanceName = keyof typeof ALLOWANCES

/**
 * Options for `performServerHandshake`. The header list that is announced and decoded is twice the one that is served:
 * nghttp2 resets the stream beyond it, and a client learns more from 431.
 */
export function sessionOptions(limits: HttpServerLimits): http2.ServerSessionOptions {
  return {
    maxDeflateDynamicTableSize: 4_096,
    maxSendHeaderBlockLength: 65_536,
    maxHeaderListPairs: limits.headerCount * 2 + HEADER_PAIRS_SLACK,
    maxOutstandingPings: 2,
    maxSettings: 16,
    maxSessionMemory: SESSION_MEMORY_MEGABYTES,
    maxSessionInvalidFrames: INVALID_FRAMES_MAX,
    maxSessionRejectedStreams: REJECTED_STREAMS_MAX,
    streamResetBurst: NATIVE_RESETS_MAX,
    streamResetRate: ALLOWANCES.reset.perSecond,
    paddingStrategy: http2.constants.PADDING_STRATEGY_NONE,
    unknownProtocolTimeout: limits.headTimeoutMs,
    // Otherwise nghttp2 drops a value with outer white space without a word; we refuse it.
    strictFieldWhitespaceValidation: false,
    // An origin may repeat any field; it is passed on as it came.
    strictSingleValueFields: false,
    settings: {
      headerTableSize: 4_096,
      enablePush: false,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxFrameSize: 16_384,
      maxConcurrentStreams: CONCURRENT_STREAMS_MAX,
      maxHeaderListSize: limits.headBytes * 2,
      enableConnectProtocol: false,
    },
  }
}

/** Settings that Node takes only from a session that exists. */
export function prepareSession(session: http2.ServerHttp2Session): void {
  session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
}
