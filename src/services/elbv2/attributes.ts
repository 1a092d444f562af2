/**
 * Attributes of load balancers, listeners and target groups: a table of keys, each with its default and what it may be.
 *
 * A key whose default is all that Postern does (`onlyDefault`) takes its default, which tools send without being asked,
 * and refuses anything else. What is stored is what differs from the defaults.
 */

import { invalid, notSupported } from './errors.ts'
import type { Attributes } from './records.ts'

export interface AttributeRow {
  readonly default: string
  /** For whom it is; undefined: for all. */
  readonly of?: 'application' | 'network'
  /** What is wrong with a value; undefined: nothing. */
  readonly check?: (value: string) => string | undefined
  /** Another value asks for what Postern does not do. */
  readonly onlyDefault?: true
}

export type AttributeTable = Readonly<Record<string, AttributeRow>>

export interface KeyValue {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** Throws for a key that is not there, and a value that may not be. */
export function changedAttributes(
  table: AttributeTable,
  before: Attributes,
  { changes, type }: { readonly changes: readonly KeyValue[]; readonly type: string },
): Attributes {
  const after: Record<string, string> = { ...before }
  for (const { Key = '', Value = '' } of changes) {
    const row = Object.hasOwn(table, Key) ? table[Key]! : undefined
    if (row === undefined || (row.of !== undefined && row.of !== type)) {
      throw invalid(`Attribute '${Key}' is not recognized`)
    }
    after[Key] = acceptedValue(Key, row, Value)
  }
  return after
}

function acceptedValue(key: string, row: AttributeRow, given: string): string {
  const value = given === 'TRUE' || given === 'FALSE' ? given.toLowerCase() : given
  if (value === row.default) return value
  if (row.onlyDefault) throw notSupported(`The value '${value}' of the attribute ${key}`)
  const problem = row.check?.(value)
  if (problem === undefined) return value
  throw invalid(`The value '${value}' of the attribute ${key} is not valid: ${problem}`)
}

/** Every attribute, as operations show them. */
export function shownAttributes(table: AttributeTable, own: Attributes, type: string): KeyValue[] {
  return Object.entries(table)
    .filter(([, { of }]) => of === undefined || of === type)
    .map(([Key, row]) => ({ Key, Value: own[Key] ?? row.default }))
}

export function attributeOf(table: AttributeTable, own: Attributes, key: string): string {
  return own[key] ?? table[key]!.default
}
