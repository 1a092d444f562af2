/**
 * The JSON text of a policy to its document, or to where and why it is none.
 *
 * Strict: an element that is unknown, there twice, or of another form than the grammar has refuses the whole text, since
 * a policy that is read differently than it was meant opens what should be closed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

import { parseStrictObject } from '../../base/strict-json.ts'
import { compileCondition } from './condition.ts'
import type {
  Choice,
  PolicyDocument,
  PolicyProblem,
  PolicyStatement,
  PolicyUse,
  PrincipalChoice,
  WrittenCondition,
} from './policy-document.ts'
import { isAwsPrincipal } from './principal.ts'
import { compilePattern } from './wildcard.ts'

export type ReadPolicy = { readonly document: PolicyDocument } | { readonly problem: PolicyProblem }

const DEPTH_MAX = 8
const POLICY_ELEMENTS = ['Version', 'Id', 'Statement']
const STATEMENT_ELEMENTS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]
const ACTION = /^(?:\*|[a-z0-9-]+:[a-z0-9*?]+)$/i
/** Six parts, of which only the last may have colons. */
const RESOURCE = /^(?:\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+)$/s
const KEY = /^[\w-]+:[\w.:/=+@ -]+$/

/** A problem on its way out. */
class Malformed extends Error {
  override name = 'Malformed'
  readonly found: PolicyProblem

  constructor(pointer: string, problem: string) {
    super(problem)
    this.found = { pointer, problem }
  }
}

export function readPolicy(text: string, use: PolicyUse): ReadPolicy {
  try {
    const root = parseStrictObject(Buffer.from(text), DEPTH_MAX)
    if (root === undefined)
      throw new Malformed('', 'must be a JSON object in which no member is there twice')
    return { document: documentOf(root, use) }
  } catch (thrown) {
    if (thrown instanceof Malformed) return { problem: thrown.found }
    throw thrown
  }
}

/** `The policy is malformed: /Statement/0/Effect must be "Allow" or "Deny".` */
export function policyProblemText({ pointer, problem }: PolicyProblem): string {
  return `${pointer === '' ? 'The document' : pointer} ${problem}.`
}

type Members = Readonly<Record<string, unknown>>

function documentOf(root: Members, use: PolicyUse): PolicyDocument {
  refuseUnknown(root, POLICY_ELEMENTS, '')
  const version = root['Version'] ?? '2008-10-17'
  if (version !== '2008-10-17' && version !== '2012-10-17') {
    throw new Malformed('/Version', 'must be "2012-10-17" or "2008-10-17"')
  }
  if (root['Id'] !== undefined && typeof root['Id'] !== 'string') {
    throw new Malformed('/Id', 'must be a text')
  }
  const written = root['Statement']
  const list = Array.isArray(written) ? (written as unknown[]) : [written]
  if (written === undefined || list.length === 0) {
    throw new Malformed('/Statement', 'must have at least one statement')
  }
  const statements = list.map((each, i) => {
    const pointer = Array.isArray(written) ? `/Statement/${i}` : '/Statement'
    return new StatementReader(each, pointer, version === '2012-10-17').read(use)
  })
  refuseSameSid(statements)
  return { version, statements }
}

class StatementReader {
  readonly #members: Members
  readonly #pointer: string
  readonly #variables: boolean

  constructor(written: unknown, pointer: string, variables: boolean) {
    if (!isObject(written)) throw new Malformed(pointer, 'must be an object')
    refuseUnknown(written, STATEMENT_ELEMENTS, pointer)
    this.#members = written
    this.#pointer = pointer
    this.#variables = variables
  }

