/**
 * The arrays in which an SDK package exports its operations and shapes, decoded.
 *
 * The encoding is documented in `@smithy/types` (schema/static-schemas, schema/sentinels, schema/traits): a number is a
 * simple type, with a bit for "list of" or "map of"; an array is a named shape, or a member and its traits; a function
 * gives what it stands for, so that shapes can name each other.
 */

/** Traits of a shape or a member: `{ jsonName: 'apiId' }`. */
export type Traits = Readonly<Record<string, unknown>>

export type Schema =
  | { readonly kind: 'simple'; readonly code: number; readonly traits: Traits }
  | { readonly kind: 'list' | 'map'; readonly of: unknown; readonly traits: Traits }
  | StructureSchema

export interface StructureSchema {
  readonly kind: 'structure'
  readonly name: string
  readonly union: boolean
  readonly traits: Traits
  readonly members: readonly (readonly [name: string, ref: unknown])[]
  readonly requiredCount: number
}

interface OperationSchema {
  readonly name: string
  readonly http: readonly [method: string, uri: string, status: number] | undefined
  readonly input: unknown
  readonly output: unknown
}

const SIMPLE = 0
const LIST = 1
const MAP = 2
const STRUCTURE = 3
const UNION = 4
const OPERATION = 9
const ERROR = -3

const LIST_BIT = 0x40
const MAP_BIT = 0x80

/** In the order of their bits. */
const BIT_TRAITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
]

/** Stands for "no members at all". */
export function isUnit(ref: unknown): boolean {
  return dereferenced(ref) === 'unit'
}

function dereferenced(ref: unknown): unknown {
  return typeof ref === 'function' ? (ref as () => unknown)() : ref
}

export function schemaOf(ref: unknown): Schema {
  const value = dereferenced(ref)
  if (typeof value === 'number') return simpleSchema(value, {})
  if (!Array.isArray(value)) throw new Error(`No schema: ${String(value)}`)
  if (typeof value[0] !== 'number' || typeof value[1] !== 'string') return memberSchema(value)
  const traits = traitsOf(value[3])
  switch (value[0]) {
    case SIMPLE:
      return withTraits(schemaOf(value[4]), traits)
    case LIST:
      return { kind: 'list', of: value[4], traits }
    case MAP:
      return { kind: 'map', of: value[5], traits }
    case STRUCTURE:
    case UNION:
    case ERROR:
      return structureSchema(value, traits)
    default:
      throw new Error(`No kind of shape that is known: ${value[0]} of ${value[2]}`)
  }
}

export function isOperation(value: unknown): value is unknown[] {
  return Array.isArray(value) && value[0] === OPERATION
}

export function isError(value: unknown): value is unknown[] {
  return Array.isArray(value) && value[0] === ERROR
}

export function operationSchema(value: readonly unknown[]): OperationSchema {
  const http = traitsOf(value[3])['http'] as OperationSchema['http']
  return { name: value[2] as string, http, input: value[4], output: value[5] }
}

function structureSchema(value: readonly unknown[], traits: Traits): StructureSchema {
  const names = value[4] as readonly string[]
  const refs = value[5] as readonly unknown[]
  return {
    kind: 'structure',
    name: value[2] as string,
    union: value[0] === UNION,
    traits,
    members: names.map((name, i) => [name, refs[i]] as const),
    requiredCount: (value[6] as number | undefined) ?? 0,
  }
}

/** `[shape, traits]` */
function memberSchema(value: readonly unknown[]): Schema {
  return withTraits(schemaOf(value[0]), traitsOf(value[1]))
}

function withTraits(schema: Schema, traits: Traits): Schema {
  return { ...schema, traits: { ...schema.traits, ...traits } }
}

function simpleSchema(code: number, traits: Traits): Schema {
  if (code & MAP_BIT) return { kind: 'map', of: code & ~MAP_BIT, traits }
  if (code & LIST_BIT) return { kind: 'list', of: code & ~LIST_BIT, traits }
  return { kind: 'simple', code, traits }
}

function traitsOf(value: unknown): Traits {
  if (typeof value === 'object' && value !== null) return value as Traits
  const bits = typeof value === 'number' ? value : 0
  return Object.fromEntries(
    BIT_TRAITS.flatMap((name, bit) => ((bits >> bit) & 1 ? [[name, 1]] : [])),
  )
}
