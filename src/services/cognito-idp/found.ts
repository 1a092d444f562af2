/** Pools, clients and users that an operation names, or the error that Cognito has when they are not there. */

import { ServiceError } from '../../aws/service-error.ts'
import type { UserPoolClientRecord, UserPoolRecord } from '../../identity/user-pools/records.ts'
import type { ReadContext } from '../service.ts'

export async function requirePool(
  { records }: ReadContext,
  poolId: string | undefined,
): Promise<UserPoolRecord> {
  const id = poolId ?? ''
  const found = await records.get<UserPoolRecord>({ kind: 'user-pool', parent: '', id })
  if (found !== undefined) return found.body
  throw new ServiceError('ResourceNotFoundException', `User pool ${id} does not exist.`)
}

export async function requireClient(
  { records }: ReadContext,
  {
    UserPoolId = '',
    ClientId = '',
  }: { readonly UserPoolId?: string | undefined; readonly ClientId?: string | undefined },
): Promise<UserPoolClientRecord> {
  const key = { kind: 'user-pool-client', parent: UserPoolId, id: ClientId }
  const found = await records.get<UserPoolClientRecord>(key)
  if (found !== undefined) return found.body
  throw new ServiceError(
    'ResourceNotFoundException',
    `User pool client ${ClientId} does not exist.`,
  )
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message)
}

/** A setting that would change nothing here is refused, and says which feature it waits for. */
export function refuseNotBuilt(settings: Readonly<Record<string, boolean>>): void {
  const asked = Object.entries(settings).find(([, isAsked]) => isAsked)
  if (asked === undefined) return
  throw invalid(`${asked[0]} is not supported by this version of Postern.`)
}

export function isEmpty(value: object | undefined): boolean {
  if (value === undefined) return true
  return Object.values(value).every((each) => each === undefined)
}
