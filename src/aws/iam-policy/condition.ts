/**
 * One condition of a statement, compiled: does the request fulfil it.
 *
 * All conditions of a statement have to be fulfilled; of the values of one key, one is enough, or none for the negated
 * operators. A key that the request says nothing of fulfils the negated operators, `…IfExists` and `ForAllValues:`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */

import { OPERATORS, type ValueTest } from './condition-operators.ts'
import type { WrittenCondition } from './policy-document.ts'
import type { PolicyContext } from './wildcard.ts'

export type ConditionTest = (context: PolicyContext) => boolean

/** An operator taken apart: `ForAnyValue:StringLikeIfExists`. */
interface OperatorName {
  readonly quantifier: 'all' | 'any' | undefined
  readonly base: string
  readonly ifExists: boolean
}

/** Or why there is no such condition. */
export function compileCondition(
  { operator, key, values }: WrittenCondition,
  variables: boolean,
): ConditionTest | string {
  const name = operatorName(operator)
  if (name.base === 'Null') return compileNull(name, key, values)
  const known = Object.hasOwn(OPERATORS, name.base) ? OPERATORS[name.base] : undefined
  if (known === undefined) return `has the operator ${operator}, which does not exist`
  const tests = values.map((value) => known.compile(value, variables))
  const wrong = tests.indexOf(undefined)
  if (wrong !== -1)
    return `has the value ${JSON.stringify(values[wrong])}, which is none of ${operator}`
  return quantified(name, key.toLowerCase(), fits(tests as ValueTest[], known.negated))
}

function operatorName(written: string): OperatorName {
  const set = /^For(AllValues|AnyValue):/.exec(written)
  const rest = set === null ? written : written.slice(set[0].length)
  const ifExists = rest.endsWith('IfExists') && rest !== 'IfExists'
  return {
    quantifier: set === null ? undefined : set[1] === 'AllValues' ? 'all' : 'any',
    base: ifExists ? rest.slice(0, -'IfExists'.length) : rest,
    ifExists,
  }
}

/** Whether one value of the request fits the values of the policy. */
function fits(
  tests: readonly ValueTest[],
  negated: boolean,
): (given: string, context: PolicyContext) => boolean {
  if (!negated) return (given, context) => tests.some((test) => test(given, context) === true)
  // A value that is not known may be the one that must not be.
  return (given, context) => tests.every((test) => test(given, context) === false)
}

function quantified(
  { quantifier, base, ifExists }: OperatorName,
  key: string,
  fit: (given: string, context: PolicyContext) => boolean,
): ConditionTest {
  const { negated } = OPERATORS[base]!
  // Of several values for a key of one: one that fits is enough, and none may be what must not be.
  const all = quantifier === 'all' || (quantifier === undefined && negated)
  const absent = ifExists || quantifier === 'all' || (negated && quantifier === undefined)
  return (context) => {
    const given = context.valuesOf(key)
    if (given === undefined || given.length === 0) return absent
    return all
      ? given.every((value) => fit(value, context))
      : given.some((value) => fit(value, context))
  }
}

function compileNull(
  { quantifier, ifExists }: OperatorName,
  key: string,
  values: readonly string[],
): ConditionTest | string {
  if (ifExists || quantifier !== undefined) return 'has the operator Null, which stands alone'
  const wanted = new Set(values.map((value) => value.toLowerCase()))
  if ([...wanted].some((value) => value !== 'true' && value !== 'false')) {
    return 'has the operator Null, which takes true or false'
  }
  const name = key.toLowerCase()
  return (context) => wanted.has(String(context.valuesOf(name) === undefined))
}
