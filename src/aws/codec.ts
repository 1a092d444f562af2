/**
 * What a protocol does for a model: requests and responses, as the server sees them and as a client does.
 *
 * Inputs and outputs are the objects of the official SDKs: members by the model's names, times as `Date`, blobs as
 * `Uint8Array`. Each protocol is one file that exports a `Codec`; `protocols.ts` finds it. Here is also what they share.
 */

import { assert } from '../base/assert.ts'
import { structureOf } from './json-values.ts'
import {
  inputErrorOf,
  SERVICE_ERRORS,
  ServiceError,
  type ServiceErrorCode,
} from './service-error.ts'
import type { OperationModel, ServiceModel, StructureShape } from './service-model.ts'
import type { Labels } from './uri-template.ts'
import { type MemberPlace, violationsOf } from './violations.ts'
import type { WireRequest, WireResponse } from './wire-message.ts'

export interface Codec {
  /** The input, checked against the model. Throws a ServiceError that says all that is wrong with it. */
  decodeRequest(model: ServiceModel, operation: string, received: ReceivedRequest): object
  encodeResponse(model: ServiceModel, operation: string, output: object): WireResponse
  encodeError(error: ServiceError): WireResponse
  /** Without signature. */
  encodeRequest(model: ServiceModel, operation: string, input: object): WireRequest
  /** The output, or the error of the response, thrown as a ServiceError. */
  decodeResponse(model: ServiceModel, operation: string, response: WireResponse): object
}

export interface ReceivedRequest {
  readonly request: WireRequest
  /** What its path says. */
  readonly labels: Labels
}

export const NO_BODY = new Uint8Array(0)

const NO_MEMBERS: StructureShape = { members: {}, required: [] }

export function operationOf(model: ServiceModel, name: string): OperationModel {
  const operation = model.operations[name]
  assert(operation !== undefined, `the model of ${model.name} has the operation ${name}`)
  return operation
}

export function membersOf(model: ServiceModel, name: string | undefined): StructureShape {
  return name === undefined ? NO_MEMBERS : structureOf(model, name)
}

/** Throws what the input violates, by the error that the service has for it. */
export function refuseViolations(
  model: ServiceModel,
  structure: StructureShape,
  input: { value: Readonly<Record<string, unknown>>; placeOf: MemberPlace },
): void {
  const message = violationsOf(model, structure, input)
  if (message === undefined) return
  throw new ServiceError(inputErrorOf(model), message)
}

export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** The error that a response carries. A code that we do not know stands before the message. */
export function receivedError(response: WireResponse): ServiceError {
  const { __type, code, message, Message, ...members } = errorMembers(response.body)
  const named = response.headers['x-amzn-errortype'] ?? text(__type) ?? text(code) ?? ''
  // `com.amazonaws.x#NotFoundException:http://internal…` is how some services name theirs.
  const name = named.split(':')[0]!.split('#').at(-1)!
  const sentence = text(message) ?? text(Message) ?? `The answer was ${response.status}.`
  if (!Object.hasOwn(SERVICE_ERRORS, name)) {
    const fallback = response.status < 500 ? 'BadRequestException' : 'InternalServerException'
    return new ServiceError(fallback, name === '' ? sentence : `${name}: ${sentence}`)
  }
  const details = Object.entries(members).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return new ServiceError(name as ServiceErrorCode, sentence, Object.fromEntries(details))
}

function errorMembers(body: Uint8Array): Record<string, unknown> {
  const content = Buffer.from(body).toString()
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // What stands between us and the service answers in its own format.
  }
  return content === '' ? {} : { message: content.slice(0, 200) }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
