/**
 * What a mapping value can refer to: `request.header.x`, `response.body.a.b`, `context.requestId` and the others.
 *
 * One table for each side. A reference is looked up when a stage is compiled and reads one member of the source per
 * request.
 */

import type { ContextSource, RequestSource, ResponseSource } from '../context-source.ts'
import { contextVariable, isClaimVariable, nearestContextVariable } from '../context-variables.ts'
import { nearestName } from '../did-you-mean.ts'
import { bodyText, JsonBodies } from '../json-path/json-body.ts'
import {
  compileJsonPath,
  evaluateJsonPath,
  JsonPathError,
  printJsonValue,
} from '../json-path/json-path.ts'
import { stageVariable } from '../stage-variables.ts'
import { MappingError } from './mapping-error.ts'
import type { Coding, Target } from './target-coding.ts'

export type Read<S> = (source: S) => string | undefined

export interface Reference<S> {
  readonly coding: Coding
  readonly readsBody: boolean
  /** The value is already in the form of a path. */
  readonly isEncodedPath: boolean
  readonly read: Read<S>
}

/** Where a value stands: everything that its compilation depends on. */
export interface Place<S> {
  readonly key: string
  readonly target: Target
  readonly stageVariables: Readonly<Record<string, string>>
  readonly roots: Roots<S>
}

/** Compiles what follows the root: `.name`, `.a[0]` or ''. */
type CompileRoot<S> = (rest: string, place: Place<never>) => Reference<S>

export type Roots<S> = ReadonlyMap<string, CompileRoot<S>>

