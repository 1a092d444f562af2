/** Calls of everybody that name a client and a user: both found, and the client's secret shown. */

import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { FoundUser } from '../../identity/user-pools/users.ts'
import type { DecideContext } from '../service.ts'
import { type ClientCall, checkSecretHash, clientCall } from './client-call.ts'
import { lookUp, tellsExistence, unknownUser } from './who.ts'

interface NamingRequest {
  readonly ClientId: string | undefined
  readonly Username: string | undefined
  readonly SecretHash?: string | undefined
}

export interface NamedUser {
  readonly call: ClientCall
  /** Undefined: there is nobody of that name, and the caller must not learn it. */
  readonly found: FoundUser | undefined
  /** As it was written. */
  readonly name: string
}

/** Throws UserNotFoundException only where the client asks for it. */
export async function namedUser(
  pools: UserPools,
  { ClientId, Username: name = '', SecretHash }: NamingRequest,
  context: DecideContext,
): Promise<NamedUser> {
  const call = clientCall(pools, { ClientId }, context)
  await checkSecretHash(call, [name], SecretHash)
  const found = await lookUp(call, name)
  if (found === undefined && tellsExistence(call)) throw unknownUser()
  return { call, found, name }
}
