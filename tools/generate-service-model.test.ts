import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import test from 'node:test'
import type { ServiceModel } from '../src/aws/service-model.ts'
import { generatedModels, renderModel } from './generate-service-model.ts'
import { serviceModelOf } from './service-model/build-model.ts'
import type { SdkPackage } from './service-model/client-settings.ts'

test('the tables are those of the installed packages', () => {
  for (const { path, text } of generatedModels()) {
    const present = readFileSync(resolve(import.meta.dirname, '..', path), 'utf8')
    assert.ok(present === text, `${path} is stale: run node tools/generate-service-model.ts`)
  }
})

/** A package of everything that schemas can say, as the official ones say it. */
function packageWith(
  schemas: Record<string, unknown>,
  shapeId = 'aws.protocols#restJson1',
): SdkPackage {
  class ThingsClient {
    readonly config = {
      apiVersion: '2026-11-01',
      protocol: { getShapeId: () => shapeId },
      protocolSettings: { serviceTarget: 'ThingsTarget' },
      httpAuthSchemeProvider: () => [
        { schemeId: 'smithy.api#noAuth' },
        { schemeId: 'aws.auth#sigv4', signingProperties: { name: 'signed-things' } },
      ],
    }
  }
  return {
    name: 'things',
    version: '1.0.0',
    exports: { __Client: Object, ThingsClient, Color: { RED: 'red', BLUE: 'blue' }, ...schemas },
    declarations: [
      'export interface Thing {',
      '    /**',
      '     * Color: Color;',
      '     */',
      '    Color?: Color | undefined;',
      '    Colors?: Color[] | undefined;',
      '    ByName?: Partial<Record<Color, Color[]>> | undefined;',
      '    Plain: Colour | undefined;',
      '}',
      'export declare namespace Choice {',
      '    interface AMember {',
      '        A: Color;',
      '        B?: never;',
      '    }',
      '    interface BMember {',
      '        A?: never;',
      '        B: string;',
      '    }',
      '}',
    ].join('\n'),
  }
}

const n = 'com.amazonaws.things'
const Choice$ = [4, n, 'Choice', 0, ['A', 'B'], [0, 0]]
const Secret = [0, n, 'Secret', 8, 0]
const Sparse = [1, n, 'Sparse', { sparse: 1 }, [() => Secret, 0]]
const Thing$: unknown[] = [
  3,
  n,
  'Thing',
  0,
  [
    'Color',
    'Colors',
    'ByName',
    'Plain',
    'Self',
    'Choice',
    'Sparse',
    'Number',
    'When',
    'At',
    'Data',
  ],
  [
    [0, { jsonName: 'color' }],
    64 | 0,
    [2, n, 'ByName', 0, 0, 64 | 0],
    0,
    () => Thing$,
    [() => Choice$, 0],
    () => Sparse,
    1,
    4,
    5,
    [21, { sensitive: 1 }],
  ],
  2,
]
const In$ = [
  3,
  n,
  'In',
  0,
  ['Id', 'Q', 'Rest', 'H', 'Body'],
  [
    [0, 1],
    [0, { httpQuery: 'q' }],
    [128, 64],
    [0, { httpHeader: 'X-H' }],
    [() => Thing$, 16],
  ],
  1,
]
const Gone$ = [-3, n, 'Gone', { error: 'client', httpError: 410 }, ['message'], [0]]
const Make$ = [9, n, 'Make', { http: ['POST', '/things/{Id}', 201] }, () => In$, () => Thing$]
const Ping$ = [9, n, 'Ping', { http: ['GET', '/ping', 200] }, () => 'unit', 'unit']