const ROOT = /^((?:request|response)\.[a-z]+|context|stageVariables)(?=[.[]|$)/
const FIELD_NAME = /^[!#%&'*+\-.^_`|~0-9A-Za-z]+$/
const PLAIN_NAME = /^[A-Za-z0-9._-]+$/
/** Names of claims are addresses at some providers: `cognito:groups`, `https://shop.example/roles`. */
const CONTEXT_NAME = /^(?:authorizer\.claims\.[^\s${}]+|[A-Za-z0-9._-]+)$/

const requestBodies = new JsonBodies()
const responseBodies = new JsonBodies()

const SHARED_ROOTS: [string, CompileRoot<ContextSource>][] = [
  ['context', compileContext],
  ['stageVariables', compileStageVariable],
]

export const REQUEST_ROOTS: Roots<RequestSource> = new Map<string, CompileRoot<RequestSource>>([
  ...SHARED_ROOTS,
  ['request.header', compileRequestHeader],
  ['request.querystring', compileQuery],
  ['request.path', compilePath],
  ['request.body', compileRequestBody],
])

export const RESPONSE_ROOTS: Roots<ResponseSource> = new Map<string, CompileRoot<ResponseSource>>([
  ...SHARED_ROOTS,
  ['response.header', compileResponseHeader],
  ['response.body', compileResponseBody],
])

/** Compiles a reference without its `$` and braces. */
export function compileReference<S>(text: string, place: Place<S>): Reference<S> {
  const root = ROOT.exec(text)?.[1]
  const compile = root === undefined ? undefined : place.roots.get(root)
  if (root === undefined || compile === undefined) throw unknownRoot(text, place)
  return compile(text.slice(root.length), place as Place<never>)
}

function unknownRoot<S>(text: string, place: Place<S>): MappingError {
  const roots = [...place.roots.keys()]
  const side = place.roots === (RESPONSE_ROOTS as unknown) ? 'response' : 'request'
  const otherSide = side === 'response' ? 'request' : 'response'
  const written = text.split('.').slice(0, 2).join('.')
  const nearest = text.startsWith(`${otherSide}.`) ? undefined : nearestName(written, roots)
  return new MappingError(
    place.key,
    `\`$${text}\` is nothing that a ${side} mapping can read`,
    nearest === undefined
      ? `A ${side} mapping reads ${roots.map((root) => `$${root}`).join(', ')}.`
      : `Did you mean \`$${nearest}\`?`,
  )
}

/** The name behind the root's dot, checked. */
function nameAfter(rest: string, pattern: RegExp, place: Place<never>): string {
  const name = rest.slice(1)
  if (rest[0] === '.' && pattern.test(name)) return name
  throw new MappingError(
    place.key,
    name === '' ? 'The reference names nothing' : `\`${name}\` cannot be a name here`,
    `Write one name behind the dot; several references in one text stand in braces each: \`\${request.path.a}-\${request.path.b}\`.`,
  )
}

function compileContext(rest: string, place: Place<never>): Reference<ContextSource> {
  const name = nameAfter(rest, CONTEXT_NAME, place)
  const variable = contextVariable(name)
  if (variable === undefined) {
    const nearest = nearestContextVariable(name)
    throw new MappingError(
      place.key,
      `\`$context.${name}\` does not exist`,
      nearest === undefined
        ? 'See the list of $context variables in the reference.'
        : `Did you mean \`$context.${nearest}\`?`,
    )
  }
  const { read } = variable
  return reference(isClaimVariable(name) ? 'text' : 'bytes', (source) => {
    const value = read(source)
    return value === undefined || typeof value === 'string' ? value : String(value)
  })
}

function compileStageVariable(rest: string, place: Place<never>): Reference<ContextSource> {
  const name = nameAfter(rest, /^[A-Za-z0-9_]+$/, place)
  const value = stageVariable(place.stageVariables, name)
  return reference('text', () => value)
}

function compileRequestHeader(rest: string, place: Place<never>): Reference<RequestSource> {
  const name = nameAfter(rest, FIELD_NAME, place).toLowerCase()
  return reference('bytes', (source) => source.requestHeader(name))
}

function compileResponseHeader(rest: string, place: Place<never>): Reference<ResponseSource> {
  const name = nameAfter(rest, FIELD_NAME, place).toLowerCase()
  return reference('bytes', (source) => source.responseHeader(name))
}

function compileQuery(rest: string, place: Place<never>): Reference<RequestSource> {
  const name = nameAfter(rest, /^[^\s${}]+$/, place)
  return reference('text', (source) => source.requestQuery(name))
}

function compilePath(rest: string, place: Place<never>): Reference<RequestSource> {
  if (rest === '') return encodedPath((source) => source.requestPath)
  const name = nameAfter(rest, PLAIN_NAME, place)
  // In a path the parameter keeps its own escapes: an encoded slash must not become a separator.
  if (place.target === 'path') return encodedPath((source) => source.encodedPathParameter(name))
  return reference('text', (source) => source.pathParameter(name))
}

function compileRequestBody(rest: string, place: Place<never>): Reference<RequestSource> {
  if (rest === '') {
    return bodyReference(({ requestBody }) => requestBody && bodyText(requestBody))
  }
  const path = pathInBody(rest, place)
  return bodyReference(({ requestBody, requestId }) => {
    if (requestBody === undefined) return undefined
    return printJsonValue(evaluateJsonPath(path, requestBodies.parse(requestBody, requestId)))
  })
}

function compileResponseBody(rest: string, place: Place<never>): Reference<ResponseSource> {
  if (rest === '') {
    return bodyReference(({ responseBody }) => responseBody && bodyText(responseBody))
  }
  const path = pathInBody(rest, place)
  return bodyReference(({ responseBody, requestId }) => {
    if (responseBody === undefined) return undefined
    return printJsonValue(evaluateJsonPath(path, responseBodies.parse(responseBody, requestId)))
  })
}

function pathInBody(rest: string, place: Place<never>): ReturnType<typeof compileJsonPath> {
  try {
    return compileJsonPath(rest)
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    throw new MappingError(
      place.key,
      `${error.message} (at character ${error.offset + 1} of \`${rest}\`)`,
      "Use members, indexes and wildcards: `.orders[0].lines[*]['unit price']`.",
    )
  }
}

function reference<S>(coding: Coding, read: Read<S>): Reference<S> {
  return { coding, readsBody: false, isEncodedPath: false, read }
}

function encodedPath<S>(read: Read<S>): Reference<S> {
  return { coding: 'text', readsBody: false, isEncodedPath: true, read }
}

function bodyReference<S>(read: Read<S>): Reference<S> {
  return { coding: 'text', readsBody: true, isEncodedPath: false, read }
}
