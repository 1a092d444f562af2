// hot path — see STYLE §8
/**
 * Identifiers of traces and spans: lower-case hexadecimal, drawn from a pool so that the system's generator is asked
 * once for many. A trace id begins with the time in seconds, so that X-Ray's form and W3C's are the same id
 * (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids).
 */

import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4_096
const SPAN_DIGITS = 16
const TRACE_RANDOM_DIGITS = 24

const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
/** The pool as text: cutting a piece out of it costs less than turning bytes into digits. */
let digits = ''
let used = 0

let secondsWritten = -1
let secondsHex = ''

/** 32 digits: eight of the time, 24 at random. */
export function newTraceId(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1_000)
  if (seconds !== secondsWritten) {
    secondsWritten = seconds
    secondsHex = (seconds >>> 0).toString(16).padStart(8, '0')
  }
  return secondsHex + randomDigits(TRACE_RANDOM_DIGITS)
}

/** 16 digits. */
export function newSpanId(): string {
  return randomDigits(SPAN_DIGITS)
}

function randomDigits(count: number): string {
  if (used + count > digits.length) {
    digits = randomFillSync(pool).toString('hex')
    used = 0
  }
  used += count
  return digits.slice(used - count, used)
}
