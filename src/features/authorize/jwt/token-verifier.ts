// hot path — see STYLE §8
/**
 * Tokens of one issuer for one audience, in one worker: looks at a token once and keeps the verdict.
 *
 * Good tokens are kept until they expire, or until the keys have to be looked at again. Forged ones are kept in a place
 * of their own, so that a flood of them drives no good one out. Everything else that is refused costs so little that
 * it is looked at every time, and so is what can still become good (`nbf`, a key that is not known yet).
 */

import type { Clock } from '../../../base/clock.ts'
import type { JwtAuthorizer } from '../../../domain/http-api.ts'
import type { Limits } from '../../../domain/limits.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { type Accepted, type Forged, type JudgeRules, judge } from './judge.ts'
import type { Refusal, Verdict } from './verdict.ts'
import { VerdictCache } from './verdict-cache.ts'

export interface VerifierDeps {
  readonly clock: Clock
  readonly limits: Limits
}

const NO_SCOPES: readonly string[] = []

export class TokenVerifier {
  readonly keys: IssuerKeys
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #rules: JudgeRules
  readonly #findKeys: Parameters<typeof judge>[2]
  readonly #good: VerdictCache
  readonly #forged: VerdictCache

  constructor(
    { issuer, audience }: Pick<JwtAuthorizer, 'issuer' | 'audience'>,
    keys: IssuerKeys,
    { clock, limits }: VerifierDeps,
  ) {
    this.keys = keys
    this.#clock = clock
    this.#limits = limits
    const leewayMs = limits.tokenLeewayMs
    this.#rules = { issuer, audience: new Set(audience), leewayMs, limits }
    this.#findKeys = (keyId) => keys.find(keyId)
    this.#good = new VerdictCache({ count: limits.goodTokens, bytes: limits.goodTokenBytes })
    const bytes = limits.forgedTokens * limits.tokenBytes
    this.#forged = new VerdictCache({ count: limits.forgedTokens, bytes })
  }

  get audience(): ReadonlySet<string> {
    return this.#rules.audience
  }

  /** Undefined: the issuer's keys are being fetched; ask again when `keys.whenAnswered` tells. */
  verdictOf(token: string): Verdict | undefined {
    const now = this.#clock.epochMs()
    const verdict = this.#good.get(token)
    if (verdict !== undefined && this.#holds(verdict, now)) return verdict
    return this.#look(token, now)
  }

  #holds(verdict: Verdict, now: number): boolean {
    return verdict.until > now && verdict.generation === this.keys.generation
  }

  #look(token: string, now: number): Verdict | undefined {
    const forged = this.#forged.get(token)
    if (forged !== undefined && this.#holds(forged, now)) return forged
    const judgement = judge(token, this.#rules, this.#findKeys, now)
    switch (judgement.kind) {
      case 'waiting':
        return undefined
      case 'refused':
        return refused(judgement, this.keys.generation)
      case 'accepted':
        return this.#keepGood(token, judgement, now)
      case 'forged':
        return this.#keepForged(token, judgement, now)
    }
  }

  #keepGood(token: string, { claims, scopes, expiresMs }: Accepted, now: number): Verdict {
    const verdict: Verdict = {
      until: Math.min(expiresMs, this.keys.heldUntil(now)),
      generation: this.keys.generation,
      reason: undefined,
      detail: '',
      claims,
      scopes,
    }
    this.#good.set(token, verdict)
    return verdict
  }

  #keepForged(token: string, { expiresMs }: Forged, now: number): Verdict {
    const verdict: Verdict = {
      until: Math.min(expiresMs, now + this.#limits.forgedTokenMs),
      generation: this.keys.generation,
      reason: 'TOKEN_SIGNATURE_WRONG',
      detail: '',
      claims: undefined,
      scopes: NO_SCOPES,
    }
    this.#forged.set(token, verdict)
    return verdict
  }
}

/** Holds for this once. */
function refused({ reason, detail }: Refusal, generation: number): Verdict {
  return { until: 0, generation, reason, detail, claims: undefined, scopes: NO_SCOPES }
}
