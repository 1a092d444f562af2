/**
 * What a new user is called. Where people sign up with an address, the name is an id of its own (the `sub`) and the address
 * an attribute.
 */

import type { AttributeType } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { UserPoolRecord } from '../../identity/user-pools/records.ts'
import { invalid } from './found.ts'

export interface NewName {
  readonly username: string
  readonly attributes: readonly AttributeType[]
}

/** `name` as the request has it; `given`: its attributes. */
export function nameOfNew(
  { UsernameAttributes = [], AliasAttributes = [] }: UserPoolRecord,
  {
    name,
    sub,
    given,
  }: { readonly name: string; readonly sub: string; readonly given: readonly AttributeType[] },
): NewName {
  const isEmail = name.includes('@')
  const isPhone = /^\+\d+$/.test(name)
  if (UsernameAttributes.length === 0) {
    if (isEmail && AliasAttributes.includes('email')) {
      throw invalid(
        'Username cannot be of email format, since user pool is configured for email alias.',
      )
    }
    if (isPhone && AliasAttributes.includes('phone_number')) {
      throw invalid(
        'Username cannot be of phone number format, since user pool is configured for phone number alias.',
      )
    }
    return { username: name, attributes: given }
  }
  const attribute = isEmail ? 'email' : 'phone_number'
  if (!UsernameAttributes.includes(attribute) || (!isEmail && !isPhone)) {
    const kinds = UsernameAttributes.map((kind) =>
      kind === 'email' ? 'an email' : 'a phone number',
    )
    throw invalid(`Username should be ${kinds.join(' or ')}.`)
  }
  const rest = given.filter(({ Name }) => Name !== attribute)
  return { username: sub, attributes: [{ Name: attribute, Value: name }, ...rest] }
}

export function usernameExists({ UsernameAttributes = [] }: UserPoolRecord): ServiceError {
  const what =
    UsernameAttributes.length === 0
      ? 'User already exists'
      : 'An account with the given email already exists.'
  return new ServiceError('UsernameExistsException', what)
}
