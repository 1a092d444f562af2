/**
 * What a protocol does for a model: requests and responses, as the server sees them and as a client does.
 *
 * Inputs and outputs are the objects of the official SDKs: members by the model's names, times as `Date`, blobs as
 * `Uint8Array`. Each protocol is one file that exports a `Codec`; `protocols.ts` finds it. Here is also what they share.
 */

import { assert } from '../base/assert.ts'
import { structureOf } from './json-values.ts'
import { inputErrorOf, ServiceError } from './service-error.ts'
import type { OperationModel, ServiceModel, StructureShape } from './service-model.ts'
import type { Labels } from './uri-template.ts'
import { type MemberPlace, violationsOf } from './violations.ts'
import type { WireRequest, WireResponse } from './wire-message.ts'

export interface Codec {
  /** The input, checked against the model. Throws a ServiceError that says all that is wrong with it. */
  decodeRequest(model: ServiceModel, operation: string, received: ReceivedRequest): object
  /** `requestId` for the protocols that have it in the body. */
  encodeResponse(
    model: ServiceModel,
    operation: string,
    output: object,
    requestId?: string,
  ): WireResponse
  encodeError(error: ServiceError, requestId?: string): WireResponse
}

/** A protocol that Postern's own commands speak as well. */
export interface ClientCodec extends Codec {
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
