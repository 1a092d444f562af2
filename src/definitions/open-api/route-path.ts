/**
 * Paths of routes: what a definition may write as the key of a path item.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */

import type { LimitProfile } from '../../domain/limits.ts'
import { preview } from '../document/preview.ts'
import type { Finding } from '../document/problem-list.ts'

/** Segments that API Gateway imports; `extended` allows what else RFC 3986 §3.3 lets stand in a segment as it is. */
const LITERAL: Readonly<Record<LimitProfile, RegExp>> = {
  aws: /^[A-Za-z0-9_.~,:+-]+$/,
  extended: /^[A-Za-z0-9_.~,:+@!'()*=&$-]+$/,
}
const VARIABLE = /^\{([A-Za-z0-9_.:-]+)(\+?)\}$/

/** What is wrong with a path; undefined when nothing is. */
export function findPathProblem(path: string, profile: LimitProfile): Finding | undefined {
  if (!path.startsWith('/'))
    return invalid(
      `The path ${preview(path)} does not begin with a slash.`,
      'Write a slash before it.',
    )
  if (/[?#]/.test(path))
    return invalid(
      `The path ${preview(path)} holds a query or fragment.`,
      'Keep the path only; queries do not take part in routing.',
    )
  const segments = path === '/' ? [] : path.slice(1).replace(/\/$/, '').split('/')
  return findSegmentProblem(segments, profile) ?? findRepeatedName(path)
}

/** Names of the path's variables, the greedy one without its `+`. */
export function variablesOf(path: string): string[] {
  return [...path.matchAll(/\{([^{}+]+)\+?\}/g)].map((found) => found[1]!)
}

/**
 * What the router can tell apart: names of variables, and a slash at the end, make no difference. Two routes of one
 * method and shape would hide each other.
 */
export function shapeOf(path: string): string {
  const shape = path.replace(/\{[^{}]*\+\}/g, '{+}').replace(/\{[^{}+]*\}/g, '{}')
  return shape.length > 1 ? shape.replace(/\/$/, '') : shape
}

/** The path as it is written in the URI of an integration: `/{proxy+}` → `/{proxy}`. */
export function uriPathOf(path: string): string {
  return path.replaceAll('+}', '}')
}

function findSegmentProblem(segments: string[], profile: LimitProfile): Finding | undefined {
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!
    const variable = VARIABLE.exec(segment)
    if (variable?.[2] === '+' && i < segments.length - 1) return notLast(segment)
    const problem = variable === null ? findLiteralProblem(segment, profile) : undefined
    if (problem !== undefined) return problem
  }
  return undefined
}

function findLiteralProblem(segment: string, profile: LimitProfile): Finding | undefined {
  if (segment === '')
    return invalid('The path has an empty segment.', 'Write one slash between segments.')
  if (/[{}]/.test(segment)) return partialVariable(segment)
  if (segment === '.' || segment === '..') {
    return invalid(
      `The path holds the segment ${preview(segment)}, which no request reaches.`,
      'Write the path without it.',
    )
  }
  if (LITERAL[profile].test(segment)) return undefined
  const allowed = profile === 'aws' ? '_ . ~ , : + -' : "_ . ~ , : + @ ! ' ( ) * = & $ -"
  return invalid(
    `The segment ${preview(segment)} holds a character that cannot be part of a route.`,
    `Use letters, digits and ${allowed}; percent-encoding and ";" are not matched.`,
  )
}

function partialVariable(segment: string): Finding {
  const inner = /^\{(.*)\}$/.exec(segment)?.[1]
  if (inner !== undefined && !/[{}]/.test(inner)) {
    return invalid(
      `${preview(segment)} is no name for a path variable.`,
      'Use letters, digits and _ . : - between the braces.',
    )
  }
  return {
    code: 'path-partial-variable',
    message: `In ${preview(segment)} a variable is only a part of a segment.`,
    mend: 'Let it take the whole segment, such as /{id}, and take it apart in the origin; or use {proxy+}.',
  }
}

function notLast(segment: string): Finding {
  return {
    code: 'path-greedy-not-last',
    message: `${segment} takes everything that follows, but other segments follow it.`,
    mend: 'Put it at the end of the path.',
  }
}

function findRepeatedName(path: string): Finding | undefined {
  const names = new Set<string>()
  const repeated = variablesOf(path).find((name) => names.size === names.add(name).size)
  if (repeated === undefined) return undefined
  return {
    code: 'path-variable-duplicate',
    message: `The variable {${repeated}} stands twice in ${preview(path)}.`,
    mend: 'Give each variable its own name.',
  }
}

function invalid(message: string, mend: string): Finding {
  return { code: 'path-invalid', message, mend }
}
