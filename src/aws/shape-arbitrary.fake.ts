/**
 * Values that a model allows, for property tests: every subset of the optional members, any Unicode, empty collections.
 *
 * Only for tests. `plain` makes two such values comparable, whatever their prototypes and absent members.
 */

import fc from 'fast-check'
import { structureOf } from './json-values.ts'
import type { Constraint, MemberShape, ServiceModel, Shape } from './service-model.ts'

const SIZE_MAX = 3
const LENGTH_MAX = 12

export function structureArbitrary(
  model: ServiceModel,
  name: string,
): fc.Arbitrary<Record<string, unknown>> {
  const { members, required } = structureOf(model, name)
  const entries = Object.entries(members).map(
    ([member, shape]) => [member, memberArbitrary(model, shape)] as const,
  )
  return fc.record(Object.fromEntries(entries), {
    requiredKeys: [...required, ...labelsOf(members)],
    noNullPrototype: true,
  })
}

/** What cannot be told from absence is not made: an empty list in a query, an empty payload. */
function memberArbitrary(model: ServiceModel, member: MemberShape): fc.Arbitrary<unknown> {
  const { place, type, constraint = {} } = member
  if (place === 'label') return fc.string({ unit: 'binary', minLength: 1, maxLength: LENGTH_MAX })
  if (place === 'payload' && type.kind === 'blob') {
    return fc.uint8Array({ minLength: 1, maxLength: LENGTH_MAX })
  }
  const minLength = place === 'query' ? 1 : 0
  if (place === 'header') return fc.stringMatching(/^[a-zA-Z0-9/;=-]{1,12}$/)
  return valueArbitrary(model, type, { length: [minLength, LENGTH_MAX], ...constraint })
}

function valueArbitrary(
  model: ServiceModel,
  shape: Shape,
  constraint: Constraint,
): fc.Arbitrary<unknown> {
  const [min = 0] = constraint.length ?? []
  const sizes = { minLength: min, maxLength: Math.max(min, SIZE_MAX) }
  switch (shape.kind) {
    case 'structure':
      return structureArbitrary(model, shape.name)
    case 'list':
      return fc.array(valueArbitrary(model, shape.member, constraint.values ?? {}), sizes)
    case 'map':
      return fc.dictionary(
        stringArbitrary(constraint.keys ?? {}),
        valueArbitrary(model, shape.value, constraint.values ?? {}),
        { maxKeys: SIZE_MAX },
      )
    case 'string':
      return shape.values ? fc.constantFrom(...shape.values) : stringArbitrary(constraint)
    default:
      return scalarArbitrary(shape, constraint)
  }
}

function stringArbitrary({ pattern, length }: Constraint): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(`^(?:${pattern})$`))
  const [min = 0] = length ?? []
  return fc.string({ unit: 'binary', minLength: min, maxLength: Math.max(min, LENGTH_MAX) })
}

function scalarArbitrary(shape: Shape, { range }: Constraint): fc.Arbitrary<unknown> {
  const [min, max] = range ?? [-2_147_483_648 + 1, 2_147_483_647]
  switch (shape.kind) {
    case 'integer':
    case 'long':
      return fc.integer({ min, max })
    case 'float':
    case 'double':
      // JSON has no negative zero.
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    case 'boolean':
      return fc.boolean()
    case 'timestamp':
      return fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => new Date(seconds * 1_000))
    case 'blob':
      return fc.uint8Array({ maxLength: LENGTH_MAX })
    default:
      return fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)))
  }
}

function labelsOf(members: Readonly<Record<string, MemberShape>>): string[] {
  return Object.entries(members).flatMap(([name, { place }]) => (place === 'label' ? [name] : []))
}

export function plain(value: unknown): unknown {
  if (value instanceof Date) return { date: value.toISOString() }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const present = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(present.map(([key, item]) => [key, plain(item)]))
}
