/**
 * The tokens at the end of a sign-in, and of each refresh that follows from it.
 *
 * They are signed before the write that makes the sign-in count; whatever of the user has changed meanwhile ends it.
 */

import type {
  AuthenticationResultType,
  InitiateAuthResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import type {
  GroupRecord,
  TokenFamilyRecord,
  UserPoolRecord,
  UserRecord,
} from '../../identity/user-pools/records.ts'
import { familyKey, newFamily } from '../../identity/user-pools/token-families.ts'
import { validityOf } from '../../identity/user-pools/token-validity.ts'
import { accessClaims, idClaims, type TokenFacts } from '../../identity/user-pools/tokens.ts'
import { type FoundUser, findUser } from '../../identity/user-pools/users.ts'
import type { Decision, ReadContext } from '../service.ts'
import type { ClientCall } from './client-call.ts'
import { stampOf, wrongCredentials } from './who.ts'

export type AuthResponse = InitiateAuthResponse

export interface Granted {
  /** Default: all of a sign-in by the API. */
  readonly scope?: string
  readonly nonce?: string
  /** Given by somebody who has the user signed in already; default: now. */
  readonly authTime?: Date
}

/** Tokens for a user who has shown all that he has to. */
export async function grant(
  call: ClientCall,
  found: FoundUser,
  granted: Granted = {},
): Promise<Decision<AuthResponse>> {
  const { known, context } = call
  const { scope } = granted
  const { family, refreshToken } = newFamily({
    ...{ client: known.client, user: found.body, now: context.now, scope },
  })
  const tokens = await tokensOf(call, { user: found.body, family, ...granted })
  return {
    commit: async ({ records }) => {
      await requireUnchanged({ records }, known.pool, found.body)
      await records.put(familyKey(known.pool.Id, family.originJti), family)
      return {
        ChallengeParameters: {},
        AuthenticationResult: { ...tokens, RefreshToken: refreshToken },
      }
    },
  }
}

/** Throws when the user is another now than the one who was asked. */
async function requireUnchanged(
  { records }: Pick<ReadContext, 'records'>,
  pool: UserPoolRecord,
  user: UserRecord,
): Promise<void> {
  const now = await findUser(records, pool, user.username)
  if (now !== undefined && stampOf(now.body) === stampOf(user)) return
  throw wrongCredentials()
}

/** Access and id token of a family. */
export async function tokensOf(
  { pools, known, context }: ClientCall,
  of: Granted & { readonly user: UserRecord; readonly family: TokenFamilyRecord },
): Promise<AuthenticationResultType> {
  const { pool, client } = known
  const { user, family, scope, nonce } = of
  const facts: TokenFacts = {
    ...{ issuer: pools.issuerOf(pool.Id), client, user, originJti: family.originJti },
    groups: await context.read((reading) => groupsOf(reading, pool, user)),
    authTime: of.authTime ?? new Date(family.authTime),
    now: context.now,
    ...(scope === undefined ? {} : { scope }),
    ...(nonce === undefined ? {} : { nonce }),
  }
  const [AccessToken, IdToken] = await Promise.all([
    pools.sign(pool.Id, accessClaims(facts)),
    pools.sign(pool.Id, idClaims(facts)),
  ])
  const ExpiresIn = Math.floor(validityOf(client).accessMs / 1_000)
  return { AccessToken, IdToken, ExpiresIn, TokenType: 'Bearer' }
}

/** A group that is gone is in no token. */
export async function groupsOf(
  { records }: Pick<ReadContext, 'records'>,
  { Id: parent }: UserPoolRecord,
  user: UserRecord,
): Promise<readonly GroupRecord[]> {
  const groups: GroupRecord[] = []
  for (const id of user.groups) {
    const group = await records.get<GroupRecord>({ kind: 'user-pool-group', parent, id })
    if (group !== undefined) groups.push(group.body)
  }
  return groups
}
