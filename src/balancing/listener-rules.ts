/**
 * Conditions of a listener's rules, compiled at deployment. Wildcards and case are those of Application Load Balancers
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html): hosts, header values
 * and queries in any case, paths as they are written, methods without wildcards, addresses as networks.
 */

import { compileIpRange } from '../aws/iam-policy/ip-range.ts'
import { compilePattern, matchesPattern } from '../aws/iam-policy/wildcard.ts'
import type { RuleCondition } from '../domain/balancing.ts'
import type { RequestView } from './request-view.ts'

export type Condition = (request: RequestView) => boolean
type TextTest = (text: string) => boolean

/** What it says cannot be enforced; the message says why. */
export class RuleError extends Error {
  override name = 'RuleError'
}

/** Undefined: everything matches. */
export function compileConditions(conditions: readonly RuleCondition[]): Condition | undefined {
  const compiled = conditions.map(compileCondition)
  if (compiled.length === 0) return undefined
  return (request) => compiled.every((holds) => holds(request))
}

function compileCondition(condition: RuleCondition): Condition {
  switch (condition.field) {
    case 'host-header': {
      const matches = anyPattern(condition.values, true)
      return ({ host }) => matches(host)
    }
    case 'path-pattern': {
      const matches = anyPattern(condition.values, false)
      return ({ path }) => matches(path)
    }
    case 'source-ip': {
      const ranges = condition.values.map(rangeOf)
      return ({ sourceIp }) => ranges.some((contains) => contains(sourceIp))
    }
    case 'http-request-method': {
      const methods = new Set(condition.values)
      return ({ method }) => methods.has(method)
    }
    case 'http-header': {
      const matches = anyPattern(condition.values, true)
      const name = condition.name.toLowerCase()
      return (request) => {
        const value = request.header(name)
        return value !== '' && matches(value)
      }
    }
    case 'query-string':
      return queryCondition(condition.values)
  }
}

function queryCondition(
  values: readonly { readonly key?: string; readonly value: string }[],
): Condition {
  const pairs = values.map(({ key, value }) => ({
    key: key === undefined ? undefined : pattern(key, true),
    value: pattern(value, true),
  }))
  return ({ query }) => {
    for (const given of query.split('&')) {
      const at = given.indexOf('=')
      const key = at === -1 ? given : given.slice(0, at)
      const value = at === -1 ? '' : given.slice(at + 1)
      for (const wanted of pairs) {
        if ((wanted.key === undefined || wanted.key(key)) && wanted.value(value)) return true
      }
    }
    return false
  }
}

function rangeOf(text: string): TextTest {
  const contains = compileIpRange(text)
  if (contains === undefined) throw new RuleError(`${text} is no network in CIDR form`)
  return contains
}

function anyPattern(values: readonly string[], folded: boolean): TextTest {
  const patterns = values.map((value) => pattern(value, folded))
  return (text) => patterns.some((matches) => matches(text))
}

const NO_CONTEXT = { valuesOf: () => undefined }

function pattern(text: string, folded: boolean): TextTest {
  const compiled = compilePattern(text, { variables: false, wildcards: true, folded })!
  return (given) => matchesPattern(compiled, given, NO_CONTEXT) === true
}
