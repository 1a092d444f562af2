/**
 * What is known of a token once it has been looked at: that it is good, with its claims and until when, or why not.
 *
 * It depends on the token, the issuer, the audience and the issuer's keys, and on nothing of a request or a route.
 */

import type { JsonObject } from '../../../base/strict-json.ts'
import type { ReasonCode } from '../../../observability/explain/reasons.ts'

/** Reasons for which a token, or the lack of one, is refused. */
export type TokenReason = Extract<
  ReasonCode,
  `TOKEN_${string}` | 'ISSUER_UNREACHABLE' | 'SCOPE_MISSING'
>

export interface Refusal {
  readonly kind: 'refused'
  readonly reason: TokenReason
  /** For operators. Holds nothing of the token. */
  readonly detail: string
}

export function refusal(reason: TokenReason, detail = ''): Refusal {
  return { kind: 'refused', reason, detail }
}

/** All have one shape, whichever way they ended. */
export interface Verdict {
  /** Milliseconds since the epoch from which on it has to be looked at again. */
  readonly until: number
  /** The issuer's keys that it was made with; other keys, another verdict. */
  readonly generation: number
  /** Undefined: the token is good. */
  readonly reason: TokenReason | undefined
  readonly detail: string
  readonly claims: JsonObject | undefined
  readonly scopes: readonly string[]
}
