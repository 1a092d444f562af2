import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { REST_JSON } from './rest-json.ts'
import { ServiceError } from './service-error.ts'
import type { ServiceModel, Shape } from './service-model.ts'
import { plain, structureArbitrary } from './shape-arbitrary.fake.ts'
import type { WireRequest, WireResponse } from './wire-message.ts'

const text: Shape = { kind: 'string' }

/** Every place that a member can travel in. */
const model: ServiceModel = {
  name: 'things',
  signingName: 'things',
  apiVersion: '2026-11-01',
  protocol: 'rest-json',
  operations: {
    Put: {
      method: 'PUT',
      uri: '/things/{Id}?mode=put',
      status: 201,
      input: 'PutIn',
      output: 'PutOut',
    },
    Upload: {
      method: 'POST',
      uri: '/files/{Id}',
      status: 200,
      input: 'UploadIn',
      output: 'UploadOut',
    },
    Note: { method: 'POST', uri: '/notes', status: 200, input: 'NoteIn', output: 'NoteOut' },
    Delete: { method: 'DELETE', uri: '/things/{Id}', status: 204, input: 'DeleteIn' },
  },
  shapes: {
    PutIn: {
      members: {
        Id: { type: text, place: 'label' },
        Name: { type: text, jsonName: 'name' },
        Count: { type: { kind: 'integer' }, place: 'query', name: 'count' },
        Flag: { type: { kind: 'boolean' }, place: 'query', name: 'flag' },
        Since: { type: { kind: 'timestamp', format: 'date-time' }, place: 'query', name: 'since' },
        Keys: { type: { kind: 'list', member: text }, place: 'query', name: 'keys' },
        Token: { type: text, place: 'header', name: 'X-Token' },
      },
      required: ['Id', 'Name'],
    },
    PutOut: {
      members: {
        Name: { type: text, jsonName: 'name' },
        Location: { type: text, place: 'header', name: 'Location' },
        Status: { type: { kind: 'integer' }, place: 'status' },
      },
      required: [],
    },
    UploadIn: {
      members: {
        Id: { type: text, place: 'label' },
        Options: { type: { kind: 'map', value: text }, place: 'query-map' },
        Body: { type: { kind: 'blob' }, place: 'payload' },
      },
      required: ['Id'],
    },
    UploadOut: { members: { Body: { type: { kind: 'blob' }, place: 'payload' } }, required: [] },
    NoteIn: {
      members: { Note: { type: { kind: 'structure', name: 'Note' }, place: 'payload' } },
      required: [],
    },
    NoteOut: { members: { Note: { type: text, place: 'payload' } }, required: [] },
    Note: { members: { Text: { type: text, jsonName: 'text' } }, required: [] },
    DeleteIn: { members: { Id: { type: text, place: 'label' } }, required: ['Id'] },
    BadRequestException: { members: {}, required: [], error: 400 },
  },
}

function wire(parts: Partial<Omit<WireRequest, 'body'>> & { body?: string }): WireRequest {
  return { method: 'PUT', target: '/', headers: [], ...parts, body: Buffer.from(parts.body ?? '') }
}

function decode(
  operation: string,
  parts: Parameters<typeof wire>[0],
  labels = { Id: 'i' },
): unknown {
  return plain(REST_JSON.decodeRequest(model, operation, { request: wire(parts), labels }))
}

function bodyOf({ body }: { body: Uint8Array }): string {
  return Buffer.from(body).toString()
}

test('members are read from where they travel', () => {
  const input = decode('Put', {
    target:
      '/things/i?mode=put&count=5&count=6&flag=true&keys=a&keys=b+c%2B&since=2026-11-22T00:00:00Z&other',
    headers: [['x-tOKEN', 't']],
    body: '{"name":"n","Name":"not this","unknown":{}}',
  })
  assert.deepEqual(input, {
    Id: 'i',
    Name: 'n',
    Count: 5,
    Flag: true,
    Since: { date: '2026-11-22T00:00:00.000Z' },
    Keys: ['a', 'b c+'],
    Token: 't',
  })
})

test('an empty body has no members, and a body that nobody takes is not looked at', () => {
  assert.deepEqual(decode('Note', {}), {})
  assert.deepEqual(decode('Delete', { method: 'DELETE', body: '{nonsense' }), { Id: 'i' })
})

test('payloads are the body as it is', () => {
  assert.deepEqual(decode('Upload', { target: '/files/i?a=1&b=2', body: '\u0000{' }), {
    Id: 'i',
    Options: { a: '1', b: '2' },
    Body: { bytes: '007b' },
  })
  assert.deepEqual(decode('Note', { body: '{"text":"t"}' }), { Note: { Text: 't' } })
})

