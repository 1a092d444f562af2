/**
 * Who may call, put together for one thread: the compiler of guards, the verifiers of tokens, the way to an issuer's keys.
 *
 * Loaded with the first stage that has an authorizer: a start without one is that much faster.
 */

import type { Clock } from '../../base/clock.ts'
import type { TimerWheel } from '../../base/timer-wheel.ts'
import type { HttpApiStage, RouteAuthorization } from '../../domain/http-api.ts'
import type { Limits } from '../../domain/limits.ts'
import type { TokenVerifier } from '../../features/authorize/jwt/token-verifier.ts'
import { TokenVerifiers } from '../../features/authorize/jwt/token-verifiers.ts'
import { documentFetcher } from '../../http/client/fetch-document.ts'
import type { OriginLimits } from '../../http/client/origin-request.ts'
import type { RunStep } from '../../invocation/plan.ts'
import { compileAuthorization } from '../../runtime/snapshot/compile-authorization.ts'

export interface AuthorizationParts {
  readonly clock: Clock
  readonly timers: TimerWheel
  readonly limits: Limits
  readonly origin: OriginLimits
}

export interface Authorization {
  /** See `compileAuthorization`; `used` collects what the stage uses. */
  compile(guard: RouteAuthorization, stage: HttpApiStage, used: Set<TokenVerifier>): RunStep
  /** Verifiers that nobody uses any more are forgotten. */
  retain(isUsed: (verifier: TokenVerifier) => boolean): void
}

export function createAuthorization(parts: AuthorizationParts): Authorization {
  const { clock, timers, limits, origin } = parts
  const fetchDocument = documentFetcher({
    timers,
    origin,
    bytesMax: limits.issuerDocumentBytes,
    timeoutMs: limits.issuerTimeoutMs,
  })
  const verifiers = new TokenVerifiers({ clock, limits, fetchDocument })
  const verifier = verifiers.verifierFor.bind(verifiers)
  return {
    compile: (guard, stage, used) =>
      compileAuthorization(guard, stage, { verifier, verifiers: used }),
    retain: (isUsed) => verifiers.retain(isUsed),
  }
}
