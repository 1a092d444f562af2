/**
 * What parameter mapping does to a header section: some names are taken out, some lines are added.
 *
 * Values come from clients and origins: one that could break a line ends the call instead.
 */

import { isFieldValue } from '../http/message/characters.ts'
import { FieldNames } from '../http/message/field-names.ts'
import type { HeaderFields } from '../http/message/header-fields.ts'
import { parseHost } from '../http/message/request-target.ts'

/** One mapping rule with its value already computed. */
export interface AppliedRule {
  readonly op: 'append' | 'overwrite' | 'remove'
  /** Lower case. */
  readonly name: string
  readonly value: string
}

export interface MappedHeaders {
  /** Whose fields do not pass as they came. */
  readonly dropped: FieldNames
  /** Header block of the lines that take their place or join them. */
  readonly added: string
  /** A Host for the origin in place of its own. It is not among `added`, since a message has one. */
  readonly host: string | undefined
}

/** Values of these are not joined with a comma: each stands in a line of its own (RFC 9110 §5.3). */
const SEPARATE = 'set-cookie'

/** Undefined when a value may not stand in its field. */
export function applyHeaderRules(
  rules: readonly AppliedRule[],
  present: (name: string) => string | undefined,
): MappedHeaders | undefined {
  const values = new Map<string, string | undefined>()
  let added = ''
  for (const { op, name, value } of rules) {
    if (!isFieldValue(value)) return undefined
    if (op === 'append' && name === SEPARATE) {
      added += `${name}: ${value}\r\n`
      continue
    }
    const before = values.has(name) ? values.get(name) : present(name)
    if (op === 'remove') values.set(name, undefined)
    else if (op === 'overwrite' || before === undefined) values.set(name, value)
    else values.set(name, `${before},${value}`)
  }
  const host = values.get('host')
  if (host !== undefined && parseHost(host) === undefined) return undefined
  for (const [name, value] of values) {
    if (value !== undefined && name !== 'host') added += `${name}: ${value}\r\n`
  }
  return { dropped: new FieldNames(values.keys()), added, host }
}

/** A header block of the fields without `dropFlags`, changed by `mapped` if there is one. */
export function serializeMapped(
  fields: HeaderFields,
  dropFlags: number,
  mapped: MappedHeaders | undefined,
): string {
  if (mapped === undefined) return fields.serialize(dropFlags)
  return fields.serialize(dropFlags, mapped.dropped) + mapped.added
}
