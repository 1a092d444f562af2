/** Which client calls, by its id, and whether it has shown the secret that it may have. */

import { ServiceError } from '../../aws/service-error.ts'
import { isClientSecret, isSecretHash } from '../../identity/user-pools/client-secret.ts'
import type { KnownClient } from '../../identity/user-pools/directory.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { DecideContext } from '../service.ts'

/** Of a client that says nothing. */
const DEFAULT_FLOWS = ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH']

/** What every step of a sign-in needs. */
export interface ClientCall {
  readonly pools: UserPools
  readonly known: KnownClient
  readonly context: DecideContext
  /** Of a trusted server, by a signed call: addresses are not counted. */
  readonly isAdmin: boolean
}

/** Of a public call, or, with `UserPoolId`, of a signed one. Throws ResourceNotFoundException. */
export function clientCall(
  pools: UserPools,
  request: { readonly ClientId: string | undefined; readonly UserPoolId?: string | undefined },
  context: DecideContext,
): ClientCall {
  const { ClientId = '', UserPoolId } = request
  const isAdmin = UserPoolId !== undefined
  const known = pools.directory.client(ClientId)
  if (isAdmin) {
    const pool = pools.directory.pool(UserPoolId)
    const { accountId, region } = context.scope
    if (pool?.scope.accountId !== accountId || pool.scope.region !== region) {
      throw new ServiceError('ResourceNotFoundException', `User pool ${UserPoolId} does not exist.`)
    }
  }
  if (known === undefined || (isAdmin && known.pool.Id !== UserPoolId)) {
    const message = `User pool client ${ClientId} does not exist.`
    throw new ServiceError('ResourceNotFoundException', message)
  }
  return { pools, known, context, isAdmin }
}

/** `names`: any of these may be the one that the hash was made of. */
export async function checkSecretHash(
  { pools, known }: ClientCall,
  names: readonly string[],
  hash: string | undefined,
): Promise<void> {
  const { client } = known
  if (client.sealedSecret === undefined) return
  const { ClientId } = client
  if (hash === undefined) {
    throw notAuthorized(
      `Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
    )
  }
  const sealer = await pools.sealer()
  if (names.some((username) => isSecretHash(sealer, client, { username, hash }))) return
  throw notAuthorized(`SecretHash does not match for the client: ${ClientId}`)
}

export async function checkClientSecret(
  { pools, known }: ClientCall,
  secret: string | undefined,
): Promise<void> {
  const { client } = known
  if (client.sealedSecret === undefined && secret === undefined) return
  if (secret !== undefined && isClientSecret(await pools.sealer(), client, secret)) return
  throw notAuthorized('Invalid client secret.')
}

/** Whether the client has one of these in its `ExplicitAuthFlows`. */
export function mayGo({ known }: ClientCall, allowedBy: readonly string[]): boolean {
  const { ExplicitAuthFlows } = known.client
  const flows: readonly string[] = ExplicitAuthFlows?.length ? ExplicitAuthFlows : DEFAULT_FLOWS
  return allowedBy.some((name) => flows.includes(name))
}

export function notAuthorized(message: string): ServiceError {
  return new ServiceError('NotAuthorizedException', message)
}
