/**
 * The operators of conditions, one row each: how a value of the policy is read, and how it is compared with one of the
 * request. `…IfExists`, `ForAllValues:` and `ForAnyValue:` are the business of `condition.ts`.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */

import { compileIpRange } from './ip-range.ts'
import { compilePattern, matchesPattern, type PolicyContext } from './wildcard.ts'

/** Undefined: the request does not say what a variable in the value is. */
export type ValueTest = (given: string, context: PolicyContext) => boolean | undefined

export interface Operator {
  /** True when none of the values fits; true as well when the request says nothing of the key. */
  readonly negated: boolean
  /** Undefined: the operator has no such value. */
  readonly compile: (value: string, variables: boolean) => ValueTest | undefined
}

type Compile = Operator['compile']

function text(wildcards: boolean, folded = false): Compile {
  return (value, variables) => {
    const pattern = compilePattern(value, { variables, wildcards, folded })
    return pattern && ((given, context) => matchesPattern(pattern, given, context))
  }
}

/** Six parts, each with wildcards of its own; those of the last go across colons. */
const arn: Compile = (value, variables) => {
  const written = arnParts(value)
  const patterns = written?.map((part) => compilePattern(part, { variables, wildcards: true }))
  if (patterns === undefined || patterns.includes(undefined)) return undefined
  return (given, context) => {
    const parts = arnParts(given)
    if (parts === undefined) return false
    const results = patterns.map((pattern, i) => matchesPattern(pattern!, parts[i]!, context))
    return results.includes(undefined) ? undefined : !results.includes(false)
  }
}

/** `${aws:PrincipalArn}` has colons of its own, which do not count. */
function arnParts(value: string): readonly string[] | undefined {
  const pieces: string[] = []
  let piece = ''
  for (const [found] of value.matchAll(/\$\{[^}]*\}|./gsu)) {
    if (found === ':' && pieces.length < 5) {
      pieces.push(piece)
      piece = ''
    } else piece += found
  }
  pieces.push(piece)
  return pieces.length === 6 ? pieces : undefined
}

/** Of values that are numbers once they are read. */
function ordered(
  readValue: (text: string) => number | undefined,
  compare: (given: number, value: number) => boolean,
): Compile {
  return (value) => {
    // Variables stand for texts and ARNs only: one is no number.
    const known = readValue(value)
    if (known === undefined) return undefined
    return (given) => {
      const asked = readValue(given)
      return asked !== undefined && compare(asked, known)
    }
  }
}

function numberOf(value: string): number | undefined {
  return /^[+-]?\d{1,30}(?:\.\d{1,30})?$/.test(value) ? Number(value) : undefined
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** ISO 8601 or seconds since 1970, in milliseconds. */
function timeOf(value: string): number | undefined {
  if (/^\d{1,12}$/.test(value)) return Number(value) * 1_000
  const time = DATE.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

const bool: Compile = (value) => {
  const wanted = value.toLowerCase()
  if (wanted !== 'true' && wanted !== 'false') return undefined
  return (given) => given.toLowerCase() === wanted
}

const binary: Compile = (value) => {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
  return isBase64 ? (given) => given === value : undefined
}

const equals = (given: number, value: number) => given === value
const less = (given: number, value: number) => given < value
const atMost = (given: number, value: number) => given <= value
const greater = (given: number, value: number) => given > value
const atLeast = (given: number, value: number) => given >= value

const is = (compile: Compile): Operator => ({ negated: false, compile })
const isNot = (compile: Compile): Operator => ({ negated: true, compile })

export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: is(text(false)),
  StringNotEquals: isNot(text(false)),
  StringEqualsIgnoreCase: is(text(false, true)),
  StringNotEqualsIgnoreCase: isNot(text(false, true)),
  StringLike: is(text(true)),
  StringNotLike: isNot(text(true)),
  NumericEquals: is(ordered(numberOf, equals)),
  NumericNotEquals: isNot(ordered(numberOf, equals)),
  NumericLessThan: is(ordered(numberOf, less)),
  NumericLessThanEquals: is(ordered(numberOf, atMost)),
  NumericGreaterThan: is(ordered(numberOf, greater)),
  NumericGreaterThanEquals: is(ordered(numberOf, atLeast)),
  DateEquals: is(ordered(timeOf, equals)),
  DateNotEquals: isNot(ordered(timeOf, equals)),
  DateLessThan: is(ordered(timeOf, less)),
  DateLessThanEquals: is(ordered(timeOf, atMost)),
  DateGreaterThan: is(ordered(timeOf, greater)),
  DateGreaterThanEquals: is(ordered(timeOf, atLeast)),
  Bool: is(bool),
  BinaryEquals: is(binary),
  IpAddress: is(compileIpRange),
  NotIpAddress: isNot(compileIpRange),
  ArnEquals: is(arn),
  ArnLike: is(arn),
  ArnNotEquals: isNot(arn),
  ArnNotLike: isNot(arn),
}
