/**
 * Between the JSON of a body and the objects that operations take and return, by the shapes of a model.
 *
 * Reading checks JSON types and nothing else (what a value must satisfy is `violations.ts`); the texts of its errors
 * are those of AWS's own framework. Members that the model does not have are dropped: clients of a newer model send
 * them, and AWS ignores them. Null is absence. Maps are made without a prototype, so no key can mean more than a key.
 */

import { assert } from '../base/assert.ts'
import { ServiceError } from './service-error.ts'
import type { MemberShape, ServiceModel, Shape, StructureShape } from './service-model.ts'
import { readTimestamp, writeTimestamp } from './timestamp.ts'

/** What a member is called in JSON: REST-JSON has names of its own, JSON 1.1 those of the model. */
export type Naming = (name: string, member: MemberShape) => string

export const byJsonName: Naming = (name, member) => member.jsonName ?? name
export const byMemberName: Naming = (name) => name

type Structure = Record<string, unknown>

const PLACE_CHARACTERS_MAX = 256
const INTEGER_MAX = 2_147_483_647
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/

const SCALAR_NAMES = {
  string: 'String',
  integer: 'Integer',
  long: 'Long',
  float: 'Float',
  double: 'Double',
  boolean: 'Boolean',
  timestamp: 'Date',
  blob: 'ByteBuffer',
} as const

export class JsonValues {
  readonly #model: ServiceModel
  readonly #naming: Naming

  constructor(model: ServiceModel, naming: Naming) {
    this.#model = model
    this.#naming = naming
  }

  /** `place` names the value in errors: `createApiInput.corsConfiguration`. Throws a SerializationException. */
  read(shape: Shape, json: unknown, place: string): unknown {
    switch (shape.kind) {
      case 'structure':
        return this.readStructure(structureOf(this.#model, shape.name), json, place)
      case 'list':
        return this.#readList(shape, json, place)
      case 'map':
        return this.#readMap(shape, json, place)
      case 'document':
        return json
      default:
        return readScalar(shape, json, place)
    }
  }

  /** Members that travel elsewhere (labels, query, header) are left out. */
  readStructure(structure: StructureShape, json: unknown, place: string): Structure {
    if (!isObject(json)) throw unexpected(json, 'map', place)
    const result: Structure = {}
    for (const [name, member] of Object.entries(structure.members)) {
      if (member.place !== undefined) continue
      const key = this.#naming(name, member)
      const value = Object.hasOwn(json, key) ? json[key] : undefined
      if (value === undefined || value === null) continue
      result[name] = this.read(member.type, value, `${place}.${key}`)
    }
    const { length } = Object.keys(result)
    if (structure.union && length !== 1) {
      throw wrongType(`Exactly one member of a union must be set, here ${length}`, place)
    }
    return result
  }

  #readList(shape: Extract<Shape, { kind: 'list' }>, json: unknown, place: string): unknown[] {
    if (!Array.isArray(json)) throw unexpected(json, 'list', place)
    // A null stays: it is a violation where the list may have none.
    return json.map((value, i) =>
      value === null ? null : this.read(shape.member, value, `${place}.${i + 1}.member`),
    )
  }

  #readMap(shape: Extract<Shape, { kind: 'map' }>, json: unknown, place: string): Structure {
    if (!isObject(json)) throw unexpected(json, 'map', place)
    const result: Structure = Object.create(null)
    for (const [key, value] of Object.entries(json)) {
      if (value === null && !shape.sparse) continue
      result[key] = value === null ? null : this.read(shape.value, value, `${place}.${key}.member`)
    }
    return result
  }

