/**
 * From the schemas and declarations of a package to a `ServiceModel`: its operations, the shapes they reach, its errors.
 *
 * A shape or a trait that no codec knows is an error, with its path: a table that is silent about it would lie.
 */

import type {
  MemberShape,
  OperationModel,
  ServiceModel,
  Shape,
  StructureShape,
} from '../../src/aws/service-model.ts'
import { type ClientSettings, clientSettings, type SdkPackage } from './client-settings.ts'
import { elementType, type MemberTypes, readMemberTypes, valueType } from './member-types.ts'
import {
  isError,
  isOperation,
  isUnit,
  operationSchema,
  type Schema,
  type StructureSchema,
  schemaOf,
  type Traits,
} from './schemas.ts'

const SIMPLE_SHAPES: Readonly<Record<number, Shape>> = {
  0: { kind: 'string' },
  // Every number: the packages do not say which are whole.
  1: { kind: 'double' },
  2: { kind: 'boolean' },
  // No format of its own: that of both protocols.
  4: { kind: 'timestamp', format: 'epoch-seconds' },
  5: { kind: 'timestamp', format: 'date-time' },
  6: { kind: 'timestamp', format: 'http-date' },
  7: { kind: 'timestamp', format: 'epoch-seconds' },
  15: { kind: 'document' },
  21: { kind: 'blob' },
  42: { kind: 'blob', streaming: true },
}

/** Traits that change nothing on this wire. */
const HARMLESS = [
  'awsQueryError',
  'error',
  'httpError',
  'idempotencyToken',
  'idempotent',
  'jsonName',
  'mediaType',
  'sensitive',
  'sparse',
  'streaming',
  'xmlFlattened',
  'xmlName',
]
const PLACES: Readonly<Record<string, NonNullable<MemberShape['place']>>> = {
  httpLabel: 'label',
  httpQuery: 'query',
  httpQueryParams: 'query-map',
  httpHeader: 'header',
  httpPayload: 'payload',
  httpResponseCode: 'status',
}

