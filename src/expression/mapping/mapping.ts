/**
 * Parameter mapping of HTTP APIs, compiled: what an integration's `requestParameters` and `responseParameters` do to a
 * request on its way to the integration and to the response on its way back.
 *
 * Every value is read from the request or response as it came in, never from what another rule wrote. Rules run in one
 * fixed order, whatever the order of the keys: remove, overwrite, append. Values for headers are strings of bytes;
 * whoever writes them still refuses CR, LF and NUL
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html).
 */

import type { RequestSource, ResponseSource } from '../context-source.ts'
import type { QueryRule } from '../query-string/query-rules.ts'
import { MappingError } from './mapping-error.ts'
import { type Place, REQUEST_ROOTS, RESPONSE_ROOTS, type Roots } from './references.ts'
import { isReservedHeader } from './reserved-headers.ts'
import type { Target } from './target-coding.ts'
import { type CompiledValue, compileValue } from './value-expression.ts'

export { MappingError } from './mapping-error.ts'

/** Undefined: the rule does nothing. */
export type RequestValue = (source: RequestSource) => string | undefined
type ResponseValue = (source: ResponseSource) => string | undefined

type RuleOp = QueryRule['op']

export interface HeaderRule<V> {
  readonly op: RuleOp
  /** In lower case. */
  readonly name: string
  /** Not asked when `op` is `remove`. */
  readonly value: V
}

export interface RequestMapping {
  /** The request body has to be held in memory before the mapping runs. */
  readonly readsBody: boolean
  /** Replaces the path; percent-encoded and with a leading slash, but dot segments are for the caller to refuse. */
  readonly path: RequestValue | undefined
  readonly headers: readonly HeaderRule<RequestValue>[]
  readonly query: readonly QueryRule[]
}

export interface ResponseMapping {
  /** The response body has to be held in memory before the mapping runs. */
  readonly readsBody: boolean
  /** Text; whether it is a status that can be sent is for the caller to check. */
  readonly status: ResponseValue | undefined
  readonly headers: readonly HeaderRule<ResponseValue>[]
}

interface Rule<S> extends CompiledValue<S> {
  readonly op: RuleOp
  readonly target: Target
  readonly name: string
}

const KEY = /^([a-z]+):(header|querystring|path|statuscode)(?:\.(.+))?$/
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const OPS: readonly string[] = ['remove', 'overwrite', 'append'] satisfies RuleOp[]
/** What the service's own examples write for "no value". */
const NO_VALUE = ['', "''"]
/** Nothing but what the authorizer has found out about the caller. */
const CALLER_VALUE = /^\$(?:context\.authorizer\.[^$]+|\{context\.authorizer\.[^${}]+\})$/

export function compileRequestMapping(
  parameters: Readonly<Record<string, string>>,
  stageVariables: Readonly<Record<string, string>>,
): RequestMapping {
  const rules = compileRules(parameters, stageVariables, REQUEST_ROOTS)
  const path = rules.find(({ target }) => target === 'path')
  return {
    readsBody: rules.some(({ readsBody }) => readsBody),
    path: path && withLeadingSlash(path.read),
    headers: rulesOf(rules, 'header'),
    query: rulesOf(rules, 'query'),
  }
}

export function compileResponseMapping(
  parameters: Readonly<Record<string, string>>,
  stageVariables: Readonly<Record<string, string>>,
): ResponseMapping {
  const rules = compileRules(parameters, stageVariables, RESPONSE_ROOTS)
  return {
    readsBody: rules.some(({ readsBody }) => readsBody),
    status: rules.find(({ target }) => target === 'status')?.read,
    headers: rulesOf(rules, 'header'),
  }
}

/** May `responseParameters` have this key? One status, 200 to 599. */
export function isResponseStatusKey(key: string): boolean {
  return /^[2-5]\d\d$/.test(key)
}

function compileRules<S>(
  parameters: Readonly<Record<string, string>>,
  stageVariables: Readonly<Record<string, string>>,
  roots: Roots<S>,
): Rule<S>[] {
  const rules: Rule<S>[] = []
  for (const [key, value] of Object.entries(parameters)) {
    const { op, target, name } = parseKey(key, roots === (RESPONSE_ROOTS as unknown))
    if (rules.some((rule) => rule.op === op && rule.target === target && rule.name === name)) {
      throw new MappingError(key, 'The same rule stands here twice', 'Keep one of the two.')
    }
    const compiled = compileRuleValue(op, value, { key, target, stageVariables, roots })
    rules.push({ op, target, name, ...compiled })
    if (op === 'overwrite' && CALLER_VALUE.test(value)) rules.push(removal(target, name))
  }
  return rules.sort((left, right) => OPS.indexOf(left.op) - OPS.indexOf(right.op))
}

