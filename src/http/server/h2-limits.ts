/**
 * Numbers of the HTTP/2 server: what a client may have open, hold and do too often on one connection.
 *
 * What is per request stands in `HttpServerLimits` and holds for both versions of HTTP.
 */

import type { HttpServerLimits } from './server-context.ts'

/** Requests in flight on one connection; RFC 9113 §6.5.2 asks for no less than 100. */
export const CONCURRENT_STREAMS_MAX = 128
/** The payload of a frame, in both directions: what every peer takes. */
export const FRAME_BYTES_MAX = 16_384
/** Body bytes that a client may send on one stream before it is read: the memory of a stream that nobody reads. */
export const STREAM_WINDOW_BYTES = 131_072
/** The same for the whole connection. */
export const CONNECTION_WINDOW_BYTES = 1_048_576
/** The dynamic table that requests may use (RFC 7541 §4). */
export const TABLE_BYTES_MAX = 4_096
/** A field block with its CONTINUATION frames (CVE-2024-28182), and how many frames it may come in. */
export const BLOCK_BYTES_MAX = 65_536
export const BLOCK_FRAMES_MAX = 16
/** Entries of a SETTINGS frame. */
export const SETTINGS_ENTRIES_MAX = 32
/** Responses that the client does not take, before nothing more is read from it. */
export const UNREAD_BYTES_MAX = 262_144
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
  /** Without effect, as unknown frames are, but browsers send a handful with every request. */
  priority: { burst: 1_024, perSecond: 128 },
  /** DATA without a byte that ends nothing, and frames of streams that are over. */
  empty: { burst: 256, perSecond: 64 },
} as const satisfies Record<string, Allowance>

export type AllowanceName = keyof typeof ALLOWANCES

/**
 * What is kept of a decoded header list: twice what is served. Beyond it the stream is reset; up to it a client learns more
 * from 431.
 */
export function decodedListLimits(limits: HttpServerLimits) {
  return {
    bytesMax: limits.headBytes * 2,
    countMax: limits.headerCount * 2 + HEADER_PAIRS_SLACK,
  }
}
