/** Fields of an account: its attributes, and a new password typed twice. */

import type { FieldView } from './fields.ts'
import { type PasswordRules, passwordHint } from './password-hint.ts'

export interface AttributeValue {
  readonly name: string
  /** What was typed last. */
  readonly value: string
}

/** Its name in the form is `attribute.` and the attribute's. */
export function attributeField({ name, value }: AttributeValue, wrong: boolean): FieldView {
  return {
    name: `attribute.${name}`,
    label: attributeLabel(name),
    type: attributeType(name),
    autocomplete: attributeAutocomplete(name),
    value,
    wrong,
  }
}

export function newPasswordFields(
  rules: PasswordRules,
  { wrong, focus }: { readonly wrong: boolean; readonly focus: boolean },
) {
  const password = { type: 'password', autocomplete: 'new-password', wrong } as const
  return [
    { ...password, name: 'password', label: 'New password', hint: passwordHint(rules), focus },
    { ...password, name: 'confirmation', label: 'New password again' },
  ]
}

const LABELS: Readonly<Record<string, string>> = {
  email: 'Email',
  phone_number: 'Phone number',
  name: 'Name',
  given_name: 'Given name',
  family_name: 'Family name',
  preferred_username: 'Preferred username',
  birthdate: 'Date of birth',
}

const AUTOCOMPLETE: Readonly<Record<string, string>> = {
  email: 'email',
  phone_number: 'tel',
  name: 'name',
  given_name: 'given-name',
  family_name: 'family-name',
  nickname: 'nickname',
  birthdate: 'bday',
  address: 'street-address',
  website: 'url',
}

function attributeLabel(name: string): string {
  const plain = name.replace(/^custom:/, '').replaceAll('_', ' ')
  return LABELS[name] ?? `${plain.charAt(0).toUpperCase()}${plain.slice(1)}`
}

function attributeType(name: string): 'email' | 'tel' | 'text' {
  if (name === 'email') return 'email'
  return name === 'phone_number' ? 'tel' : 'text'
}

function attributeAutocomplete(name: string): string {
  return AUTOCOMPLETE[name] ?? 'off'
}
