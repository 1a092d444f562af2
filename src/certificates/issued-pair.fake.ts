/** Certificates for tests: an authority, and what it has signed for names under `localhost`. */

import { type KeyPair, makeAuthority, makeServerCertificate } from './certificate.ts'

const DAY_MS = 86_400_000

export interface TestAuthority {
  readonly authority: KeyPair
  /** Valid from a day before `now`, for so many days. */
  issue(names: readonly string[], days?: number): KeyPair
}

export function testAuthority(now: Date): TestAuthority {
  const fromEpochMs = now.getTime() - DAY_MS
  const validity = (days: number) => ({ fromEpochMs, untilEpochMs: now.getTime() + days * DAY_MS })
  const authority = makeAuthority(validity(3_000))
  return {
    authority,
    issue: (names, days = 90) => makeServerCertificate(authority, names, validity(days)),
  }
}