/**
 * Who the caller is, is said by the gateway or by nobody: where the token has no such claim, what a client has written
 * in its place does not pass either.
 */
function removal<S>(target: Target, name: string): Rule<S> {
  return {
    op: 'remove',
    target,
    name,
    read: () => undefined,
    readsBody: false,
    constant: undefined,
  }
}

function parseKey(key: string, forResponse: boolean): { op: RuleOp; target: Target; name: string } {
  const [, op, location, name] = KEY.exec(key) ?? []
  if (op === undefined || !OPS.includes(op) || location === undefined) throw unknownKey(key)
  const target = targetOf(location)
  const named = target === 'header' || target === 'query'
  if (named !== (name !== undefined)) throw unknownKey(key)
  if (!named && op !== 'overwrite') {
    throw new MappingError(
      key,
      `A ${location} can only be overwritten`,
      `Write \`overwrite:${location}\`.`,
    )
  }
  if (target === (forResponse ? 'query' : 'status') || (forResponse && target === 'path')) {
    const side = forResponse ? 'response' : 'request'
    throw new MappingError(key, `A ${side} has no ${location} to map`, keysOf(forResponse))
  }
  return { op: op as RuleOp, target, name: targetName(key, target, name ?? '') }
}

function targetOf(location: string): Target {
  if (location === 'querystring') return 'query'
  return location === 'statuscode' ? 'status' : (location as Target)
}

function targetName(key: string, target: Target, name: string): string {
  if (target !== 'header') return name
  if (!FIELD_NAME.test(name)) {
    throw new MappingError(
      key,
      `\`${name}\` is no name of a header`,
      'Use letters, digits and hyphens.',
    )
  }
  const lowerName = name.toLowerCase()
  if (isReservedHeader(lowerName)) {
    throw new MappingError(
      key,
      `The header ${lowerName} is reserved: a mapping may neither set nor remove it`,
      'Map to a header of another name.',
    )
  }
  return lowerName
}

function compileRuleValue<S>(op: RuleOp, value: string, place: Place<S>): CompiledValue<S> {
  if (op === 'remove') {
    if (!NO_VALUE.includes(value)) {
      throw new MappingError(place.key, '`remove` takes no value', "Write `''` as its value.")
    }
    return { read: () => undefined, readsBody: false, constant: undefined }
  }
  if (NO_VALUE.includes(value)) {
    throw new MappingError(
      place.key,
      `\`${op}\` has no value`,
      'Give it a value, or use `remove` to drop the parameter.',
    )
  }
  const compiled = compileValue(value, place)
  if (place.target === 'status' && compiled.constant !== undefined) {
    checkStatus(place.key, compiled.constant)
  }
  return compiled
}

function checkStatus(key: string, status: string): void {
  if (isResponseStatusKey(status)) return
  throw new MappingError(key, `\`${status}\` is no status from 200 to 599`, 'Write three digits.')
}

function rulesOf<S>(rules: readonly Rule<S>[], target: Target): HeaderRule<Rule<S>['read']>[] {
  return rules
    .filter((rule) => rule.target === target)
    .map(({ op, name, read }) => ({ op, name, value: read }))
}

function withLeadingSlash(read: RequestValue): RequestValue {
  return (source) => {
    const path = read(source)
    return path === undefined || path.startsWith('/') ? path : `/${path}`
  }
}

function unknownKey(key: string): MappingError {
  return new MappingError(
    key,
    `\`${key}\` is no key of a parameter mapping`,
    'Keys are append|overwrite|remove:header.name, append|overwrite|remove:querystring.name, overwrite:path and, for responses, overwrite:statuscode.',
  )
}

function keysOf(forResponse: boolean): string {
  return forResponse
    ? 'Responses have append|overwrite|remove:header.name and overwrite:statuscode.'
    : 'Requests have append|overwrite|remove:header.name, append|overwrite|remove:querystring.name and overwrite:path.'
}
