// hot path — see STYLE §8
/**
 * Identifiers of traces and spans: lower-case hexadecimal, drawn from a pool so that the system's generator is asked
 * once for many. A trace id begins with the time in seconds, so that X-Ray's form and W3C's are the same id
 * (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids).
 */

import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 8_192
const SPAN_BYTES = 8
const TRACE_RANDOM_BYTES = 12

const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let used = POOL_BYTES

let secondsWritten = -1
let secondsHex = ''

/** 32 digits: eight of the time, 24 at random. */
export function newTraceId(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1_000)
  if (seconds !== secondsWritten) {
    secondsWritten = seconds
    secondsHex = (seconds >>> 0).toString(16).padStart(8, '0')
  }
  return secondsHex + randomHex(TRACE_RANDOM_BYTES)
}

/** 16 digits. */
export function newSpanId(): string {
  return randomHex(SPAN_BYTES)
}

function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const text = pool.toString('hex', used, used + bytes)
  used += bytes
  return text
}
