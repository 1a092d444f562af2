/** Where a user is written to: which address the pool verifies, and which one a forgotten password goes to. */

import type { Contact } from '../../identity/user-pools/messages-out.ts'
import type { UserPoolRecord, UserRecord } from '../../identity/user-pools/records.ts'

type ContactName = Contact['attribute']

/** The address that a new user proves; undefined: the pool verifies none, or he has none. */
export function contactToVerify(
  { AutoVerifiedAttributes = [], UsernameAttributes = [] }: UserPoolRecord,
  user: UserRecord,
): Contact | undefined {
  const names = [...AutoVerifiedAttributes, ...UsernameAttributes] as ContactName[]
  // A telephone is asked first, as on AWS.
  const order: readonly ContactName[] = ['phone_number', 'email']
  return firstOf(
    user,
    order.filter((name) => names.includes(name)),
  )
}

/** A verified address, in the order that the pool says; undefined: only an administrator can help. */
export function contactToRecover(
  { AccountRecoverySetting }: UserPoolRecord,
  user: UserRecord,
): Contact | undefined {
  const said = AccountRecoverySetting?.RecoveryMechanisms?.toSorted(
    (a, b) => (a.Priority ?? 0) - (b.Priority ?? 0),
  )
  const names = said?.map(({ Name = '' }) => Name) ?? ['verified_phone_number', 'verified_email']
  const order = names
    .filter((name) => name.startsWith('verified_'))
    .map((name) => name.slice('verified_'.length) as ContactName)
  return firstOf(
    user,
    order.filter((name) => user.attributes[`${name}_verified`] === 'true'),
  )
}

/** The first of these that the user has. */
export function firstOf(
  { attributes }: UserRecord,
  order: readonly ContactName[],
): Contact | undefined {
  const attribute = order.find((name) => (attributes[name] ?? '') !== '')
  return attribute && { attribute, value: attributes[attribute]! }
}
