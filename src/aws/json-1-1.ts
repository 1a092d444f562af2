/**
 * AWS JSON 1.1: one path, the operation in `X-Amz-Target`, input and output as the JSON body by the model's names.
 *
 * Errors carry their code in the body. The content type of a request is not looked at, as AWS does not.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */

import { type ClientCodec, lowerFirst, membersOf, operationOf, refuseViolations } from './codec.ts'
import { parseJsonBody } from './json-body.ts'
import { byMemberName, JsonValues } from './json-values.ts'
import { receivedError } from './received-error.ts'
import type { ServiceModel, StructureShape } from './service-model.ts'
import type { WireResponse } from './wire-message.ts'

const CONTENT_TYPE = 'application/x-amz-json-1.1'

export const JSON_1_1: ClientCodec = {
  decodeRequest(model, operation, { request }) {
    const structure = membersOf(model, operationOf(model, operation).input)
    const place = `${lowerFirst(operation)}Input`
    const value = readBody(model, structure, { body: request.body, place })
    refuseViolations(model, structure, { value, placeOf: lowerFirst })
    return value
  },

  encodeResponse(model, operation, output) {
    const { output: name, status } = operationOf(model, operation)
    return response(status, writeBody(model, membersOf(model, name), output))
  },

  encodeError({ code, message, details, status }) {
    return response(status, JSON.stringify({ __type: code, message, ...details }))
  },

  encodeRequest(model, operation, input) {
    const structure = membersOf(model, operationOf(model, operation).input)
    return {
      method: 'POST',
      target: '/',
      headers: [
        ['content-type', CONTENT_TYPE],
        ['x-amz-target', `${model.targetPrefix}.${operation}`],
      ],
      body: Buffer.from(writeBody(model, structure, input)),
    }
  },

  decodeResponse(model, operation, received) {
    if (received.status >= 300) throw receivedError(received)
    const structure = membersOf(model, operationOf(model, operation).output)
    const place = `${lowerFirst(operation)}Output`
    return readBody(model, structure, { body: received.body, place })
  },
}

function readBody(
  model: ServiceModel,
  structure: StructureShape,
  { body, place }: { body: Uint8Array; place: string },
): Record<string, unknown> {
  const json = body.length === 0 ? {} : parseJsonBody(body)
  return new JsonValues(model, byMemberName).readStructure(structure, json, place)
}

function writeBody(model: ServiceModel, structure: StructureShape, value: object): string {
  const values = new JsonValues(model, byMemberName)
  return JSON.stringify(values.writeStructure(structure, value as Record<string, unknown>))
}

function response(status: number, json: string): WireResponse {
  return { status, headers: { 'content-type': CONTENT_TYPE }, body: Buffer.from(json) }
}
