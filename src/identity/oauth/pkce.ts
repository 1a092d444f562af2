/** Proof Key for Code Exchange, RFC 7636: the exchange of a code comes from whoever asked for it. S256 only. */

import { createHash, timingSafeEqual } from 'node:crypto'

/** 4.1: 43 to 128 unreserved characters. */
const VERIFIER = /^[\w.~-]{43,128}$/

/** `challenge` is undefined when none was asked for; then a verifier must not come either (RFC 9700, 4.8). */
export function provesCodeChallenge(
  challenge: string | undefined,
  verifier: string | undefined,
): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier
  if (!VERIFIER.test(verifier)) return false
  const given = Buffer.from(createHash('sha256').update(verifier, 'ascii').digest('base64url'))
  const expected = Buffer.from(challenge)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
