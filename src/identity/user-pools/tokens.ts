/**
 * The tokens of a pool, with Cognito's claims, and the check of an access token that comes back to the API.
 *
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */

import { randomUUID } from 'node:crypto'
import type { GroupRecord, UserPoolClientRecord, UserRecord } from './records.ts'
import { readableAttributes } from './schema.ts'
import { validityOf } from './token-validity.ts'

/** The scope of a sign-in by the API: the user may manage himself. */
export const SELF_SCOPE = 'aws.cognito.signin.user.admin'

/** Seconds and milliseconds are told apart by the name. */
export interface TokenFacts {
  readonly issuer: string
  readonly client: UserPoolClientRecord
  readonly user: UserRecord
  /** Of the user, in any order. */
  readonly groups: readonly GroupRecord[]
  readonly originJti: string
  readonly authTime: Date
  readonly now: Date
  /** Default: that of a sign-in by the API. */
  readonly scope?: string
  /** Of the authorization request. */
  readonly nonce?: string
}

export function accessClaims(facts: TokenFacts): object {
  const { client, user, scope = SELF_SCOPE } = facts
  return {
    sub: user.attributes['sub'],
    ...groupNames(facts),
    iss: facts.issuer,
    ...(facts.scope === undefined ? {} : { version: 2 }),
    client_id: client.ClientId,
    origin_jti: facts.originJti,
    event_id: facts.originJti,
    token_use: 'access',
    scope,
    ...times(facts, validityOf(client).accessMs),
    jti: randomUUID(),
    username: user.username,
  }
}

export function idClaims(facts: TokenFacts): object {
  const { client, user, nonce } = facts
  const own = readableAttributes(client, user.attributes).map(([name, value]) => [
    name,
    claimOf(name, value),
  ])
  return {
    sub: user.attributes['sub'],
    ...Object.fromEntries(own),
    ...groupNames(facts),
    ...groupRoles(facts),
    iss: facts.issuer,
    'cognito:username': user.username,
    origin_jti: facts.originJti,
    event_id: facts.originJti,
    aud: client.ClientId,
    token_use: 'id',
    ...(nonce === undefined ? {} : { nonce }),
    ...times(facts, validityOf(client).idMs),
    jti: randomUUID(),
  }
}

function times({ authTime, now }: TokenFacts, lifeMs: number) {
  const iat = Math.floor(now.getTime() / 1_000)
  return {
    auth_time: Math.floor(authTime.getTime() / 1_000),
    exp: iat + Math.floor(lifeMs / 1_000),
    iat,
  }
}

function groupNames({ groups }: TokenFacts): object {
  if (groups.length === 0) return {}
  return { 'cognito:groups': byPrecedence(groups).map(({ name }) => name) }
}

/** The best group's role is the preferred one, unless another is as good and has a different one. */
function groupRoles({ groups }: TokenFacts): object {
  const withRole = byPrecedence(groups).filter(({ roleArn }) => roleArn !== undefined)
  if (withRole.length === 0) return {}
  const best = withRole.filter(({ precedence }) => precedence === withRole[0]!.precedence)
  const isClear = best.every(({ roleArn }) => roleArn === best[0]!.roleArn)
  return {
    'cognito:roles': withRole.map(({ roleArn }) => roleArn),
    ...(isClear ? { 'cognito:preferred_role': best[0]!.roleArn } : {}),
  }
}

function byPrecedence(groups: readonly GroupRecord[]): readonly GroupRecord[] {
  const rank = ({ precedence }: GroupRecord) => precedence ?? Number.POSITIVE_INFINITY
  return groups.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? -1 : 1))
}

/** Attributes are texts; some claims are not (OpenID Connect Core §5.1). */
function claimOf(name: string, value: string): unknown {
  if (name === 'email_verified' || name === 'phone_number_verified') return value === 'true'
  if (name === 'updated_at') return Number(value)
  if (name === 'address') return { formatted: value }
  return value
}

/** What an access token says, once it has been proved. */
export interface AccessClaims {
  readonly iss: string
  readonly client_id: string
  readonly origin_jti: string
  readonly username: string
  readonly scope: string
  readonly token_use: string
  readonly exp: number
  readonly auth_time: number
}

export interface SplitToken {
  readonly kid: string
  readonly claims: Readonly<Record<string, unknown>>
  /** What was signed. */
  readonly text: string
  readonly signature: Uint8Array
}

const TOKEN_CHARACTERS_MAX = 16_384

/** Undefined: no JWT that a pool has made, whatever else it is. Nothing is proved yet. */
export function splitToken(token: string): SplitToken | undefined {
  if (token.length > TOKEN_CHARACTERS_MAX) return undefined
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token)
  if (parts === null) return undefined
  const [, head = '', body = '', signature = ''] = parts
  const header = parsed(head)
  const claims = parsed(body)
  if (header?.['alg'] !== 'RS256' || typeof header['kid'] !== 'string') return undefined
  if (claims === undefined) return undefined
  const bytes = Buffer.from(signature, 'base64url')
  return { kid: header['kid'], claims, text: `${head}.${body}`, signature: bytes }
}

function parsed(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
