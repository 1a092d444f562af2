/**
 * A checked policy to what decides: its statements with patterns and conditions compiled. Pure, once for each policy.
 */

import { assert } from '../../base/assert.ts'
import { type ConditionTest, compileCondition } from './condition.ts'
import type { Choice, PolicyDocument, PolicyStatement, PrincipalChoice } from './policy-document.ts'
import { compilePattern, matchesPattern, type Pattern, type PolicyContext } from './wildcard.ts'

export interface CompiledStatement {
  /** For people: `ReadOrders`, or `2` for the second statement. */
  readonly name: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: CompiledChoice
  readonly resources: CompiledChoice | undefined
  readonly principals: PrincipalChoice | undefined
  readonly conditions: readonly ConditionTest[]
}

export interface CompiledChoice {
  readonly inverted: boolean
  readonly patterns: readonly Pattern[]
}

export type CompiledPolicy = readonly CompiledStatement[]

export function compilePolicy({ version, statements }: PolicyDocument): CompiledPolicy {
  const variables = version === '2012-10-17'
  return statements.map((statement, i) => compileStatement(statement, i, variables))
}

/** The statements that can say something of an action, which is in lower case. */
export function statementsFor(policy: CompiledPolicy, action: string): CompiledPolicy {
  return policy.filter(({ actions }) => isChosen(actions, action, NOTHING_KNOWN))
}

const NOTHING_KNOWN: PolicyContext = { valuesOf: () => undefined }

/** Whether a choice takes the text. Where it depends on what the request does not say, it does not. */
export function isChosen(
  { inverted, patterns }: CompiledChoice,
  text: string,
  context: PolicyContext,
): boolean {
  for (const pattern of patterns) {
    const matches = matchesPattern(pattern, text, context)
    if (matches === true) return !inverted
    // It may be the one that is excepted.
    if (matches === undefined && inverted) return false
  }
  return inverted
}

function compileStatement(
  statement: PolicyStatement,
  index: number,
  variables: boolean,
): CompiledStatement {
  const { sid, effect, actions, resources, principals, conditions } = statement
  return {
    name: sid ?? String(index + 1),
    effect,
    actions: compileChoice(actions, { variables: false, folded: true }),
    resources: resources && compileChoice(resources, { variables, folded: false }),
    principals,
    conditions: conditions.map((condition) => {
      const compiled = compileCondition(condition, variables)
      assert(typeof compiled !== 'string', 'a policy was read before it is compiled')
      return compiled
    }),
  }
}

function compileChoice(
  { inverted, patterns }: Choice,
  rules: { readonly variables: boolean; readonly folded: boolean },
): CompiledChoice {
  return {
    inverted,
    patterns: patterns.map((text) => {
      const pattern = compilePattern(text, { ...rules, wildcards: true })
      assert(pattern !== undefined, 'a policy was read before it is compiled')
      return pattern
    }),
  }
}
