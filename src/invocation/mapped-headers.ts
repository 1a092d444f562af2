/**
 * What parameter mapping does to a header section: some names are taken out, some lines are added.
 *
 * Values come from clients and origins: one that could break a line ends the call instead.
 */

import { isFieldValue } from '../http/message/characters.ts'
import type { HeaderFields } from '../http/message/header-fields.ts'
import { HEADER_FLAGS } from '../http/message/known-headers.ts'

/** One mapping rule with its value already computed. */
export interface AppliedRule {
  readonly op: 'append' | 'overwrite' | 'remove'
  /** Lower case. */
  readonly name: string
  readonly value: string
}

export interface MappedHeaders {
  /** Names, in lower case, whose fields do not pass as they came. */
  readonly dropped: ReadonlySet<string>
  /** Header block of the lines that take their place or join them. */
  readonly added: string
}

/** Undefined when a value may not stand in a field. */
export function applyHeaderRules(
  rules: readonly AppliedRule[],
  present: (name: string) => string | undefined,
): MappedHeaders | undefined {
  const values = new Map<string, string | undefined>()
  for (const { op, name, value } of rules) {
    if (!isFieldValue(value)) return undefined
    const before = values.has(name) ? values.get(name) : present(name)
    if (op === 'remove') values.set(name, undefined)
    else if (op === 'overwrite' || before === undefined) values.set(name, value)
    else values.set(name, `${before},${value}`)
  }
  let added = ''
  for (const [name, value] of values) if (value !== undefined) added += `${name}: ${value}\r\n`
  return { dropped: new Set(values.keys()), added }
}

/** A header block of the fields without `dropFlags`, changed by `mapped` if there is one. */
export function serializeMapped(
  fields: HeaderFields,
  dropFlags: number,
  mapped: MappedHeaders | undefined,
): string {
  if (mapped === undefined) return fields.serialize(dropFlags)
  let block = ''
  for (let i = 0; i < fields.count; i++) {
    if (HEADER_FLAGS[fields.ids[i]!]! & dropFlags) continue
    const name = fields.name(i)
    if (!mapped.dropped.has(name.toLowerCase())) block += `${name}: ${fields.value(i)}\r\n`
  }
  return block + mapped.added
}
