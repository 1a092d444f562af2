/**
 * AWS Query: operation and input as an HTML form, output and errors as XML. IAM, STS and Elastic Load Balancing speak it.
 *
 * `Action` and `Version` name the operation; members are parameters, with dots between what is nested, lists as
 * `.member.N` and maps as `.entry.N.key` and `.value` (without the middle part where a shape is flat). Errors have short
 * codes of their own. Parameters that the model does not have are dropped, as AWS does.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */

import { type Codec, lowerFirst, membersOf, operationOf, refuseViolations } from './codec.ts'
import { type FormNode, parseForm } from './form.ts'
import { readText, structureOf } from './json-values.ts'
import { ServiceError, type ServiceErrorCode } from './service-error.ts'
import type { ServiceModel, Shape, StructureShape } from './service-model.ts'
import type { WireRequest, WireResponse } from './wire-message.ts'
import { element, textElement, XmlValues } from './xml-values.ts'

const FORM = 'application/x-www-form-urlencoded'
/** Errors of the protocol and not of a service, by AWS's names; others lose their `Exception`. */
const CODES: Partial<Record<ServiceErrorCode, readonly [code: string, status: number]>> = {
  AccessDeniedException: ['AccessDenied', 403],
  BadRequestException: ['InvalidParameterValue', 400],
  ExpiredTokenException: ['ExpiredToken', 403],
  IncompleteSignatureException: ['IncompleteSignature', 400],
  InternalServerException: ['InternalFailure', 500],
  InvalidSignatureException: ['SignatureDoesNotMatch', 403],
  LimitExceededException: ['LimitExceeded', 409],
  MissingAuthenticationTokenException: ['MissingAuthenticationToken', 403],
  SerializationException: ['MalformedInput', 400],
  ServiceUnavailableException: ['ServiceUnavailable', 503],
  TooManyRequestsException: ['Throttling', 400],
  UnknownOperationException: ['InvalidAction', 400],
  UnrecognizedClientException: ['InvalidClientTokenId', 403],
  ValidationException: ['ValidationError', 400],
}

export const QUERY: Codec = {
  decodeRequest(model, operation, { request }) {
    const structure = membersOf(model, operationOf(model, operation).input)
    const form = parseForm(request.body)
    const value = new FormValues(model).readStructure(structure, form, '')
    refuseViolations(model, structure, { value, placeOf: lowerFirst })
    return value
  },

  encodeResponse(model, operation, output, requestId = '') {
    const { output: name, status } = operationOf(model, operation)
    const values = new XmlValues(model)
    const result =
      name === undefined
        ? ''
        : element(`${operation}Result`, values.structure(structureOf(model, name), output as never))
    const metadata = element('ResponseMetadata', textElement('RequestId', requestId))
    const opening = `${operation}Response xmlns="${model.xmlNamespace ?? ''}"`
    return response(status, `<${opening}>${result}${metadata}</${operation}Response>`)
  },

  encodeError(error, requestId = '') {
    const [code, status] = CODES[error.code] ?? [error.code.replace(/Exception$/, ''), error.status]
    const type = status < 500 ? 'Sender' : 'Receiver'
    const told =
      textElement('Type', type) + textElement('Code', code) + textElement('Message', error.message)
    const content = element('Error', told) + textElement('RequestId', requestId)
    return response(status, element('ErrorResponse', content))
  },
}

/** Whether a request speaks this protocol. */
export function isForm({ headers }: WireRequest): boolean {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  return type.split(';', 1)[0]!.trim().toLowerCase() === FORM
}

/** '' where one of the two is not there. Throws a SerializationException. */
export function readAction({ body }: WireRequest): { action: string; version: string } {
  const { children } = parseForm(body)
  const parameter = (name: string) => children.get(name)?.value ?? ''
  return { action: parameter('Action'), version: parameter('Version') }
}

type Structure = Record<string, unknown>

/** From the tree of a form to the values of a model. */
class FormValues {
  readonly #model: ServiceModel

  constructor(model: ServiceModel) {
    this.#model = model
  }

  readStructure({ members }: StructureShape, node: FormNode, place: string): Structure {
    const result: Structure = {}
    for (const [name, { type, xmlName = name }] of Object.entries(members)) {
      const child = node.children.get(xmlName)
      if (child === undefined) continue
      const value = this.#read(type, child, place === '' ? xmlName : `${place}.${xmlName}`)
      if (value !== undefined) result[name] = value
    }
    return result
  }

  #read(shape: Shape, node: FormNode, place: string): unknown {
    switch (shape.kind) {
      case 'structure':
        return this.readStructure(structureOf(this.#model, shape.name), node, place)
      case 'list':
        return this.#readList(shape, node, place)
      case 'map':
        return this.#readMap(shape, node, place)
      default:
        // Something stands below what has no parts.
        if (node.value === undefined) throw malformed(place)
        return readText(shape, node.value, place)
    }
  }

  /** `Tags=` is a list without elements. */
  #readList(shape: Extract<Shape, { kind: 'list' }>, node: FormNode, place: string): unknown[] {
    const parent = shape.flat ? node : node.children.get('member')
    return inOrder(parent, place).map(([i, child]) =>
      this.#read(shape.member, child, `${place}.member.${i}`),
    )
  }

  #readMap(shape: Extract<Shape, { kind: 'map' }>, node: FormNode, place: string): Structure {
    const result: Structure = Object.create(null)
    const parent = shape.flat ? node : node.children.get('entry')
    for (const [i, entry] of inOrder(parent, place)) {
      const key = entry.children.get('key')?.value
      const value = entry.children.get('value')
      const at = `${place}.entry.${i}`
      if (key === undefined || value === undefined || key in result) throw malformed(at)
      result[key] = this.#read(shape.value, value, `${at}.value`)
    }
    return result
  }
}

/** Elements by their number, whatever order they came in. */
function inOrder(parent: FormNode | undefined, place: string): [number, FormNode][] {
  if (parent === undefined) return []
  const elements = [...parent.children].map(([name, child]): [number, FormNode] => {
    if (!/^[1-9]\d{0,6}$/.test(name)) throw malformed(`${place}.${name}`)
    return [Number(name), child]
  })
  return elements.sort(([a], [b]) => a - b)
}

function malformed(place: string): ServiceError {
  return new ServiceError(
    'SerializationException',
    `The parameter ${place.slice(0, 200)} is malformed.`,
  )
}

function response(status: number, xml: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(`${xml}\n`) }
}