export function serviceModelOf(source: SdkPackage): ServiceModel {
  const settings = clientSettings(source)
  const { signingName, apiVersion, protocol, targetPrefix, xmlNamespace } = settings
  const builder = new ModelBuilder(source, settings)
  const operations = builder.operations()
  builder.errors()
  return {
    name: source.name,
    signingName,
    apiVersion,
    protocol,
    ...(protocol === 'json-1.1' && { targetPrefix }),
    ...(protocol === 'query' && { xmlNamespace }),
    operations,
    shapes: Object.fromEntries([...builder.shapes].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

class ModelBuilder {
  readonly shapes = new Map<string, StructureShape>()
  readonly #source: SdkPackage
  readonly #types: MemberTypes
  readonly #protocol: ServiceModel['protocol']
  readonly #isPublic: ClientSettings['isPublic']

  constructor(source: SdkPackage, { protocol, isPublic }: ClientSettings) {
    this.#source = source
    this.#types = readMemberTypes(source.declarations)
    this.#protocol = protocol
    this.#isPublic = isPublic
  }

  operations(): Record<string, OperationModel> {
    const found = Object.values(this.#source.exports).filter(isOperation).map(operationSchema)
    if (found.length === 0) throw new Error(`${this.#source.name} exports no operation`)
    const entries = found.map(({ name, http, input, output }) => {
      const [method, uri, status] = http ?? this.#rpc(name)
      const shapes = {
        ...this.#structureMember('input', input),
        ...this.#structureMember('output', output),
      }
      const open = this.#isPublic(name) ? { public: true as const } : {}
      return [name, { method, uri, status, ...shapes, ...open }] as const
    })
    return Object.fromEntries(entries)
  }

  /** Every modelled error, whether or not an operation names it. */
  errors(): void {
    for (const value of Object.values(this.#source.exports)) {
      const isModelled = isError(value) && !String(value[1]).startsWith('smithy.ts.sdk.synthetic')
      if (isModelled) this.#add(schemaOf(value) as StructureSchema)
    }
  }

  #rpc(name: string): readonly [string, string, number] {
    if (this.#protocol === 'rest-json') throw new Error(`${name} has no HTTP binding`)
    return ['POST', '/', 200]
  }

  #structureMember(key: 'input' | 'output', ref: unknown): Partial<OperationModel> {
    if (isUnit(ref)) return {}
    const shape = this.#shape(schemaOf(ref), '')
    if (shape.kind !== 'structure') throw new Error(`An ${key} is a ${shape.kind}`)
    return { [key]: shape.name }
  }

  #add(schema: StructureSchema): void {
    const { name } = schema
    if (this.shapes.has(name)) return
    // Claims its place first: shapes may name themselves.
    this.shapes.set(name, { members: {}, required: [] })
    const members = schema.members.map(([member, ref]) => {
      const type = this.#types.get(name)?.get(member) ?? ''
      return [member, this.#member(schemaOf(ref), type, `${name}.${member}`)] as const
    })
    const error = schema.traits['httpError'] as number | undefined
    this.shapes.set(name, {
      members: Object.fromEntries(members),
      required: schema.members.slice(0, schema.requiredCount).map(([member]) => member),
      ...(error !== undefined && { error }),
      ...(schema.union && { union: true }),
    })
  }

  #member(schema: Schema, type: string, path: string): MemberShape {
    const { traits } = schema
    refuseUnknown(traits, [...HARMLESS, ...Object.keys(PLACES)], path)
    const jsonName = traits['jsonName'] as string | undefined
    const xmlName =
      this.#protocol === 'query' ? (traits['xmlName'] as string | undefined) : undefined
    if (traits['httpHeader'] !== undefined && schema.kind !== 'simple') {
      throw new Error(`${path} is a ${schema.kind} in a header field, which no codec knows`)
    }
    return {
      type: this.#shape(schema, type),
      ...(jsonName !== undefined && { jsonName }),
      ...(xmlName !== undefined && { xmlName }),
      // JSON 1.1 and Query put everything into the body, whatever else the model says.
      ...(this.#protocol === 'rest-json' && placeOf(traits)),
    }
  }

  #shape(schema: Schema, type: string): Shape {
    if (schema.kind === 'structure') {
      this.#add(schema)
      return { kind: 'structure', name: schema.name }
    }
    if (schema.kind === 'simple') return this.#simple(schema.code, type)
    const sparse = {
      ...(schema.traits['sparse'] === 1 && { sparse: true as const }),
      ...(this.#isFlat(schema) && { flat: true as const }),
    }
    const of = schemaOf(schema.of)
    return schema.kind === 'list'
      ? { kind: 'list', member: this.#shape(of, elementType(type)), ...sparse }
      : { kind: 'map', value: this.#shape(of, valueType(type)), ...sparse }
  }

  #isFlat({ traits }: Schema): boolean {
    return this.#protocol === 'query' && traits['xmlFlattened'] === 1
  }

  #simple(code: number, type: string): Shape {
    // Times without a format of their own are in the protocol's.
    const shape = this.#protocol === 'query' && code === 4 ? SIMPLE_SHAPES[5] : SIMPLE_SHAPES[code]
    if (shape === undefined) throw new Error(`No codec knows simple type ${code} (${type})`)
    const values = shape.kind === 'string' ? this.#enumValues(type) : undefined
    return values === undefined ? shape : { kind: 'string', values }
  }

  /** In the order in which the package lists them. */
  #enumValues(type: string): readonly string[] | undefined {
    const value = this.#source.exports[type]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.values(value as Record<string, string>)
  }
}

function placeOf(traits: Traits): Partial<MemberShape> {
  for (const [trait, place] of Object.entries(PLACES)) {
    const value = traits[trait]
    if (value === undefined) continue
    return typeof value === 'string' ? { place, name: value } : { place }
  }
  return {}
}

function refuseUnknown(traits: Traits, known: readonly string[], path: string): void {
  const unknown = Object.keys(traits).filter((trait) => !known.includes(trait))
  if (unknown.length > 0) {
    throw new Error(`${path} has traits that no codec knows: ${unknown.join(', ')}`)
  }
}