const EXPECTED: ServiceModel = {
  name: 'things',
  signingName: 'signed-things',
  apiVersion: '2026-11-01',
  protocol: 'rest-json',
  operations: {
    Make: { method: 'POST', uri: '/things/{Id}', status: 201, input: 'In', output: 'Thing' },
    Ping: { method: 'GET', uri: '/ping', status: 200 },
  },
  shapes: {
    Choice: {
      members: {
        A: { type: { kind: 'string', values: ['red', 'blue'] } },
        B: { type: { kind: 'string' } },
      },
      required: [],
      union: true,
    },
    Gone: { members: { message: { type: { kind: 'string' } } }, required: [], error: 410 },
    In: {
      members: {
        Id: { type: { kind: 'string' }, place: 'label' },
        Q: { type: { kind: 'string' }, place: 'query', name: 'q' },
        Rest: { type: { kind: 'map', value: { kind: 'string' } }, place: 'query-map' },
        H: { type: { kind: 'string' }, place: 'header', name: 'X-H' },
        Body: { type: { kind: 'structure', name: 'Thing' }, place: 'payload' },
      },
      required: ['Id'],
    },
    Thing: {
      members: {
        Color: { type: { kind: 'string', values: ['red', 'blue'] }, jsonName: 'color' },
        Colors: { type: { kind: 'list', member: { kind: 'string', values: ['red', 'blue'] } } },
        ByName: {
          type: {
            kind: 'map',
            value: { kind: 'list', member: { kind: 'string', values: ['red', 'blue'] } },
          },
        },
        Plain: { type: { kind: 'string' } },
        Self: { type: { kind: 'structure', name: 'Thing' } },
        Choice: { type: { kind: 'structure', name: 'Choice' } },
        Sparse: { type: { kind: 'list', member: { kind: 'string' }, sparse: true } },
        Number: { type: { kind: 'double' } },
        When: { type: { kind: 'timestamp', format: 'epoch-seconds' } },
        At: { type: { kind: 'timestamp', format: 'date-time' } },
        Data: { type: { kind: 'blob' } },
      },
      required: ['Color', 'Colors'],
    },
  },
}

test('a package becomes a model', () => {
  const schemas = { Thing$, In$, Gone$, Make$, Ping$, Choice$ }
  assert.deepEqual(serviceModelOf(packageWith(schemas)), EXPECTED)
})

test('JSON 1.1 has targets and puts every member into the body', () => {
  const Rpc$ = [9, n, 'Make', 0, () => In$, () => Thing$]
  const model = serviceModelOf(packageWith({ Rpc$ }, 'aws.protocols#awsJson1_1'))
  assert.equal(model.targetPrefix, 'ThingsTarget')
  assert.deepEqual(model.operations['Make'], {
    method: 'POST',
    uri: '/',
    status: 200,
    input: 'In',
    output: 'Thing',
  })
  assert.deepEqual(model.shapes['In']?.members['Id'], { type: { kind: 'string' } })
})

test('what is written is read back, whatever the texts hold', async () => {
  const model = { ...EXPECTED, apiVersion: 'a `b` ${c} \\d \n "e"' }
  const text = renderModel(model, '@aws-sdk/client-things 1.0.0')
  assert.match(text.split('\n')[0]!, /^\/\/ Generated by tools\/generate-service-model\.ts /)
  const { MODEL } = await import(`data:text/javascript,${encodeURIComponent(text)}`)
  assert.deepEqual(JSON.parse(MODEL), model)
})

test('what no codec knows stops the generator', () => {
  const input = (ref: unknown): unknown[] => [3, n, 'Odd', 0, ['M'], [ref]]
  const cases: [unknown, RegExp][] = [
    [[0, { httpPrefixHeaders: 'x-' }], /Odd\.M has traits that no codec knows: httpPrefixHeaders/],
    [17, /simple type 17/],
    [[64, { httpHeader: 'X-List' }], /Odd\.M is a list in a header field/],
    [[7, n, 'Odd', 0], /No kind of shape that is known: 7/],
  ]
  for (const [ref, message] of cases) {
    const Odd$ = [9, n, 'Odd', { http: ['GET', '/', 200] }, () => input(ref), 'unit']
    assert.throws(() => serviceModelOf(packageWith({ Odd$ })), { message })
  }
  assert.throws(() => serviceModelOf(packageWith({ Ping$ }, 'aws.protocols#ec2Query')), /ec2Query/)
  assert.throws(
    () => serviceModelOf(packageWith({})),
    /exports no operation|No operation is signed/,
  )
})
