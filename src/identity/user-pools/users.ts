/**
 * Users of a pool as records: found by name, alias or `sub`, written together with their aliases.
 *
 * A name in a pool without case is kept under its lower-case form. An address is an alias when the pool says so: at once
 * where users sign up with it, from its verification on where it stands beside the name.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { Records, StoredRecord, WritableRecords } from '../../storage/store.ts'
import { CODE_PURPOSES, codeKey } from './codes.ts'
import type { UserPoolRecord, UserRecord } from './records.ts'

const KIND = 'user-pool-user'
const ALIAS = 'user-pool-alias'

export type FoundUser = StoredRecord<UserRecord>

interface AliasRecord {
  readonly userId: string
}

/** The id of the record of a user of this name. */
export function userIdOf({ UsernameConfiguration }: UserPoolRecord, username: string): string {
  return UsernameConfiguration?.CaseSensitive === false ? username.toLowerCase() : username
}

/** By whatever he may sign in with. */
export async function findUser(
  records: Records,
  pool: UserPoolRecord,
  name: string,
): Promise<FoundUser | undefined> {
  const parent = pool.Id
  const own = await records.get<UserRecord>({ kind: KIND, parent, id: userIdOf(pool, name) })
  if (own !== undefined) return own
  const names = ['email', 'phone_number', 'preferred_username', 'sub']
  for (const attribute of names) {
    const id = aliasId(attribute, name)
    const alias = await records.get<AliasRecord>({ kind: ALIAS, parent, id })
    if (alias === undefined) continue
    return records.get<UserRecord>({ kind: KIND, parent, id: alias.body.userId })
  }
  return undefined
}

export interface UserWrite {
  readonly pool: UserPoolRecord
  readonly user: UserRecord
  /** Takes an address away from another user, who keeps it as a plain attribute that is not verified. */
  readonly force?: boolean
}

/** Writes the user and his aliases. Throws AliasExistsException when one of them is another's. */
export async function putUser(
  records: WritableRecords,
  { pool, user, force = false }: UserWrite,
): Promise<void> {
  const parent = pool.Id
  const userId = userIdOf(pool, user.username)
  const before = await records.get<UserRecord>({ kind: KIND, parent, id: userId })
  const wanted = aliasesOf(pool, user)
  const had = before === undefined ? [] : aliasesOf(pool, before.body)
  for (const id of had.filter((alias) => !wanted.includes(alias))) {
    await records.delete({ kind: ALIAS, parent, id })
  }
  for (const id of wanted) {
    const other = await records.get<AliasRecord>({ kind: ALIAS, parent, id })
    if (other !== undefined && other.body.userId !== userId) {
      if (!force) throw aliasExists(id)
      await loseAlias(records, pool, { userId: other.body.userId, attribute: attributeOf(id) })
    }
    await records.put({ kind: ALIAS, parent, id }, { userId } satisfies AliasRecord)
  }
  await records.put({ kind: KIND, parent, id: userId }, user)
}

/** With all that a user of the same name must not inherit. */
export async function deleteUser(
  records: WritableRecords,
  pool: UserPoolRecord,
  user: UserRecord,
): Promise<void> {
  const parent = pool.Id
  for (const id of aliasesOf(pool, user)) await records.delete({ kind: ALIAS, parent, id })
  const id = userIdOf(pool, user.username)
  for (const group of user.groups) {
    await records.delete({ kind: 'user-pool-group-member', parent: `${parent}/${group}`, id })
  }
  for (const purpose of CODE_PURPOSES) await records.delete(codeKey(parent, user.username, purpose))
  await records.delete({ kind: KIND, parent, id })
}

async function loseAlias(
  records: WritableRecords,
  pool: UserPoolRecord,
  lost: { readonly userId: string; readonly attribute: string },
): Promise<void> {
  const key = { kind: KIND, parent: pool.Id, id: lost.userId }
  const other = await records.get<UserRecord>(key)
  if (other === undefined) return
  const attributes = { ...other.body.attributes, [`${lost.attribute}_verified`]: 'false' }
  await records.put(key, { ...other.body, attributes })
}

function aliasesOf(pool: UserPoolRecord, { attributes, status }: UserRecord): readonly string[] {
  const { UsernameAttributes = [], AliasAttributes = [] } = pool
  const aliases = [aliasId('sub', attributes['sub'] ?? '')]
  for (const name of ['email', 'phone_number'] as const) {
    const value = attributes[name] ?? ''
    if (value === '') continue
    const isVerified = attributes[`${name}_verified`] === 'true'
    const isAlias =
      UsernameAttributes.includes(name) || (AliasAttributes.includes(name) && isVerified)
    if (isAlias) aliases.push(aliasId(name, value))
  }
  const preferred = attributes['preferred_username'] ?? ''
  const hasPreferred = AliasAttributes.includes('preferred_username') && status !== 'UNCONFIRMED'
  if (hasPreferred && preferred !== '') aliases.push(aliasId('preferred_username', preferred))
  return aliases
}

function aliasId(attribute: string, value: string): string {
  return `${attribute}:${value.toLowerCase()}`
}

function attributeOf(aliasName: string): string {
  return aliasName.slice(0, aliasName.indexOf(':'))
}

function aliasExists(id: string): ServiceError {
  const what =
    { email: 'email', phone_number: 'phone number' }[attributeOf(id)] ?? 'preferred username'
  return new ServiceError('AliasExistsException', `An account with the ${what} already exists.`)
}
