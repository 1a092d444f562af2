/**
 * Changes of a user's attributes, held against the schema of the pool and against what the client may write.
 *
 * A new address is not verified, unless an administrator says that it is.
 */

import type { AttributeType, SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider'
import type {
  UserPoolClientRecord,
  UserPoolRecord,
  UserRecord,
} from '../../identity/user-pools/records.ts'
import { findValueProblem, mayWrite } from '../../identity/user-pools/schema.ts'
import { notAuthorized } from './client-call.ts'
import { invalid } from './found.ts'

export interface AttributeChange {
  readonly changes: readonly AttributeType[]
  /** Undefined: an administrator writes, who may write everything. */
  readonly client?: UserPoolClientRecord
}

type Attributes = Readonly<Record<string, string>>

/** The attributes of a user after these changes. Throws a ServiceError. */
export function changedAttributes(
  pool: UserPoolRecord,
  user: UserRecord,
  change: AttributeChange,
): Attributes {
  const attributes: Record<string, string> = { ...user.attributes }
  for (const { Name = '', Value = '' } of change.changes) {
    const attribute = attributeOf(pool, Name)
    checkWriter(change, Name)
    const isNew = !Object.hasOwn(user.attributes, Name) || user.attributes[Name] === Value
    if (attribute.Mutable === false && !isNew)
      throw invalid(`user.${Name}: Attribute cannot be updated.`)
    checkValue(attribute, Value)
    put(attributes, Name, Value)
  }
  for (const name of ['email', 'phone_number']) {
    const isSaid = change.changes.some(({ Name }) => Name === `${name}_verified`)
    if (isSaid || attributes[name] === user.attributes[name]) continue
    if (attributes[name] === undefined) delete attributes[`${name}_verified`]
    else attributes[`${name}_verified`] = 'false'
  }
  return attributes
}

/** The attributes of a user who is made. */
export function newAttributes(
  pool: UserPoolRecord,
  sub: string,
  change: AttributeChange,
): Attributes {
  const attributes: Record<string, string> = { sub }
  for (const { Name = '', Value = '' } of change.changes) {
    const attribute = attributeOf(pool, Name)
    checkWriter(change, Name)
    checkValue(attribute, Value)
    put(attributes, Name, Value)
  }
  for (const { Name = '', Required } of pool.SchemaAttributes ?? []) {
    if (Required !== true || (attributes[Name] ?? '') !== '') continue
    throw invalid(
      `Attributes did not conform to the schema: ${Name}: The attribute ${Name} is required`,
    )
  }
  return attributes
}

/** The attributes of a user without these. */
export function withoutAttributes(
  pool: UserPoolRecord,
  user: UserRecord,
  { names, client }: { readonly names: readonly string[]; readonly client?: UserPoolClientRecord },
): Attributes {
  const attributes: Record<string, string> = { ...user.attributes }
  for (const name of names) {
    const { Required, Mutable } = attributeOf(pool, name)
    checkWriter(client === undefined ? { changes: [] } : { changes: [], client }, name)
    if (Required === true)
      throw invalid(`user.${name}: Attribute is required and cannot be deleted.`)
    if (Mutable === false) throw invalid(`user.${name}: Attribute cannot be updated.`)
    delete attributes[name]
    if (name === 'email' || name === 'phone_number') delete attributes[`${name}_verified`]
  }
  return attributes
}

function attributeOf({ SchemaAttributes = [] }: UserPoolRecord, name: string): SchemaAttributeType {
  const found = SchemaAttributes.find(({ Name }) => Name === name)
  if (found === undefined) {
    throw invalid(
      `Attributes did not conform to the schema: Type for attribute {${name}} could not be determined`,
    )
  }
  if (name === 'sub') throw invalid('Cannot modify the non-mutable attribute sub')
  return found
}

function checkWriter({ client }: AttributeChange, name: string): void {
  if (client === undefined || mayWrite(client, name)) return
  throw notAuthorized('A client attempted to write unauthorized attribute')
}

function checkValue(attribute: SchemaAttributeType, value: string): void {
  if (value === '' && attribute.Required !== true) return
  const problem = findValueProblem(attribute, value)
  if (problem !== undefined) throw invalid(problem)
}

/** An empty value is none. `__proto__` is no name of any schema. */
function put(attributes: Record<string, string>, name: string, value: string): void {
  if (value === '') delete attributes[name]
  else attributes[name] = name.endsWith('_verified') ? value.toLowerCase() : value
}
