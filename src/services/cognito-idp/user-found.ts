/** Users that an operation names, and how they are shown. */

import type { AttributeType, UserType } from '@aws-sdk/client-cognito-identity-provider'
import type { UserPoolRecord, UserRecord } from '../../identity/user-pools/records.ts'
import { type FoundUser, findUser } from '../../identity/user-pools/users.ts'
import type { ReadContext } from '../service.ts'
import { unknownUser } from './who.ts'

/** By name, alias or `sub`. For those who may know who exists: signed calls. */
export async function requireUser(
  { records }: Pick<ReadContext, 'records'>,
  pool: UserPoolRecord,
  username: string | undefined,
): Promise<FoundUser> {
  const found = await findUser(records, pool, username ?? '')
  if (found !== undefined) return found
  throw unknownUser()
}

/** As lists show it. */
export function userShown(user: UserRecord, wanted?: readonly string[]): UserType {
  const Attributes = attributesShown(user.attributes).filter(
    ({ Name }) => wanted === undefined || wanted.includes(Name!),
  )
  return {
    ...{ Username: user.username, Attributes, Enabled: user.enabled, UserStatus: user.status },
    UserCreateDate: new Date(user.createdAt),
    UserLastModifiedDate: new Date(user.modifiedAt),
  }
}

export function attributesShown(attributes: Readonly<Record<string, string>>): AttributeType[] {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
}

/** The second factors of a user. */
export function mfaShown({ sealedTotp, totpEnabled, totpPreferred }: UserRecord) {
  if (sealedTotp === undefined || totpEnabled !== true) return {}
  const list = { UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] }
  return totpPreferred === true ? { ...list, PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA' } : list
}
