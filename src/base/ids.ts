// hot path — see STYLE §8
/** Random identifiers, drawn from a pool so that the system's generator is asked once for many. */

import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 8_192
/** 88 bits: fifteen base64 characters and one `=`. */
const REQUEST_ID_BYTES = 11

const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let used = POOL_BYTES

/** An id in the form of API Gateway's extended request ids: `JKJaXmPLvHcESHA=`. */
export function requestId(): string {
  if (used + REQUEST_ID_BYTES > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const id = pool.toString('base64', used, used + REQUEST_ID_BYTES)
  used += REQUEST_ID_BYTES
  return id
}
