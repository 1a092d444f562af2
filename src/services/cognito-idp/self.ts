/**
 * What a user does to himself, with his access token: GetUser, attributes, ChangePassword, DeleteUser.
 *
 * The token is checked as an API would, and besides that its sign-in may not have been ended.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
 */

import type {
  ChangePasswordRequest,
  DeleteUserAttributesRequest,
  DeleteUserRequest,
  GetUserRequest,
  GetUserResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import type { KnownClient } from '../../identity/user-pools/directory.ts'
import type {
  TokenFamilyRecord,
  UserPoolRecord,
  UserRecord,
} from '../../identity/user-pools/records.ts'
import { readableAttributes } from '../../identity/user-pools/schema.ts'
import { familyKey } from '../../identity/user-pools/token-families.ts'
import { SELF_SCOPE } from '../../identity/user-pools/tokens.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { deleteUser, findUser, putUser } from '../../identity/user-pools/users.ts'
import { type DecideContext, type Decision, decide, type WriteContext } from '../service.ts'
import { withoutAttributes } from './attributes.ts'
import { notAuthorized } from './client-call.ts'
import { newPassword } from './new-password.ts'
import { provePassword } from './prove-password.ts'
import { attributesShown, mfaShown } from './user-found.ts'
import { stampOf, wrongCredentials } from './who.ts'

export function selfOperations(pools: UserPools) {
  return {
    GetUser: decide<GetUserRequest, GetUserResponse>(async ({ AccessToken }, context) => {
      const { known, user } = await requireSelf(pools, context, AccessToken)
      const { sub = '' } = user.attributes
      const readable = readableAttributes(known.client, user.attributes)
      const UserAttributes = attributesShown({ sub, ...Object.fromEntries(readable) })
      return { answer: { Username: user.username, UserAttributes, ...mfaShown(user) } }
    }),
    ChangePassword: decide<ChangePasswordRequest, object>((request, context) =>
      changePassword(pools, request, context),
    ),
    DeleteUser: decide<DeleteUserRequest, object>(async ({ AccessToken }, context) => {
      const { known, user } = await requireSelf(pools, context, AccessToken)
      return {
        commit: async ({ records }) => {
          const found = await findUser(records, known.pool, user.username)
          if (found !== undefined) await deleteUser(records, known.pool, found.body)
          return {}
        },
      }
    }),
    DeleteUserAttributes: decide<DeleteUserAttributesRequest, object>(async (request, context) => {
      const { AccessToken, UserAttributeNames: names = [] } = request
      const { known, user } = await requireSelf(pools, context, AccessToken)
      const { pool, client } = known
      withoutAttributes(pool, user, { names, client })
      return {
        commit: (writing) =>
          changeUser(writing, { pool, user }, (now) => ({
            attributes: withoutAttributes(pool, now, { names, client }),
          })),
      }
    }),
  }
}

export interface Self {
  readonly known: KnownClient
  readonly user: UserRecord
  readonly family: TokenFamilyRecord
  readonly scope: string
}

/** The user of an access token. `scope`: one that the token must have. Throws NotAuthorizedException. */
export async function requireSelf(
  pools: UserPools,
  context: DecideContext,
  token: string | undefined,
  wanted: string = SELF_SCOPE,
): Promise<Self> {
  const proven = await pools.prove(token ?? '', context.now)
  if (proven === undefined) throw notAuthorized('Invalid Access Token')
  const { claims, pool } = proven
  const known = pools.directory.client(String(claims['client_id']))
  if (claims['token_use'] !== 'access' || known?.pool.Id !== pool.Id) {
    throw notAuthorized('Invalid Access Token')
  }
  const scope = String(claims['scope'] ?? '')
  if (!scope.split(' ').includes(wanted)) {
    throw notAuthorized('Access Token does not have required scopes')
  }
  const key = familyKey(pool.Id, String(claims['origin_jti']))
  const [found, family] = await context.read(async ({ records }) => [
    await findUser(records, pool, String(claims['username'])),
    (await records.get<TokenFamilyRecord>(key))?.body,
  ])
  if (found === undefined || family === undefined)
    throw notAuthorized('Access Token has been revoked')
  const { body: user } = found
  const isSame = claims['sub'] === user.attributes['sub']
  const { signedOutAt } = user
  const isEnded =
    family.revoked === true || (signedOutAt !== undefined && family.authTime <= signedOutAt)
  if (!isSame || isEnded) throw notAuthorized('Access Token has been revoked')
  if (!user.enabled) throw notAuthorized('User is disabled.')
  return { known, user, family, scope }
}

async function changePassword(
  pools: UserPools,
  request: ChangePasswordRequest,
  context: DecideContext,
): Promise<Decision<object>> {
  const { AccessToken, PreviousPassword = '', ProposedPassword = '' } = request
  const { known, user } = await requireSelf(pools, context, AccessToken)
  const call = { pools, known, context, isAdmin: false }
  await provePassword(call, user.username, PreviousPassword)
  const { pool } = known
  const wish = { username: user.username, password: ProposedPassword }
  const password = await newPassword(pools, pool, wish)
  return {
    commit: (writing) =>
      changeUser(writing, { pool, user }, () => ({ password, status: 'CONFIRMED' })),
  }
}

/** Changes the user as he is now, unless he is no longer who he was. */
export async function changeUser(
  { records, now }: WriteContext,
  { pool, user }: { readonly pool: UserPoolRecord; readonly user: UserRecord },
  change: (user: UserRecord) => Partial<UserRecord>,
): Promise<object> {
  const found = await findUser(records, pool, user.username)
  if (found === undefined || stampOf(found.body) !== stampOf(user)) throw wrongCredentials()
  const { body } = found
  await putUser(records, {
    pool,
    user: { ...body, ...change(body), modifiedAt: now.toISOString() },
  })
  return {}
}
