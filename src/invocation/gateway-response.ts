/**
 * Answers that the gateway gives itself. HTTP APIs have fixed ones: a status and `{"message":"…"}`.
 */

import { dateField } from '../http/message/date-field.ts'
import type { Refusal } from '../http/server/server-context.ts'
import type { WireError, WireErrorKind } from '../http/wire-error.ts'
import { REASONS, type ReasonCode } from '../observability/explain/reasons.ts'
import type { Because } from './because.ts'
import type { Invocation } from './invocation.ts'
import { RESPOND } from './outcome.ts'

/**
 * Ends the request side with the answer of the table. A step returns what this returns. `because`: for `postern explain`,
 * compiled with the plan.
 */
export function refuse(
  x: Invocation,
  code: ReasonCode,
  detail = '',
  because?: Because,
): typeof RESPOND {
  x.refuseWith(code, detail, because)
  return RESPOND
}

/** `{"message":"Not Found"}` as bytes, made once for each reason. */
export function messageBody(code: ReasonCode): Buffer {
  let body = BODIES.get(code)
  if (body === undefined) {
    body = Buffer.from(JSON.stringify({ message: REASONS[code].message }))
    BODIES.set(code, body)
  }
  return body
}

const BODIES = new Map<ReasonCode, Buffer>()

/** Which reason a failure on the client's side of the wire has. */
const CLIENT_REASONS: Partial<Record<WireErrorKind, ReasonCode>> = {
  'head-too-large': 'HEADERS_TOO_LARGE',
  'too-many-headers': 'HEADERS_TOO_LARGE',
  'target-too-long': 'URI_TOO_LONG',
  'body-too-large': 'REQUEST_TOO_LARGE',
  'body-framing': 'BODY_INVALID',
  'head-timeout': 'REQUEST_TIMEOUT',
  'body-timeout': 'REQUEST_TIMEOUT',
  closed: 'BODY_INVALID',
  overloaded: 'OVERLOADED',
  misdirected: 'MISDIRECTED',
}

/** Which reason a failed integration has. */
const ORIGIN_REASONS: Partial<Record<WireErrorKind, ReasonCode>> = {
  'connect-refused': 'INTEGRATION_UNREACHABLE',
  'connect-timeout': 'INTEGRATION_UNREACHABLE',
  'name-not-resolved': 'INTEGRATION_UNREACHABLE',
  'tls-handshake': 'INTEGRATION_UNREACHABLE',
  'response-timeout': 'INTEGRATION_TIMEOUT',
  'idle-timeout': 'INTEGRATION_TIMEOUT',
  'pool-exhausted': 'OVERLOADED',
  'no-target': 'NO_TARGET',
  'targets-busy': 'TARGETS_BUSY',
  'no-agent': 'LINK_UNAVAILABLE',
  'not-allowed': 'LINK_TARGET_REFUSED',
}

export function reasonOfClientError(error: WireError): ReasonCode {
  return CLIENT_REASONS[error.kind] ?? 'HEAD_INVALID'
}

export function reasonOfOriginError(error: WireError): ReasonCode {
  return ORIGIN_REASONS[error.kind] ?? 'INTEGRATION_FAILURE'
}

/** A step threw: 500 while nothing has been sent, else a broken connection. One of the two calls has no effect. */
export function answerCrash(x: Invocation): void {
  const { exchange, requestId, stageContext } = x
  const code = 'INTERNAL_ERROR'
  const headers = errorHeaders(requestId, stageContext.services.clock.epochMs())
  exchange.respond(REASONS[code].status, headers, messageBody(code))
  exchange.abort()
}

/** The fields of every answer that the gateway gives itself. */
export function errorHeaders(requestId: string, epochMs: number): string {
  return `content-type: application/json\r\napigw-requestid: ${requestId}\r\n${dateField(epochMs)}`
}

/** The engine's own answers have the same form as all others. */
export function engineRefusal(error: WireError, requestId: string, epochMs: number): Refusal {
  const code = reasonOfClientError(error)
  return {
    status: REASONS[code].status,
    headers: errorHeaders(requestId, epochMs),
    body: messageBody(code).toString('latin1'),
  }
}
