/**
 * When a certificate is renewed, and when an order that failed is tried again. Pure.
 *
 * Renewal begins when a third of the lifetime is left (Let's Encrypt's advice), spread over the time before by each
 * certificate's own number, so that those that were made together are not renewed together and a restart changes nothing.
 */

import { createHash } from 'node:crypto'
import type { AcmeError } from './acme-problem.ts'

export interface Lifetime {
  readonly fromEpochMs: number
  readonly untilEpochMs: number
}

export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/** Of the lifetime. */
const SPREAD = 0.05
/** Authorities count failed validations by the hour (Let's Encrypt: five), so these wait longer. */
const VALIDATION_FACTOR = 10
/** More doublings than this are beyond any maximum. */
const DOUBLINGS_MAX = 30

export function renewalTimeMs(id: string, { fromEpochMs, untilEpochMs }: Lifetime): number {
  const lifetimeMs = untilEpochMs - fromEpochMs
  const share =
    createHash('sha256').update(`${id} ${untilEpochMs}`).digest().readUInt32BE(0) / 2 ** 32
  return Math.floor(untilEpochMs - lifetimeMs / 3 - share * SPREAD * lifetimeMs)
}

/** `failures`: in a row, this one among them. `random`: from 0 to 1. */
export function retryDelayMs(
  { fault, reason, retryAfterMs = 0 }: Pick<AcmeError, 'fault' | 'reason' | 'retryAfterMs'>,
  failures: number,
  { firstMs, maxMs }: Backoff,
  random: number,
): number {
  const isSlow = reason === 'DOMAIN_VALIDATION_DENIED' || fault !== 'transient'
  const first = firstMs * (isSlow ? VALIDATION_FACTOR : 1)
  const delayMs = Math.min(first * 2 ** Math.min(failures - 1, DOUBLINGS_MAX), maxMs)
  // Never earlier than the server allows; up to a fifth later, so that many do not come back together.
  return Math.ceil(Math.max(delayMs, retryAfterMs) * (1 + random / 5))
}
