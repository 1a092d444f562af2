/**
 * JSON paths as parameter mapping has them: members, indexes and wildcards; no recursive descent, filters or slices.
 *
 * A path is compiled with the stage and evaluated per request. Only own members of parsed JSON are ever read, so a
 * path such as `constructor.name` finds what the body holds and nothing else.
 */

import { isContainer } from './json-source.ts'

/** Steps of a path; deeper ones are refused when they are compiled. */
const STEPS_MAX = 32
/** Nesting of a result that is printed as JSON; what is deeper counts as absent. */
const RESULT_DEPTH_MAX = 100
/** Values that one wildcard path may collect; with nested wildcards they could multiply. */
const RESULT_COUNT_MAX = 10_000

type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'wildcard' }

export interface JsonPath {
  readonly steps: readonly Step[]
  /** With a wildcard the result is always a list. */
  readonly hasWildcard: boolean
}

/** A path that cannot be compiled; `offset` counts characters from the beginning of the path. */
export class JsonPathError extends Error {
  override name = 'JsonPathError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const DOT_MEMBER = /\.([^.[\]()?@*\s'"]+)/y
const QUOTED_MEMBER = /\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y
const INDEX = /\[(\d{1,9})\]/y
const WILDCARD = /\[\*\]|\.\*/y

/** Compiles what stands behind the root: '' (the root itself), `.a.b[0]`, `['a b'].c`, `.items[*].id`. */
export function compileJsonPath(text: string): JsonPath {
  const steps: Step[] = []
  for (let at = 0; at < text.length; ) {
    const [step, length] = readStep(text, at)
    steps.push(step)
    if (steps.length > STEPS_MAX) {
      throw new JsonPathError(`The path has more than ${STEPS_MAX} steps`, at)
    }
    at += length
  }
  return { steps, hasWildcard: steps.some(({ kind }) => kind === 'wildcard') }
}

/** The value that the path leads to; undefined when the document has none. */
export function evaluateJsonPath(path: JsonPath, document: unknown): unknown {
  if (!path.hasWildcard) return path.steps.reduce(child, document)
  let values: unknown[] = [document]
  for (const step of path.steps) {
    values = step.kind === 'wildcard' ? values.flatMap(children) : values.map((v) => child(v, step))
    values = values.filter((value) => value !== undefined)
    if (values.length > RESULT_COUNT_MAX) return undefined
  }
  return values
}

/**
 * The result as a parameter's text: strings as they are, numbers and booleans in JSON's writing, objects and arrays
 * as compact JSON. `null` counts as absent.
 */
export function printJsonValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return undefined
  return isShallow(value, RESULT_DEPTH_MAX) ? JSON.stringify(value) : undefined
}

function readStep(text: string, at: number): [Step, length: number] {
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  const wildcard = match(WILDCARD)
  if (wildcard !== null) return [{ kind: 'wildcard' }, wildcard[0].length]
  const member = match(DOT_MEMBER)
  if (member !== null) return [{ kind: 'member', name: member[1]! }, member[0].length]
  const index = match(INDEX)
  if (index !== null) return [{ kind: 'index', index: Number(index[1]) }, index[0].length]
  const quoted = match(QUOTED_MEMBER)
  if (quoted !== null) {
    const name = (quoted[1] ?? quoted[2]!).replace(/\\(.)/g, '$1')
    return [{ kind: 'member', name }, quoted[0].length]
  }
  throw new JsonPathError(complaint(text, at), at)
}

function complaint(text: string, at: number): string {
  const rest = text.slice(at)
  if (rest.startsWith('..')) return 'Recursive descent (`..`) is not supported'
  if (/^\[\s*\?/.test(rest)) return 'Filter expressions (`[?(…)]`) are not supported'
  if (/^\[-?\d*:/.test(rest)) return 'Slices (`[a:b]`) are not supported'
  if (/^\[-/.test(rest)) return 'Negative indexes are not supported'
  return `\`${rest.slice(0, 20)}\` is no step of a JSON path`
}

function child(value: unknown, step: Step): unknown {
  if (!isContainer(value)) return undefined
  if (Array.isArray(value)) return step.kind === 'index' ? value[step.index] : undefined
  if (step.kind !== 'member' || !Object.hasOwn(value, step.name)) return undefined
  return (value as Record<string, unknown>)[step.name]
}

function children(value: unknown): unknown[] {
  return isContainer(value) ? Object.values(value) : []
}

function isShallow(value: unknown, depth: number): boolean {
  if (!isContainer(value)) return true
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1))
}
