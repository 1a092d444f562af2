// hot path — see STYLE §8
/**
 * The usual header rules of a mapping in their quick form: fields that are overwritten or removed, whatever the message
 * holds. `applyHeaderRules` says the same slowly and for all rules; where a value is missing or may not stand in a
 * field, it is asked.
 *
 * Two headers overwritten: 850 → 135 ns, Node 24.
 */

import { isFieldValue } from '../http/message/characters.ts'
import { FieldNames } from '../http/message/field-names.ts'
import type { AppliedRule, MappedHeaders } from './mapped-headers.ts'

export interface UnappliedRule<S> extends Pick<AppliedRule, 'op' | 'name'> {
  /** Not asked when `op` is `remove`. */
  readonly value: (source: S) => string | undefined
}

/** Undefined: the slow way has to decide. */
export type RunOverwrites<S> = (source: S) => MappedHeaders | undefined

/** What becomes of one field. */
interface Line<S> {
  readonly before: string
  /** Undefined: it is removed. */
  readonly value: UnappliedRule<S>['value'] | undefined
  /** It is removed where it has no value. */
  readonly isRemoved: boolean
}

/** Undefined where a rule joins what is there, or makes a Host. */
export function compileOverwrites<S>(
  rules: readonly UnappliedRule<S>[],
): RunOverwrites<S> | undefined {
  if (rules.some(({ op, name }) => op === 'append' || name === 'host')) return undefined
  // In the order in which the slow way meets the names.
  const names = [...new Set(rules.map(({ name }) => name))]
  const lines = names.map((name) => lineOf(name, rules))
  const dropped = new FieldNames(names)
  return function runOverwrites(source) {
    let added = ''
    for (let i = 0; i < lines.length; i++) {
      const { before, value, isRemoved } = lines[i]!
      if (value === undefined) continue
      const text = value(source)
      if (text === undefined) {
        if (isRemoved) continue
        return undefined
      }
      if (!isFieldValue(text)) return undefined
      added += `${before}${text}\r\n`
    }
    return { dropped, added, host: undefined }
  }
}

function lineOf<S>(name: string, rules: readonly UnappliedRule<S>[]): Line<S> {
  const own = rules.filter((rule) => rule.name === name)
  return {
    before: `${name}: `,
    value: own.find(({ op }) => op === 'overwrite')?.value,
    isRemoved: own.some(({ op }) => op === 'remove'),
  }
}