  /** What `JSON.stringify` writes; absent and null members are left out. */
  write(shape: Shape, value: unknown): unknown {
    switch (shape.kind) {
      case 'structure':
        return this.writeStructure(structureOf(this.#model, shape.name), value as Structure)
      case 'list':
        return (value as unknown[]).map((item) =>
          item === null ? null : this.write(shape.member, item),
        )
      case 'map':
        return this.#writeMap(shape, value as Structure)
      default:
        return writeScalar(shape, value)
    }
  }

  writeStructure(structure: StructureShape, value: Structure): Structure {
    const result: Structure = Object.create(null)
    for (const [name, member] of Object.entries(structure.members)) {
      if (member.place !== undefined) continue
      const item = value[name]
      if (item === undefined || item === null) continue
      result[this.#naming(name, member)] = this.write(member.type, item)
    }
    return result
  }

  #writeMap(shape: Extract<Shape, { kind: 'map' }>, value: Structure): Structure {
    const result: Structure = Object.create(null)
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined || (item === null && !shape.sparse)) continue
      result[key] = item === null ? null : this.write(shape.value, item)
    }
    return result
  }
}

export function structureOf(model: ServiceModel, name: string): StructureShape {
  const structure = model.shapes[name]
  assert(structure !== undefined, `the model of ${model.name} has the shape ${name}`)
  return structure
}

/** A value from a label, a query parameter or a header field. */
export function readText(shape: Shape, text: string, place: string): unknown {
  switch (shape.kind) {
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return readScalar(
        shape,
        /^-?\d{1,20}(?:\.\d{1,20})?$/.test(text) ? Number(text) : text,
        place,
      )
    case 'boolean':
      return readScalar(shape, text === 'true' || (text === 'false' ? false : text), place)
    case 'timestamp':
      return readScalar(shape, shape.format === 'epoch-seconds' ? Number(text) : text, place)
    default:
      return readScalar(shape, text, place)
  }
}

export function writeText(shape: Shape, value: unknown): string {
  return String(writeScalar(shape, value))
}

function readScalar(shape: Shape, json: unknown, place: string): unknown {
  assert(shape.kind in SCALAR_NAMES, `${place} is a scalar`)
  const value = scalarValue(shape, json)
  if (value !== undefined) return value
  const name = SCALAR_NAMES[shape.kind as keyof typeof SCALAR_NAMES]
  throw typeof json === 'object'
    ? unexpected(json, 'scalar', place)
    : wrongType(`class ${javaClass(json)} can not be converted to an ${name}`, place)
}

/** Undefined: it cannot be one. Texts like `NaN` are no numbers here, since records could not keep them. */
function scalarValue(shape: Shape, json: unknown): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof json === 'string' ? json : undefined
    case 'boolean':
      return typeof json === 'boolean' ? json : undefined
    case 'integer':
      return Number.isInteger(json) && Math.abs(json as number) <= INTEGER_MAX ? json : undefined
    case 'long':
      return Number.isSafeInteger(json) ? json : undefined
    case 'float':
    case 'double':
      return Number.isFinite(json) ? json : undefined
    case 'timestamp':
      return readTimestamp(shape.format, json)
    case 'blob':
      return typeof json === 'string' && BASE64.test(json)
        ? new Uint8Array(Buffer.from(json, 'base64'))
        : undefined
    default:
      return undefined
  }
}

function writeScalar(shape: Shape, value: unknown): unknown {
  if (shape.kind === 'timestamp') return writeTimestamp(shape.format, value as Date | string)
  if (shape.kind === 'blob') return Buffer.from(value as Uint8Array).toString('base64')
  return value
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function javaClass(json: unknown): string {
  if (typeof json === 'boolean') return 'java.lang.Boolean'
  if (typeof json === 'string') return 'java.lang.String'
  return 'com.amazon.coral.value.json.numbers.TruncatingBigNumber'
}

function unexpected(
  json: unknown,
  expected: 'list' | 'map' | 'scalar',
  place: string,
): ServiceError {
  if (Array.isArray(json)) return wrongType('Start of list found where not expected', place)
  if (isObject(json)) {
    return wrongType('Start of structure or map found where not expected.', place)
  }
  return wrongType(`Expected ${expected} or null`, place)
}

/** The message is AWS's; where the value stands is a member of its own, since AWS does not say it. */
function wrongType(message: string, place: string): ServiceError {
  const shown =
    place.length > PLACE_CHARACTERS_MAX ? `${place.slice(0, PLACE_CHARACTERS_MAX)}…` : place
  return new ServiceError('SerializationException', message, { place: shown })
}
