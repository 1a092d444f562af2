/**
 * AWS REST-JSON: an operation is a method and a path; members travel as labels, query, header fields, or in the body.
 *
 * The body is JSON by the members' JSON names, or the one payload member raw. The content type of a request is not
 * looked at, as AWS does not. An output with a raw body says its content type in a member bound to that field, or in a
 * property `contentType` beside the model's members.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */

import {
  type ClientCodec,
  lowerFirst,
  membersOf,
  NO_BODY,
  operationOf,
  refuseViolations,
} from './codec.ts'
import { parseJsonBody } from './json-body.ts'
import { byJsonName, JsonValues, readText } from './json-values.ts'
import { receivedError } from './received-error.ts'
import { placeInHead, readHead, writeHeaders, writeLabels, writeQuery } from './rest-json-head.ts'
import type { MemberShape, ServiceModel, StructureShape } from './service-model.ts'
import { compileUri, expandUri } from './uri-template.ts'

const JSON_TYPE = 'application/json'
const RAW_TYPE = 'application/octet-stream'

type Values = Record<string, unknown>

export const REST_JSON: ClientCodec = {
  decodeRequest(model, operation, received) {
    const structure = membersOf(model, operationOf(model, operation).input)
    const place = `${lowerFirst(operation)}Input`
    const value = readBody(model, structure, { body: received.request.body, place })
    readHead(structure, received, value)
    refuseViolations(model, structure, {
      value,
      placeOf: (name, member) =>
        member.place === undefined
          ? `${place}.${byJsonName(name, member)}`
          : placeInHead(name, member),
    })
    return value
  },

  encodeResponse(model, operation, output) {
    const { output: name, status } = operationOf(model, operation)
    const structure = membersOf(model, name)
    const { body, contentType } = writeBody(model, structure, output as Values)
    const headers: Record<string, string> = {}
    if (status !== 204) headers['content-type'] = contentType
    Object.assign(headers, writeHeaders(structure, output as Values))
    const [statusMember = ''] = memberAt(structure, 'status') ?? []
    return {
      status: ((output as Values)[statusMember] as number | undefined) ?? status,
      headers,
      body: status === 204 ? NO_BODY : body,
    }
  },

  encodeError({ code, message, details, status }) {
    const members = Object.entries(details).map(([name, value]) => [lowerFirst(name), value])
    const body = JSON.stringify({ message, ...Object.fromEntries(members) })
    const headers = { 'content-type': JSON_TYPE, 'x-amzn-errortype': code }
    return { status, headers, body: Buffer.from(body) }
  },

  encodeRequest(model, operation, input) {
    const { input: name, method, uri } = operationOf(model, operation)
    const structure = membersOf(model, name)
    const values = input as Values
    const path = expandUri(compileUri(uri), writeLabels(structure, values))
    const query = writeQuery(structure, values)
    const separator = path.includes('?') ? '&' : '?'
    const headers = Object.entries(writeHeaders(structure, values))
    const { body, contentType } = hasBody(structure)
      ? writeBody(model, structure, values)
      : { body: NO_BODY, contentType: '' }
    if (body.length > 0) headers.push(['content-type', contentType])
    return { method, target: query === '' ? path : path + separator + query, headers, body }
  },

  decodeResponse(model, operation, received) {
    if (received.status >= 300) throw receivedError(received)
    const structure = membersOf(model, operationOf(model, operation).output)
    const place = `${lowerFirst(operation)}Output`
    const value = readBody(model, structure, { body: received.body, place })
    for (const [name, { place: at, name: field = '', type }] of Object.entries(structure.members)) {
      if (at === 'status') value[name] = received.status
      const text = received.headers[field.toLowerCase()]
      if (at === 'header' && text !== undefined) value[name] = readText(type, text, name)
    }
    return value
  },
}

function memberAt(
  { members }: StructureShape,
  place: NonNullable<MemberShape['place']>,
): readonly [string, MemberShape] | undefined {
  return Object.entries(members).find(([, member]) => member.place === place)
}

function hasBody({ members }: StructureShape): boolean {
  return Object.values(members).some(({ place }) => place === undefined || place === 'payload')
}

function readBody(
  model: ServiceModel,
  structure: StructureShape,
  { body, place }: { body: Uint8Array; place: string },
): Values {
  // Whatever comes along with an operation that takes no body is nobody's.
  if (!hasBody(structure)) return {}
  const values = new JsonValues(model, byJsonName)
  const payload = memberAt(structure, 'payload')
  if (payload === undefined) {
    return values.readStructure(structure, body.length === 0 ? {} : parseJsonBody(body), place)
  }
  const [name, { type }] = payload
  if (body.length === 0) return {}
  if (type.kind === 'blob') return { [name]: new Uint8Array(body) }
  if (type.kind === 'string') return { [name]: Buffer.from(body).toString() }
  return { [name]: values.read(type, parseJsonBody(body), `${place}.${lowerFirst(name)}`) }
}

function writeBody(
  model: ServiceModel,
  structure: StructureShape,
  value: Values,
): { body: Uint8Array; contentType: string } {
  const values = new JsonValues(model, byJsonName)
  const payload = memberAt(structure, 'payload')
  if (payload === undefined) {
    const json = JSON.stringify(values.writeStructure(structure, value))
    return { body: Buffer.from(json), contentType: JSON_TYPE }
  }
  const [name, { type }] = payload
  const item = value[name]
  const ownType = typeof value['contentType'] === 'string' ? value['contentType'] : undefined
  if (type.kind === 'blob' || type.kind === 'string') {
    const body = item === undefined ? NO_BODY : Buffer.from(item as string | Uint8Array)
    return { body, contentType: ownType ?? (type.kind === 'blob' ? RAW_TYPE : 'text/plain') }
  }
  const json = item === undefined ? '' : JSON.stringify(values.write(type, item))
  return { body: Buffer.from(json), contentType: JSON_TYPE }
}
