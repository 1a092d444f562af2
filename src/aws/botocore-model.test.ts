import assert from 'node:assert/strict'
import { test } from 'node:test'
import { botocoreModelOf } from './botocore-model.ts'
import type { ServiceModel } from './service-model.ts'

const MODEL: ServiceModel = {
  name: 'things',
  signingName: 'signed-things',
  apiVersion: '2026-11-01',
  protocol: 'rest-json',
  operations: {
    Make: { method: 'POST', uri: '/things/{Id}', status: 201, input: 'In', output: 'Out' },
    Ping: { method: 'GET', uri: '/ping', status: 200 },
  },
  shapes: {
    In: {
      members: {
        Id: { type: { kind: 'string' }, place: 'label' },
        Q: { type: { kind: 'string' }, place: 'query', name: 'q' },
        Rest: { type: { kind: 'map', value: { kind: 'string' } }, place: 'query-map' },
        H: { type: { kind: 'boolean' }, place: 'header', name: 'X-H' },
        Color: { type: { kind: 'string', values: ['red'] }, jsonName: 'color' },
        Count: { type: { kind: 'integer' }, constraint: { range: [1, 9] } },
        Other: { type: { kind: 'integer' } },
        When: { type: { kind: 'timestamp', format: 'epoch-seconds' } },
        At: { type: { kind: 'timestamp', format: 'date-time' } },
        Any: { type: { kind: 'document' } },
        Parts: { type: { kind: 'list', member: { kind: 'structure', name: 'In' } } },
      },
      required: ['Id'],
      union: true,
    },
    Out: {
      members: {
        Code: { type: { kind: 'integer' }, place: 'status' },
        Body: { type: { kind: 'blob', streaming: true }, place: 'payload' },
      },
      required: [],
    },
    Gone: { members: {}, required: [], error: 410 },
  },
}

const names = { serviceId: 'Th Ings', fullName: 'Things' }

/** Follows the names of shapes, down to what they are. */
function shapeOf(shapes: Readonly<Record<string, object>>, member: object): object {
  const { shape, ...place } = member as { shape: string }
  return { ...place, ...(shape.startsWith('__') ? shapes[shape] : { shape }) }
}

test('every place, every type and every trait', () => {
  const { shapes, ...rest } = botocoreModelOf(MODEL, names, 'about')
  assert.deepEqual(rest, {
    version: '2.0',
    metadata: {
      apiVersion: '2026-11-01',
      endpointPrefix: 'signed-things',
      signingName: 'signed-things',
      serviceFullName: 'Things',
      serviceId: 'Th Ings',
      protocol: 'rest-json',
      jsonVersion: '1.1',
      uid: 'things-2026-11-01',
      signatureVersion: 'v4',
    },
    operations: {
      Make: {
        name: 'Make',
        http: { method: 'POST', requestUri: '/things/{Id}', responseCode: 201 },
        input: { shape: 'In' },
        output: { shape: 'Out' },
      },
      Ping: { name: 'Ping', http: { method: 'GET', requestUri: '/ping', responseCode: 200 } },
    },
    documentation: 'about',
  })
  const { members, ...traits } = shapes['In'] as { members: Record<string, object> }
  assert.deepEqual(traits, { type: 'structure', required: ['Id'], union: true })
  const { type: _, ...map } = shapeOf(shapes, members['Rest']!) as Record<string, object>
  assert.deepEqual(
    Object.entries(members).map(([name, member]) => [name, shapeOf(shapes, member)]),
    [
      ['Id', { type: 'string', location: 'uri', locationName: 'Id' }],
      ['Q', { type: 'string', location: 'querystring', locationName: 'q' }],
      ['Rest', { type: 'map', ...map }],
      ['H', { type: 'boolean', location: 'header', locationName: 'X-H' }],
      ['Color', { type: 'string', enum: ['red'], locationName: 'color' }],
      ['Count', { type: 'integer', min: 1, max: 9, locationName: 'Count' }],
      ['Other', { type: 'integer', locationName: 'Other' }],
      ['When', { type: 'timestamp', timestampFormat: 'unixTimestamp', locationName: 'When' }],
      ['At', { type: 'timestamp', timestampFormat: 'iso8601', locationName: 'At' }],
      ['Any', { type: 'structure', members: {}, document: true, locationName: 'Any' }],
      ['Parts', { type: 'list', member: { shape: 'In' }, locationName: 'Parts' }],
    ],
  )
  assert.equal(map['location'], 'querystring')
  assert.deepEqual(
    [map['key'], map['value']].map((each) => shapeOf(shapes, each!)),
    [{ type: 'string' }, { type: 'string' }],
  )
  const out = shapes['Out'] as { members: Record<string, object>; payload: string }
  assert.equal(out.payload, 'Body')
  assert.deepEqual(shapeOf(shapes, out.members['Code']!), {
    type: 'integer',
    location: 'statusCode',
    locationName: 'Code',
  })
  assert.deepEqual(shapeOf(shapes, out.members['Body']!), {
    type: 'blob',
    streaming: true,
    locationName: 'Body',
  })
  assert.deepEqual(shapes['Gone'], {
    type: 'structure',
    members: {},
    exception: true,
    error: { httpStatusCode: 410 },
  })
})

test('another protocol is a mistake of ours', () => {
  assert.throws(() => botocoreModelOf({ ...MODEL, protocol: 'query' }, names, ''), /rest-json/)
})
