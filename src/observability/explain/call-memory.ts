/**
 * The memory in which one worker keeps what `postern explain` tells of its calls, and how it is laid out.
 *
 * Shared memory that the main thread owns: it is read there without asking the worker, so also while the worker is
 * busy, and it outlives a worker that crashes. Two rings: calls that ended well, sixteen words each; and calls that did
 * not, sixteen words and a text each. So a flood of good calls does not push out the reason of a bad one.
 *
 *   word  0 turn, written last: a record with another turn than before is being overwritten
 *         1–4 request id, as characters     5 status, reason, step      6–7 start, monotonic ms of all threads
 *         8 stage number    9 route index  10 integration status, flags   11 µs until the integration was called
 *        12 µs that it took                13 µs in all                  14 µs that a step waited   15 body bytes sent
 */

export const WORDS = 16
const WORD_BYTES = 4
const RECORD_BYTES = WORDS * WORD_BYTES
/** A record with its text: one kilobyte. */
const TROUBLE_BYTES = 1_024
export const TROUBLE_WORDS = TROUBLE_BYTES / WORD_BYTES
/** The text's own length stands in front of it. */
export const TEXT_BYTES_MAX = TROUBLE_BYTES - RECORD_BYTES - WORD_BYTES

export const FLAG = {
  http2: 1,
  tls: 2,
  /** A preflight, answered by CORS. */
  preflight: 4,
  /** Texts were kept. */
  text: 8,
  /** The response broke off after it had begun. */
  cut: 16,
} as const

export interface CallMemory {
  readonly memory: SharedArrayBuffer
  /** Powers of two. */
  readonly calls: number
  readonly troubles: number
}

export interface CallMemorySizes {
  readonly explainCalls: number
  readonly explainTroubles: number
}

/** Room for at most so many; pages that nobody writes to cost nothing. */
export function allocateCallMemory(sizes: CallMemorySizes): CallMemory {
  const calls = powerOfTwo(sizes.explainCalls)
  const troubles = powerOfTwo(sizes.explainTroubles)
  const memory = new SharedArrayBuffer(calls * RECORD_BYTES + troubles * TROUBLE_BYTES)
  return { memory, calls, troubles }
}

/** The largest one that is not larger, at least 1. */
function powerOfTwo(value: number): number {
  return 2 ** Math.floor(Math.log2(Math.min(Math.max(value, 1), 2 ** 20)))
}

/** Word at which the ring of troubles begins. */
export function troublesAt({ calls }: CallMemory): number {
  return calls * WORDS
}
