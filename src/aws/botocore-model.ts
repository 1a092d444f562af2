/**
 * A rest-json model in the words of botocore, the library under AWS's command line and Python SDK: `service-2.json`.
 *
 * Both read further models from `~/.aws/models` and from AWS_DATA_PATH, so an installation that is older than an
 * operation learns it from a file. What a model says of places on the wire and of types is all here; texts of help,
 * lengths and patterns are not: the server checks those.
 * https://botocore.amazonaws.com/v1/documentation/api/latest/reference/loaders.html
 */

import { assert } from '../base/assert.ts'
import { structureOf } from './json-values.ts'
import type {
  MemberShape,
  OperationModel,
  ServiceModel,
  Shape,
  StructureShape,
} from './service-model.ts'

/** What botocore calls the service; the tables of the JavaScript SDK do not tell. */
export interface BotocoreNames {
  readonly serviceId: string
  readonly fullName: string
}

export interface BotocoreModel {
  readonly version: '2.0'
  readonly metadata: Readonly<Record<string, string>>
  readonly operations: Readonly<Record<string, object>>
  readonly shapes: Readonly<Record<string, object>>
  readonly documentation: string
}

/** The whole of a model: every operation, and every shape that one of them or an error needs. */
export function botocoreModelOf(
  model: ServiceModel,
  names: BotocoreNames,
  documentation: string,
): BotocoreModel {
  assert(model.protocol === 'rest-json', `botocore models are written for rest-json only`)
  const operations = Object.entries(model.operations).map(
    ([name, operation]) => [name, operationOf(name, operation)] as const,
  )
  return {
    version: '2.0',
    metadata: metadataOf(model, names),
    operations: Object.fromEntries(operations),
    shapes: new ShapeWriter(model).writeAll(),
    documentation,
  }
}

function metadataOf(model: ServiceModel, names: BotocoreNames): Record<string, string> {
  return {
    apiVersion: model.apiVersion,
    endpointPrefix: model.signingName,
    signingName: model.signingName,
    serviceFullName: names.fullName,
    serviceId: names.serviceId,
    protocol: 'rest-json',
    jsonVersion: '1.1',
    uid: `${model.name}-${model.apiVersion}`,
    signatureVersion: 'v4',
  }
}

function operationOf(name: string, operation: OperationModel): object {
  const { method, uri, status, input, output } = operation
  return {
    name,
    http: { method, requestUri: uri, responseCode: status },
    ...(input === undefined ? {} : { input: { shape: input } }),
    ...(output === undefined ? {} : { output: { shape: output } }),
  }
}

/** botocore refers to every shape by a name; the ones that our tables write in place get names of their own. */
class ShapeWriter {
  readonly #model: ServiceModel
  readonly #shapes: Record<string, object> = {}
  readonly #names = new Map<string, string>()

  constructor(model: ServiceModel) {
    this.#model = model
  }

  writeAll(): Readonly<Record<string, object>> {
    for (const name of Object.keys(this.#model.shapes)) this.#writeStructure(name)
    return this.#shapes
  }

  #writeStructure(name: string): void {
    const structure = structureOf(this.#model, name)
    const members = Object.entries(structure.members).map(
      ([key, member]) => [key, this.#memberOf(key, member)] as const,
    )
    this.#shapes[name] = {
      type: 'structure',
      ...(structure.required.length === 0 ? {} : { required: structure.required }),
      members: Object.fromEntries(members),
      ...traitsOf(structure),
    }
  }

  #memberOf(key: string, member: MemberShape): object {
    const shape = this.#refer(member.type, member)
    const locationName = member.name ?? member.jsonName ?? key
    const location = LOCATIONS[member.place ?? 'body']
    if (location === undefined) return { shape, locationName }
    // A label is called in the URI as the member is here.
    return { shape, location, locationName: member.place === 'label' ? key : locationName }
  }

  /** The name of a shape, which is written with the first one who asks for it. */
  #refer(shape: Shape, member?: MemberShape): string {
    if (shape.kind === 'structure') return shape.name
    const text = this.#textOf(shape, member)
    const json = JSON.stringify(text)
    const known = this.#names.get(json)
    if (known !== undefined) return known
    const name = `__${shape.kind}${this.#names.size}`
    this.#names.set(json, name)
    this.#shapes[name] = text
    return name
  }

  #textOf(shape: Exclude<Shape, { kind: 'structure' }>, member?: MemberShape): object {
    switch (shape.kind) {
      case 'string':
        return { type: 'string', ...(shape.values === undefined ? {} : { enum: shape.values }) }
      case 'timestamp':
        return { type: 'timestamp', timestampFormat: TIMESTAMPS[shape.format] }
      case 'list':
        return { type: 'list', member: { shape: this.#refer(shape.member) } }
      case 'map':
        return {
          type: 'map',
          key: { shape: this.#refer({ kind: 'string' }) },
          value: { shape: this.#refer(shape.value) },
        }
      case 'document':
        return { type: 'structure', members: {}, document: true }
      case 'blob':
        return { type: 'blob', ...(shape.streaming === true ? { streaming: true } : {}) }
      default:
        return { type: shape.kind, ...rangeOf(member) }
    }
  }
}

const LOCATIONS = {
  body: undefined,
  payload: undefined,
  label: 'uri',
  query: 'querystring',
  'query-map': 'querystring',
  header: 'header',
  status: 'statusCode',
} as const

const TIMESTAMPS = {
  'date-time': 'iso8601',
  'epoch-seconds': 'unixTimestamp',
  'http-date': 'rfc822',
} as const

function rangeOf(member: MemberShape | undefined): object {
  const range = member?.constraint?.range
  return range === undefined ? {} : { min: range[0], max: range[1] }
}

function traitsOf({ members, error, union }: StructureShape): object {
  const payload = Object.entries(members).find(([, { place }]) => place === 'payload')?.[0]
  return {
    ...(payload === undefined ? {} : { payload }),
    ...(error === undefined ? {} : { exception: true, error: { httpStatusCode: error } }),
    ...(union === true ? { union: true } : {}),
  }
}
