import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { JSON_1_1 } from './json-1-1.ts'
import { ServiceError } from './service-error.ts'
import type { ServiceModel, Shape } from './service-model.ts'
import { plain, structureArbitrary } from './shape-arbitrary.fake.ts'

const text: Shape = { kind: 'string' }

const model: ServiceModel = {
  name: 'things',
  signingName: 'things',
  apiVersion: '2026-11-01',
  protocol: 'json-1.1',
  targetPrefix: 'Things',
  operations: {
    Make: { method: 'POST', uri: '/', status: 200, input: 'Thing', output: 'Thing' },
    Ping: { method: 'POST', uri: '/', status: 200 },
  },
  shapes: {
    Thing: {
      members: {
        // JSON 1.1 knows no other name than the model's.
        Name: { type: text, jsonName: 'name', constraint: { length: [1, 128] } },
        Made: { type: { kind: 'timestamp', format: 'epoch-seconds' } },
        Data: { type: { kind: 'blob' } },
        Parts: { type: { kind: 'list', member: { kind: 'structure', name: 'Part' } } },
        Sizes: { type: { kind: 'map', value: { kind: 'integer' } } },
        Anything: { type: { kind: 'document' } },
      },
      required: ['Name'],
    },
    Part: {
      members: { Kind: { type: { kind: 'string', values: ['A', 'B'] } } },
      required: ['Kind'],
    },
  },
}

function decode(operation: string, body: string): unknown {
  const request = { method: 'POST', target: '/', headers: [], body: Buffer.from(body) }
  return plain(JSON_1_1.decodeRequest(model, operation, { request, labels: {} }))
}

test('requests and responses are read as they were meant', () => {
  const check = (value: Record<string, unknown>): void => {
    const request = JSON_1_1.encodeRequest(model, 'Make', value)
    assert.deepEqual(request.headers, [
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', 'Things.Make'],
    ])
    assert.deepEqual(
      plain(JSON_1_1.decodeRequest(model, 'Make', { request, labels: {} })),
      plain(value),
    )
    const response = JSON_1_1.encodeResponse(model, 'Make', value)
    assert.deepEqual(plain(JSON_1_1.decodeResponse(model, 'Make', response)), plain(value))
  }
  const things = structureArbitrary(model, 'Thing').filter(({ Anything }) => Anything !== null)
  fc.assert(fc.property(things, check), { numRuns: 200 })
})

test('an operation without members takes and gives an empty object', () => {
  assert.deepEqual(decode('Ping', ''), {})
  assert.deepEqual(decode('Ping', '{"Unknown":1}'), {})
  const { status, body } = JSON_1_1.encodeResponse(model, 'Ping', {})
  assert.deepEqual([status, Buffer.from(body).toString()], [200, '{}'])
})

test('what is wrong is told by the names of the model, first letter lower', () => {
  const one = '1 validation error detected: '
  const cases: [string, string, string][] = [
    [
      '{}',
      'ValidationException',
      `${one}Value null at 'name' failed to satisfy constraint: Member must not be null`,
    ],
    [
      '{"Name":"","Parts":[{"Kind":"C"}]}',
      'ValidationException',
      "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater " +
        "than or equal to 1; Value 'C' at 'parts.1.member.Kind' failed to satisfy constraint: Member must satisfy enum " +
        'value set: [A, B]',
    ],
    ['[]', 'SerializationException', 'Start of list found where not expected'],
    ['"x"', 'SerializationException', 'Expected map or null'],
  ]
  for (const [body, code, message] of cases) {
    assert.throws(() => decode('Make', body), { code, message }, body)
  }
})

test('an error travels in the body', () => {
  const error = new ServiceError('ConflictException', 'there is one', { name: 'n' })
  const response = JSON_1_1.encodeError(error)
  assert.equal(response.status, 409)
  assert.equal(response.headers['content-type'], 'application/x-amz-json-1.1')
  assert.deepEqual(JSON.parse(Buffer.from(response.body).toString()), {
    __type: 'ConflictException',
    message: 'there is one',
    name: 'n',
  })
  assert.throws(() => JSON_1_1.decodeResponse(model, 'Make', response), {
    code: 'ConflictException',
    message: 'there is one',
    details: { name: 'n' },
  })
})
