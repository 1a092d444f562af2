/**
 * Whether a signature is good at this moment: within the skew of clocks, or within the life of a presigned URL.
 */

import type { PresentedSignature } from './presented-signature.ts'
import { invalid, type Refusal } from './refusal.ts'
import { formatTimestamp } from './timestamp.ts'

/** `skewMs` is how far the time of a signature may be off, either way. */
export function refuseTime(
  presented: PresentedSignature,
  nowMs: number,
  skewMs: number,
): Refusal | undefined {
  const { timestamp, signedAtMs, scope, expiresSeconds } = presented
  if (scope.date !== timestamp.slice(0, 8)) return wrongDay(scope.date, timestamp)
  const skew = { ms: skewMs, text: `${skewMs / 60_000} min` }
  const life =
    expiresSeconds === undefined
      ? skew
      : { ms: expiresSeconds * 1000, text: `${expiresSeconds} sec` }
  if (signedAtMs > nowMs + skewMs) return notYetCurrent(timestamp, nowMs, skew)
  return signedAtMs < nowMs - life.ms ? expired(timestamp, nowMs, life) : undefined
}

function wrongDay(scopeDate: string, timestamp: string): Refusal {
  return invalid(
    'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
      `'${scopeDate}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    'time',
  )
}

function expired(timestamp: string, nowMs: number, span: Span): Refusal {
  const now = formatTimestamp(nowMs)
  const earliest = formatTimestamp(nowMs - span.ms)
  return invalid(
    `Signature expired: ${timestamp} is now earlier than ${earliest} (${now} - ${span.text}.)`,
    'time',
  )
}

function notYetCurrent(timestamp: string, nowMs: number, span: Span): Refusal {
  const now = formatTimestamp(nowMs)
  const latest = formatTimestamp(nowMs + span.ms)
  return invalid(
    `Signature not yet current: ${timestamp} is still later than ${latest} (${now} + ${span.text}.)`,
    'time',
  )
}

interface Span {
  readonly ms: number
  /** `5 min` */
  readonly text: string
}
