/**
 * What is still asked of a user who has proved his password: a new one, a second factor, or nothing.
 */

import type { ChallengeNameType } from '@aws-sdk/client-cognito-identity-provider'
import { type ChallengeSession, sealSession } from '../../identity/user-pools/challenge-session.ts'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import type { FoundUser } from '../../identity/user-pools/users.ts'
import type { Decision } from '../service.ts'
import { type ClientCall, notAuthorized } from './client-call.ts'
import { type AuthResponse, grant } from './grant.ts'
import { requireUsable, stampOf } from './who.ts'

const MINUTE_MS = 60_000

/** What is next for a user who has proved his password, and perhaps his second factor. */
export async function proceed(
  call: ClientCall,
  found: FoundUser,
  passed: 'password' | 'all',
): Promise<Decision<AuthResponse>> {
  const { body: user } = found
  requireUsable(user)
  if (user.status === 'FORCE_CHANGE_PASSWORD') return newPasswordRequired(call, user)
  const { MfaConfiguration: mfa } = call.known.pool
  const asksMfa = mfa === 'ON' || (mfa === 'OPTIONAL' && user.totpEnabled === true)
  if (passed === 'all' || !asksMfa) return grant(call, found)
  if (user.sealedTotp === undefined) {
    const parameters = { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' }
    return { answer: await challenge(call, user, { name: 'MFA_SETUP', parameters }) }
  }
  return { answer: await challenge(call, user, { name: 'SOFTWARE_TOKEN_MFA', parameters: {} }) }
}

async function newPasswordRequired(
  call: ClientCall,
  user: UserRecord,
): Promise<Decision<AuthResponse>> {
  const { expiresAt } = user.password ?? {}
  if (expiresAt !== undefined && Date.parse(expiresAt) <= call.context.now.getTime()) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.')
  }
  const { SchemaAttributes = [] } = call.known.pool
  const missing = SchemaAttributes.filter(
    ({ Name = '', Required }) => Required === true && !user.attributes[Name],
  )
  const { sub: _sub, ...attributes } = user.attributes
  const parameters = {
    userAttributes: JSON.stringify(attributes),
    requiredAttributes: JSON.stringify(missing.map(({ Name }) => `userAttributes.${Name}`)),
  }
  return { answer: await challenge(call, user, { name: 'NEW_PASSWORD_REQUIRED', parameters }) }
}

interface Asked {
  readonly name: ChallengeNameType
  readonly parameters: Readonly<Record<string, string>>
  readonly extra?: ChallengeSession['extra']
}

async function challenge(
  call: ClientCall,
  user: UserRecord,
  { name, parameters, extra }: Asked,
): Promise<AuthResponse> {
  return {
    ChallengeName: name,
    Session: await sessionOf(call, user, { name, ...(extra === undefined ? {} : { extra }) }),
    ChallengeParameters: { USER_ID_FOR_SRP: user.username, ...parameters },
  }
}

/** A session that the next call of the same client, for the same user, takes up. */
export async function sessionOf(
  { pools, known, context }: Pick<ClientCall, 'pools' | 'known' | 'context'>,
  user: UserRecord,
  asked: Pick<Asked, 'name' | 'extra'>,
): Promise<string> {
  const { pool, client } = known
  const minutes = client.AuthSessionValidity ?? 3
  return sealSession(await pools.sealer(), {
    ...{ poolId: pool.Id, clientId: client.ClientId, username: user.username },
    challenge: asked.name,
    expiresAt: context.now.getTime() + minutes * MINUTE_MS,
    stamp: stampOf(user),
    ...(asked.extra === undefined ? {} : { extra: asked.extra }),
  })
}
