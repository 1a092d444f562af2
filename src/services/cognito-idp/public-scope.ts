/** In which account and region a call works that nobody has signed: where its client, its token or its session belongs. */

import { ServiceError } from '../../aws/service-error.ts'
import { poolOfSession } from '../../identity/user-pools/challenge-session.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { Scope } from '../../storage/store.ts'

interface PublicInput {
  readonly ClientId?: string
  readonly AccessToken?: string
  readonly Session?: string
}

/** Throws a ServiceError: there is no such client, or the token is none of ours. Whether it is good is seen later. */
export async function publicScope(pools: UserPools, input: PublicInput): Promise<Scope> {
  const { directory } = pools
  const { ClientId, AccessToken, Session } = input
  if (ClientId !== undefined) {
    const known = directory.client(ClientId)
    if (known !== undefined) return known.scope
    throw new ServiceError(
      'ResourceNotFoundException',
      `User pool client ${ClientId} does not exist.`,
    )
  }
  const known =
    AccessToken === undefined
      ? directory.pool(poolOfSession(Session ?? ''))
      : pools.claimedPool(AccessToken)
  if (known !== undefined) return known.scope
  const what = AccessToken === undefined ? 'Invalid session provided' : 'Invalid Access Token'
  throw new ServiceError('NotAuthorizedException', what)
}
