/**
 * New tokens for a refresh token, and the end of refresh tokens: RevokeToken, GlobalSignOut.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
 */

import type {
  AdminUserGlobalSignOutRequest,
  GetTokensFromRefreshTokenRequest,
  GetTokensFromRefreshTokenResponse,
  GlobalSignOutRequest,
  RevokeTokenRequest,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { TokenFamilyRecord, UserRecord } from '../../identity/user-pools/records.ts'
import {
  familyKey,
  isOver,
  judgeSecret,
  rotated,
  splitRefreshToken,
} from '../../identity/user-pools/token-families.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { findUser, putUser } from '../../identity/user-pools/users.ts'
import { type Decision, decide, Refused, type WriteContext, write } from '../service.ts'
import {
  type ClientCall,
  checkClientSecret,
  clientCall,
  mayGo,
  notAuthorized,
} from './client-call.ts'
import { invalid, requirePool } from './found.ts'
import { type AuthResponse, tokensOf } from './grant.ts'
import { requireSelf } from './self.ts'
import { requireUser } from './user-found.ts'
import { requireUsable } from './who.ts'

export function refreshOperations(pools: UserPools) {
  return {
    GetTokensFromRefreshToken: decide<
      GetTokensFromRefreshTokenRequest,
      GetTokensFromRefreshTokenResponse
    >(async ({ ClientId, RefreshToken = '', ClientSecret }, context) => {
      const call = clientCall(pools, { ClientId }, context)
      const isRotating = isRotated(call)
      if (!isRotating && !mayGo(call, ['ALLOW_REFRESH_TOKEN_AUTH'])) {
        throw invalid('Refresh tokens are not enabled for this client')
      }
      await checkClientSecret(call, ClientSecret)
      return refresh(call, { token: RefreshToken, rotate: isRotating })
    }),
    RevokeToken: decide<RevokeTokenRequest, object>(
      async ({ ClientId, Token = '', ClientSecret }, context) => {
        const call = clientCall(pools, { ClientId }, context)
        await checkClientSecret(call, ClientSecret)
        return revoke(call, Token)
      },
    ),
    GlobalSignOut: decide<GlobalSignOutRequest, object>(async ({ AccessToken }, context) => {
      const { known, user } = await requireSelf(pools, context, AccessToken)
      return { commit: (writing) => signOut(writing, known.pool.Id, user.username) }
    }),
    AdminUserGlobalSignOut: write<AdminUserGlobalSignOutRequest, object>(
      async (request, context) => {
        const pool = await requirePool(context, request.UserPoolId)
        const { username } = (await requireUser(context, pool, request.Username)).body
        return signOut(context, pool.Id, username)
      },
    ),
  }
}

export function isRotated({ known }: ClientCall): boolean {
  return known.client.RefreshTokenRotation?.Feature === 'ENABLED'
}

export interface RefreshWish {
  readonly token: string
  /** Whether the client has shown what it has to for this user. */
  readonly check?: (username: string, sub: string) => Promise<void>
  readonly rotate: boolean
}

/** Tokens of the same sign-in; with rotation, a new refresh token in the place of this one. */
export async function refresh(
  call: ClientCall,
  { token, check, rotate }: RefreshWish,
): Promise<Decision<AuthResponse>> {
  const { known, context } = call
  const { pool, client } = known
  const { family, secret } = await familyOf(call, token)
  if (family?.clientId !== client.ClientId) throw invalidToken()
  const user = await context.read(({ records }) => findUser(records, pool, family.username))
  if (user?.body.attributes['sub'] !== family.sub) throw invalidToken()
  if (!rotate && isRotated(call)) throw invalid('Refresh tokens of this client are rotated.')
  await check?.(user.body.username, user.body.attributes['sub'] ?? '')
  const shown = judgeSecret(family, secret, context.now)
  if (shown === 'unknown') throw invalidToken()
  if (shown === 'reused') return { commit: (writing) => endFamily(writing, pool.Id, family) }
  requireAlive(family, user.body, context.now)
  requireUsable(user.body)
  const { scope } = family
  const granted = scope === undefined ? {} : { scope }
  const tokens = await tokensOf(call, { user: user.body, family, ...granted })
  if (!rotate) return { answer: { ChallengeParameters: {}, AuthenticationResult: tokens } }
  const graceSeconds = client.RefreshTokenRotation?.RetryGracePeriodSeconds ?? 0
  return {
    commit: async (writing) => {
      const key = familyKey(pool.Id, family.originJti)
      const now = (await writing.records.get<TokenFamilyRecord>(key))?.body
      // Another call may have used it since it was read.
      if (now === undefined || isOver(now, writing.now)) return new Refused(invalidToken())
      const again = judgeSecret(now, secret, writing.now)
      if (again !== 'good') return endFamily(writing, pool.Id, now)
      const next = rotated(now, { now: writing.now, graceSeconds })
      await writing.records.put(key, next.family)
      const AuthenticationResult = { ...tokens, RefreshToken: next.refreshToken }
      return { ChallengeParameters: {}, AuthenticationResult }
    },
  }
}

/** Throws when no token of the family may be used any more. */
export function requireAlive(family: TokenFamilyRecord, user: UserRecord, now: Date): void {
  if (family.revoked === true) throw notAuthorized('Refresh Token has been revoked')
  if (isOver(family, now)) throw notAuthorized('Refresh Token has expired')
  if (wasSignedOut(family, user)) throw notAuthorized('Refresh Token has been revoked')
}

export function wasSignedOut(
  { authTime }: TokenFamilyRecord,
  { signedOutAt }: UserRecord,
): boolean {
  return signedOutAt !== undefined && authTime <= signedOutAt
}

/** What it came from may be in two hands: nobody gets anything more. The writes of this refusal stay. */
async function endFamily(
  { records }: WriteContext,
  poolId: string,
  family: TokenFamilyRecord,
): Promise<Refused> {
  await records.put(familyKey(poolId, family.originJti), { ...family, revoked: true })
  return new Refused(
    new ServiceError('RefreshTokenReuseException', 'Refresh token has been used before.'),
  )
}

/** Of a client that may; what is no token of anybody is revoked already (RFC 7009 §2.2). */
export async function revoke(call: ClientCall, token: string): Promise<Decision<object>> {
  const { known } = call
  if (known.client.EnableTokenRevocation === false) {
    const message = 'Token revocation is not enabled for this client.'
    throw new ServiceError('UnsupportedOperationException', message)
  }
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    throw new ServiceError('UnsupportedTokenTypeException', 'Only refresh tokens can be revoked.')
  }
  const { family, secret } = await familyOf(call, token)
  if (family === undefined || judgeSecret(family, secret, call.context.now) === 'unknown') {
    return { answer: {} }
  }
  if (family.clientId !== known.client.ClientId) {
    throw new ServiceError('UnauthorizedException', 'The token was issued to another client.')
  }
  const key = familyKey(known.pool.Id, family.originJti)
  return {
    commit: async ({ records }) => {
      const now = await records.get<TokenFamilyRecord>(key)
      if (now !== undefined) await records.put(key, { ...now.body, revoked: true })
      return {}
    },
  }
}

async function familyOf({ known, context }: ClientCall, token: string) {
  const { originJti = '', secret = '' } = splitRefreshToken(token) ?? {}
  const key = familyKey(known.pool.Id, originJti)
  const found = await context.read(({ records }) => records.get<TokenFamilyRecord>(key))
  return { family: found?.body, secret }
}

async function signOut(context: WriteContext, poolId: string, username: string): Promise<object> {
  const pool = await requirePool(context, poolId)
  const { body } = await requireUser(context, pool, username)
  const signedOutAt = context.now.toISOString()
  await putUser(context.records, { pool, user: { ...body, signedOutAt } })
  return {}
}

function invalidToken(): ServiceError {
  return notAuthorized('Invalid Refresh Token')
}