  read(use: PolicyUse): PolicyStatement {
    const { Sid: sid, Effect: effect } = this.#members
    if (sid !== undefined && (typeof sid !== 'string' || !/^[A-Za-z0-9]*$/.test(sid))) {
      throw this.#malformed('Sid', 'must have letters and digits only')
    }
    if (effect !== 'Allow' && effect !== 'Deny') {
      throw this.#malformed('Effect', 'must be "Allow" or "Deny"')
    }
    const actions = this.#choice('Action', 'NotAction', (text) =>
      ACTION.test(text) ? undefined : 'must be * or service:operation, as execute-api:Invoke',
    )
    if (actions === undefined) throw this.#malformed('Action', 'must be there, or NotAction')
    return {
      sid: sid === '' ? undefined : sid,
      effect,
      actions,
      resources: this.#resources(use),
      principals: this.#principals(use),
      conditions: this.#conditions(),
    }
  }

  #resources(use: PolicyUse): Choice | undefined {
    const resources = this.#choice('Resource', 'NotResource', (text) => {
      if (!RESOURCE.test(text)) return 'must be in ARN format or "*"'
      const pattern = compilePattern(text, { variables: this.#variables, wildcards: true })
      return pattern === undefined ? 'has a ${ that begins no variable' : undefined
    })
    if (use === 'identity' && resources === undefined) {
      throw this.#malformed('Resource', 'must be there, or NotResource')
    }
    if (use === 'trust' && resources !== undefined) {
      throw this.#malformed('Resource', 'is not for trust policies: their resource is the role')
    }
    return resources
  }

  #principals(use: PolicyUse): PrincipalChoice | undefined {
    const name = this.#oneOf('Principal', 'NotPrincipal')
    if (use === 'identity') {
      if (name === undefined) return undefined
      throw this.#malformed(
        name,
        'is not for policies of an identity: their principal is the identity',
      )
    }
    if (name === undefined) throw this.#malformed('Principal', 'must be there, or NotPrincipal')
    const written = this.#members[name]
    const inverted = name === 'NotPrincipal'
    if (written === '*') return { inverted, anybody: true, aws: [] }
    if (!isObject(written)) throw this.#malformed(name, 'must be "*" or an object')
    for (const kind of Object.keys(written)) {
      if (kind === 'AWS') continue
      throw this.#malformed(
        `${name}/${kind}`,
        'is not supported: only principals of the kind AWS are',
      )
    }
    const aws = this.#texts(`${name}/AWS`, written['AWS'])
    const wrong = aws.findIndex((each) => !isAwsPrincipal(each))
    if (wrong === -1) return { inverted, anybody: false, aws }
    throw this.#malformed(
      `${name}/AWS/${wrong}`,
      'must be an account, the ARN of a user or role, or "*"',
    )
  }

  #conditions(): WrittenCondition[] {
    const written = this.#members['Condition']
    if (written === undefined) return []
    if (!isObject(written)) throw this.#malformed('Condition', 'must be an object')
    return Object.entries(written).flatMap(([operator, keys]) => {
      const at = `Condition/${escaped(operator)}`
      if (!isObject(keys)) throw this.#malformed(at, 'must be an object of condition keys')
      return Object.entries(keys).map(([key, values]) => this.#condition(operator, key, values))
    })
  }

  #condition(operator: string, key: string, written: unknown): WrittenCondition {
    const at = `Condition/${escaped(operator)}/${escaped(key)}`
    if (!KEY.test(key)) throw this.#malformed(at, 'is no condition key, as aws:SourceIp is one')
    const list = Array.isArray(written) ? (written as unknown[]) : [written]
    const values = list.map((value) => {
      if (typeof value === 'string') return value
      if (typeof value === 'boolean' || typeof value === 'number') return String(value)
      throw this.#malformed(at, 'must be a text or a list of texts')
    })
    if (values.length === 0) throw this.#malformed(at, 'must have a value')
    const condition = { operator, key, values }
    const compiled = compileCondition(condition, this.#variables)
    if (typeof compiled === 'string') throw this.#malformed(at, compiled)
    return condition
  }

  #choice(
    name: string,
    inverse: string,
    problemOf: (text: string) => string | undefined,
  ): Choice | undefined {
    const found = this.#oneOf(name, inverse)
    if (found === undefined) return undefined
    const patterns = this.#texts(found, this.#members[found])
    for (const [i, text] of patterns.entries()) {
      const problem = problemOf(text)
      const at = Array.isArray(this.#members[found]) ? `${found}/${i}` : found
      if (problem !== undefined) throw this.#malformed(at, problem)
    }
    return { inverted: found === inverse, patterns }
  }

  #oneOf(name: string, inverse: string): string | undefined {
    const there = [name, inverse].filter((each) => this.#members[each] !== undefined)
    if (there.length === 2) throw this.#malformed(inverse, `must not stand beside ${name}`)
    return there[0]
  }

  #texts(at: string, written: unknown): readonly string[] {
    const list = Array.isArray(written) ? (written as unknown[]) : [written]
    const areTexts =
      list.length > 0 && list.every((each) => typeof each === 'string' && each !== '')
    if (!areTexts) throw this.#malformed(at, 'must be a text or a list of texts, and not empty')
    return list as string[]
  }

  #malformed(at: string, problem: string): Malformed {
    return new Malformed(`${this.#pointer}/${at}`, problem)
  }
}

function refuseSameSid(statements: readonly PolicyStatement[]): void {
  const seen = new Set<string>()
  for (const [i, { sid }] of statements.entries()) {
    if (sid === undefined) continue
    if (seen.has(sid)) throw new Malformed(`/Statement/${i}/Sid`, 'is there twice')
    seen.add(sid)
  }
}

function refuseUnknown(members: Members, known: readonly string[], pointer: string): void {
  const unknown = Object.keys(members).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new Malformed(`${pointer}/${escaped(unknown)}`, 'is no element of a policy')
}

/** RFC 6901 §3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
