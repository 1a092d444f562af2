/**
 * The patches of apigateway: operations on paths, whose values are always texts
 * (https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html). Which path takes which operation is a table
 * of the resource's; anything else is refused in AWS's words.
 */

import type { PatchOperation } from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'

/** One row: a path, with `*` for a segment that the operation gets, and what each operation makes of the resource. */
export interface PatchRule<T> {
  readonly path: string
  readonly add?: Change<T>
  readonly remove?: Change<T>
  readonly replace?: Change<T>
}

type Change<T> = (resource: T, value: string, segments: readonly string[]) => T

export function applyPatch<T>(
  resource: T,
  operations: readonly PatchOperation[] | undefined,
  rules: readonly PatchRule<T>[],
): T {
  return (operations ?? []).reduce((changed, each) => applyOne(changed, each, rules), resource)
}

function applyOne<T>(
  resource: T,
  { op, path, value }: PatchOperation,
  rules: readonly PatchRule<T>[],
): T {
  if (path === undefined || path === '') throw invalid('Invalid patch path null')
  const segments = path.split('/').slice(1).map(unescapePointer)
  const matching = rules.filter((rule) => matches(rule.path, segments))
  const change = matching
    .map((rule) => (op === 'add' || op === 'remove' || op === 'replace' ? rule[op] : undefined))
    .find((found) => found !== undefined)
  if (change !== undefined) return change(resource, value ?? '', segments)
  if (matching.length > 0) {
    const ops = matching.flatMap((rule) => OPS.filter((name) => rule[name] !== undefined))
    throw invalid(`Invalid patch operation specified. Must be one of: [${ops.join(', ')}]`)
  }
  const paths = rules.filter((rule) => rule.replace !== undefined).map((rule) => rule.path)
  throw invalid(
    `Invalid patch path  '${path}' specified for op '${op}'. Must be one of: [${paths.join(', ')}]`,
  )
}

const OPS = ['add', 'remove', 'replace'] as const

function matches(path: string, segments: readonly string[]): boolean {
  const wanted = path.split('/').slice(1)
  return (
    wanted.length === segments.length &&
    wanted.every((each, i) => each === '*' || each === segments[i])
  )
}

/** RFC 6901 §4. */
function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** A number in a text. */
export function numberIn(value: string, noun: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (Number.isFinite(number)) return number
  throw invalid(`Invalid ${noun} specified: ${value}`)
}

export function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