test('what is wrong before the body is told by the name of the member', () => {
  const cases: [target: string, code: string, message: RegExp][] = [
    [
      '/?count=many',
      'SerializationException',
      /^class java.lang.String can not be converted to an Integer$/,
    ],
    ['/?flag=perhaps', 'SerializationException', /to an Boolean$/],
    ['/?since=now', 'SerializationException', /to an Date$/],
    ['/?keys=%ff', 'BadRequestException', /not percent-encoded UTF-8/],
    [
      '/',
      'BadRequestException',
      /^1 validation error detected: Value null at 'putInput.name' failed/,
    ],
  ]
  for (const [target, code, message] of cases) {
    assert.throws(() => decode('Put', { target }), { code, message }, target)
  }
})

test('a response says its status, header fields and body', () => {
  const cases: [string, object, Partial<WireResponse> & { text: string }][] = [
    [
      'Put',
      { Name: 'n', Location: '/x', Status: 202 },
      {
        status: 202,
        headers: { 'content-type': 'application/json', location: '/x' },
        text: '{"name":"n"}',
      },
    ],
    ['Put', {}, { status: 201, headers: { 'content-type': 'application/json' }, text: '{}' }],
    ['Delete', {}, { status: 204, headers: {}, text: '' }],
    [
      'Upload',
      { Body: Buffer.from('a: 1\n'), contentType: 'application/yaml' },
      { status: 200, headers: { 'content-type': 'application/yaml' }, text: 'a: 1\n' },
    ],
    [
      'Upload',
      {},
      { status: 200, headers: { 'content-type': 'application/octet-stream' }, text: '' },
    ],
    ['Note', { Note: 'ü' }, { status: 200, headers: { 'content-type': 'text/plain' }, text: 'ü' }],
  ]
  for (const [operation, output, { text: expected, ...head }] of cases) {
    const { body, ...rest } = REST_JSON.encodeResponse(model, operation, output)
    assert.deepEqual(rest, head)
    assert.equal(bodyOf({ body }), expected)
  }
})

test('a client asks as the server reads', () => {
  for (const [operation, { input = '' }] of Object.entries(model.operations)) {
    const check = (value: Record<string, unknown>): void => {
      const request = REST_JSON.encodeRequest(model, operation, value)
      const labels = { Id: value['Id'] as string }
      const read = REST_JSON.decodeRequest(model, operation, { request, labels })
      const expected = operation === 'Upload' ? { Options: {}, ...value } : value
      assert.deepEqual(plain(read), plain(expected))
    }
    fc.assert(fc.property(structureArbitrary(model, input), check), { numRuns: 50 })
  }
  const put = REST_JSON.encodeRequest(model, 'Put', { Id: 'a b', Name: 'n', Keys: ['x', 'y'] })
  assert.equal(put.target, '/things/a%20b?mode=put&keys=x&keys=y')
  assert.deepEqual(put.headers, [['content-type', 'application/json']])
})

test('a client reads what the server answers', () => {
  const outputs: [string, object][] = [
    ['Put', { Name: 'n', Location: '/x', Status: 202 }],
    ['Upload', { Body: new Uint8Array([1, 2]) }],
    ['Note', { Note: 'ü' }],
    ['Delete', {}],
  ]
  for (const [operation, output] of outputs) {
    const response = REST_JSON.encodeResponse(model, operation, output)
    assert.deepEqual(plain(REST_JSON.decodeResponse(model, operation, response)), plain(output))
  }
})

test('a client throws the error of a response', () => {
  const known = new ServiceError('NotFoundException', 'no such thing', { ResourceType: 'Thing' })
  const cases: [WireResponse, object][] = [
    [
      REST_JSON.encodeError(known),
      { code: 'NotFoundException', message: 'no such thing', details: { resourceType: 'Thing' } },
    ],
    [
      answer(403, { 'x-amzn-errortype': 'a#AccessDeniedException:http://x/' }, '{"Message":"no"}'),
      { code: 'AccessDeniedException', message: 'no' },
    ],
    [
      answer(418, { 'x-amzn-errortype': 'TeapotException' }, '{"message":"short"}'),
      { code: 'BadRequestException', message: 'TeapotException: short' },
    ],
    [answer(502, {}, '<html>'), { code: 'InternalServerException', message: '<html>' }],
    [answer(503, {}, ''), { code: 'InternalServerException', message: 'The answer was 503.' }],
  ]
  for (const [response, expected] of cases) {
    assert.throws(() => REST_JSON.decodeResponse(model, 'Put', response), expected)
  }
})

function answer(status: number, headers: Record<string, string>, body: string): WireResponse {
  return { status, headers, body: Buffer.from(body) }
}
