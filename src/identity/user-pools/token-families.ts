/**
 * Sign-ins and their refresh tokens.
 *
 * A sign-in is a family: its id is in every token that follows from it (`origin_jti`). The refresh token is that id and a
 * secret, of which the hash is kept. With rotation each use makes a new secret; the old one stays good for the client's
 * grace period, and after that whoever shows it is a thief or was robbed: the family is revoked.
 * RFC 9700 §4.14.2
 */

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { equalTexts } from './client-secret.ts'
import type { TokenFamilyRecord, UserPoolClientRecord, UserRecord } from './records.ts'
import { validityOf } from './token-validity.ts'

const SECRET_BYTES = 32
const SPENT_MAX = 32
/** The API looks for a family as long as one of its access tokens may be good. */
const KEPT_MS = 86_400_000

export interface NewFamily {
  readonly family: TokenFamilyRecord
  readonly refreshToken: string
}

export function newFamily(of: {
  readonly client: UserPoolClientRecord
  readonly user: UserRecord
  readonly now: Date
  readonly scope?: string | undefined
}): NewFamily {
  const originJti = randomUUID()
  const secret = newSecret()
  const { client, user, now, scope } = of
  const family: TokenFamilyRecord = {
    ...{ originJti, clientId: client.ClientId, username: user.username },
    sub: user.attributes['sub'] ?? '',
    authTime: now.toISOString(),
    expiresAt: new Date(now.getTime() + validityOf(client).refreshMs).toISOString(),
    current: hashOf(secret),
    ...(scope === undefined ? {} : { scope }),
  }
  return { family, refreshToken: `${originJti}.${secret}` }
}

/** Id of the family and the secret; undefined: this is no refresh token. */
export function splitRefreshToken(
  token: string,
): { readonly originJti: string; readonly secret: string } | undefined {
  const [, originJti, secret] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(token) ?? []
  return originJti === undefined ? undefined : { originJti, secret: secret! }
}

type Shown = 'good' | 'reused' | 'unknown'

/** Of a secret that was shown. In constant time. */
export function judgeSecret(
  { current, previous, spent }: TokenFamilyRecord,
  secret: string,
  now: Date,
): Shown {
  const hash = hashOf(secret)
  if (equalTexts(current, hash)) return 'good'
  if (spent?.some((each) => equalTexts(each, hash)) === true) return 'reused'
  if (previous === undefined || !equalTexts(previous.hash, hash)) return 'unknown'
  return Date.parse(previous.until) > now.getTime() ? 'good' : 'reused'
}

/** The family with a new secret; the last one stays good for a moment. */
export function rotated(
  family: TokenFamilyRecord,
  { now, graceSeconds }: { readonly now: Date; readonly graceSeconds: number },
): NewFamily {
  const secret = newSecret()
  const until = new Date(now.getTime() + graceSeconds * 1_000).toISOString()
  const previous = { hash: family.current, until }
  const old = family.previous === undefined ? [] : [family.previous.hash]
  const spent = [...old, ...(family.spent ?? [])].slice(0, SPENT_MAX)
  return {
    family: { ...family, current: hashOf(secret), previous, spent },
    refreshToken: `${family.originJti}.${secret}`,
  }
}

/** It opens nothing any more. */
export function isOver({ expiresAt, revoked }: TokenFamilyRecord, now: Date): boolean {
  return revoked === true || Date.parse(expiresAt) <= now.getTime()
}

/** No token of it can be good any more: the record may go. */
export function isForgettable({ expiresAt }: TokenFamilyRecord, now: Date): boolean {
  return Date.parse(expiresAt) + KEPT_MS <= now.getTime()
}

export function familyKey(poolId: string, originJti: string) {
  return { kind: 'user-pool-token-family', parent: poolId, id: originJti }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
