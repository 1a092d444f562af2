/**
 * The attributes of a pool's users: the standard ones of OpenID Connect, `custom:` ones, and which client may see or
 * write which.
 *
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */

import type { SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider'
import type { UserPoolClientRecord } from './records.ts'

const LONGEST = '2048'

function textAttribute(Name: string, MinLength = '0', MaxLength = LONGEST): SchemaAttributeType {
  return {
    ...{ Name, AttributeDataType: 'String', DeveloperOnlyAttribute: false },
    ...{ Mutable: true, Required: false },
    StringAttributeConstraints: { MinLength, MaxLength },
  }
}

function flagAttribute(Name: string): SchemaAttributeType {
  const rest = { DeveloperOnlyAttribute: false, Mutable: true, Required: false }
  return { Name, AttributeDataType: 'Boolean', ...rest }
}

/** In Cognito's order. */
const STANDARD: readonly SchemaAttributeType[] = [
  { ...textAttribute('sub', '1'), Mutable: false, Required: true },
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname'].map((n) => textAttribute(n)),
  ...['preferred_username', 'profile', 'picture', 'website', 'email'].map((n) => textAttribute(n)),
  flagAttribute('email_verified'),
  textAttribute('gender'),
  textAttribute('birthdate', '10', '10'),
  ...['zoneinfo', 'locale', 'phone_number'].map((name) => textAttribute(name)),
  flagAttribute('phone_number_verified'),
  textAttribute('address'),
  {
    ...{ Name: 'updated_at', AttributeDataType: 'Number', DeveloperOnlyAttribute: false },
    ...{ Mutable: true, Required: false, NumberAttributeConstraints: { MinValue: '0' } },
  },
]

const STANDARD_NAMES = new Set(STANDARD.map(({ Name }) => Name!))
const CUSTOM_MAX = 50
/** Cognito keeps these in step itself. */
const VERIFIED = ['email_verified', 'phone_number_verified']

/** The attributes of a new pool. What is wrong with the wish: the text of the error. */
export function schemaOf(
  wished: readonly SchemaAttributeType[] | undefined = [],
): { readonly schema: SchemaAttributeType[] } | { readonly problem: string } {
  const own = new Map(wished.map((attribute) => [attribute.Name ?? '', attribute]))
  if (own.size !== wished.length) return { problem: 'Schema attribute names must be unique.' }
  if (own.has('sub')) return { problem: 'Schema attributes cannot override sub.' }
  const standard = STANDARD.map((attribute) => {
    const said = own.get(attribute.Name!)
    if (said === undefined) return attribute
    const { Mutable = true, Required = false, StringAttributeConstraints: lengths } = said
    const changed = lengths === undefined ? {} : { StringAttributeConstraints: lengths }
    return { ...attribute, Mutable, Required, ...changed }
  })
  const custom = wished.filter(({ Name = '' }) => !STANDARD_NAMES.has(Name))
  const added = customAttributes(custom)
  return 'problem' in added ? added : { schema: [...standard, ...added.schema] }
}

/** `custom:` attributes of a pool; for AddCustomAttributes as well. */
export function customAttributes(
  wished: readonly SchemaAttributeType[],
): { readonly schema: SchemaAttributeType[] } | { readonly problem: string } {
  const schema: SchemaAttributeType[] = []
  for (const attribute of wished) {
    const { Name = '', Required = false, AttributeDataType = 'String', Mutable = true } = attribute
    if (!/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,20}$/u.test(Name)) {
      return {
        problem: `1 validation error detected: Value '${Name}' at 'schema.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+`,
      }
    }
    if (Required) return { problem: 'Required custom attributes are not supported currently.' }
    const { DeveloperOnlyAttribute = false } = attribute
    const prefix = DeveloperOnlyAttribute ? 'dev:custom' : 'custom'
    schema.push({
      ...{ Name: `${prefix}:${Name}`, AttributeDataType, DeveloperOnlyAttribute },
      ...{ Mutable, Required: false },
      ...(AttributeDataType === 'String' && {
        StringAttributeConstraints: attribute.StringAttributeConstraints ?? {},
      }),
      ...(AttributeDataType === 'Number' && {
        NumberAttributeConstraints: attribute.NumberAttributeConstraints ?? {},
      }),
    })
  }
  return { schema }
}

export function hasTooManyCustom(schema: readonly SchemaAttributeType[]): boolean {
  return schema.filter(({ Name = '' }) => !STANDARD_NAMES.has(Name)).length > CUSTOM_MAX
}

/** Name and value of what the client may read, without `sub`. */
export function readableAttributes(
  { ReadAttributes }: Pick<UserPoolClientRecord, 'ReadAttributes'>,
  attributes: Readonly<Record<string, string>>,
): (readonly [name: string, value: string])[] {
  return Object.entries(attributes).filter(
    ([name]) =>
      name !== 'sub' &&
      !name.startsWith('dev:') &&
      (ReadAttributes === undefined || ReadAttributes.includes(name)),
  )
}

/** Why the client may not write this attribute; undefined: it may. */
export function mayWrite(
  { WriteAttributes }: Pick<UserPoolClientRecord, 'WriteAttributes'>,
  name: string,
): boolean {
  if (name === 'sub' || name.startsWith('dev:') || VERIFIED.includes(name)) return false
  return WriteAttributes === undefined || WriteAttributes.includes(name)
}

/** What is wrong with a value, in Cognito's words; undefined: nothing. */
export function findValueProblem(
  attribute: SchemaAttributeType,
  value: string,
): string | undefined {
  const { Name = '', AttributeDataType: type } = attribute
  const invalid = `Attributes did not conform to the schema: ${Name}: `
  if (type === 'Boolean') {
    return /^(?:true|false)$/i.test(value)
      ? undefined
      : `${invalid}Attribute does not conform to Boolean`
  }
  if (type === 'Number') return findNumberProblem(attribute, value, invalid)
  if (type === 'DateTime') {
    return Number.isNaN(Date.parse(value))
      ? `${invalid}Attribute does not conform to DateTime`
      : undefined
  }
  const { MinLength, MaxLength = LONGEST } = attribute.StringAttributeConstraints ?? {}
  if (value.length < Number(MinLength ?? 0))
    return `${invalid}String must be at least ${MinLength} characters`
  if (value.length > Number(MaxLength))
    return `${invalid}String must be no longer than ${MaxLength} characters`
  return findFormProblem(Name, value)
}

function findNumberProblem(
  { NumberAttributeConstraints: bounds = {} }: SchemaAttributeType,
  value: string,
  invalid: string,
): string | undefined {
  if (!/^-?\d{1,15}(?:\.\d{1,15})?$/.test(value))
    return `${invalid}Attribute does not conform to Number`
  const { MinValue, MaxValue } = bounds
  if (MinValue !== undefined && Number(value) < Number(MinValue)) {
    return `${invalid}Number must be at least ${MinValue}`
  }
  if (MaxValue !== undefined && Number(value) > Number(MaxValue)) {
    return `${invalid}Number must be no larger than ${MaxValue}`
  }
  return undefined
}

function findFormProblem(name: string, value: string): string | undefined {
  if (name === 'email' && value !== '' && !/^[^\s@,;<>]+@[^\s@,;<>]+$/.test(value)) {
    return 'Invalid email address format.'
  }
  if (name === 'phone_number' && value !== '' && !/^\+[1-9]\d{6,14}$/.test(value)) {
    return 'Invalid phone number format.'
  }
  return undefined
}
