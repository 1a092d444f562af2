/** Whatever a client sends, the codec reads it or refuses it with an error of the 400 family; nothing else is thrown. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { REST_JSON } from '../../src/aws/rest-json.ts'
import { ServiceError } from '../../src/aws/service-error.ts'
import type { MemberShape, Shape } from '../../src/aws/service-model.ts'
import { plain, structureArbitrary } from '../../src/aws/shape-arbitrary.fake.ts'
import type { WireRequest } from '../../src/aws/wire-message.ts'
import { readApiGatewayV2Model } from '../../src/services/apigatewayv2/service-model.ts'
import { Dispatcher } from '../../src/services/dispatcher.ts'
import { POSTERN_MODEL } from '../../src/services/postern/model.ts'
import type { Service } from '../../src/services/service.ts'

const model = readApiGatewayV2Model()
const services = [model, POSTERN_MODEL].map((each): Service => {
  const names = Object.keys(each.operations)
  const operations = names.map((name) => [name, { kind: 'read', run: async () => ({}) }])
  return { model: each, operations: Object.fromEntries(operations) }
})
const dispatcher = new Dispatcher(services)

/** One of every kind that a member may not be; a member takes at most a few of them. */
const WRONG_VALUES = [
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  'x'.repeat(40_000),
  '\u0000',
  '\ud800',
  [],
  [[]],
  [null],
  [{}],
  {},
  { __proto__x: 1 },
  { constructor: { prototype: 1 } },
  JSON.parse('{"__proto__": {"polluted": true}}'),
]

for (const [name, { input = '' }] of Object.entries(model.operations)) {
  const body = Object.entries(model.shapes[input]?.members ?? {}).filter(
    ([, { place }]) => place === undefined,
  )
  if (body.length === 0) continue
  test(`${name}: every member with every wrong value`, () => {
    const [sample] = fc.sample(structureArbitrary(model, input), { numRuns: 1, seed: 7 })
    const request = REST_JSON.encodeRequest(model, name, sample!)
    const members = JSON.parse(Buffer.from(request.body).toString())
    for (const [member, shape] of body) {
      for (const value of WRONG_VALUES) {
        const key = shape.jsonName ?? member
        const mutated = { ...members, [key]: value }
        const sent = { ...request, body: Buffer.from(JSON.stringify(mutated)) }
        const refusal = refusalOf(sent)
        if (!mayTake(shape, value)) assert.ok(refusal, `${member} took ${JSON.stringify(value)}`)
      }
    }
    assert.equal(({} as { polluted?: true }).polluted, undefined)
  })
}

test('any JSON as the body of any operation', () => {
  const operations = [
    ...Object.entries(model.operations),
    ...Object.entries(POSTERN_MODEL.operations),
  ]
  const requests = fc
    .tuple(fc.constantFrom(...operations), fc.jsonValue({ maxDepth: 4 }))
    .map(([[name, { method, uri }], json]) => {
      const target = uri.replaceAll(/\{\w+\}/g, 'abc')
      const headers: [string, string][] = uri === '/' ? [['X-Amz-Target', `Postern.${name}`]] : []
      return { method, target, headers, body: Buffer.from(JSON.stringify(json)) }
    })
  fc.assert(
    fc.property(requests, (request) => void refusalOf(request)),
    { numRuns: 1_000 },
  )
})

test('any bytes, any path, any target', () => {
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'constructor'),
    target: fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => `/v2/apis/${text}`),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '/v2/apis',
        '/v2/apis/%',
        '/v2/apis/%ff/routes',
        '/v2/tags/a?tagKeys=%zz',
        '//',
      ),
    ),
    headers: fc.array(
      fc.tuple(
        fc.constantFrom('x-amz-target', 'content-type'),
        fc.constantFrom('Postern.GetAuditLog', 'Postern.__proto__', '.', '', 'constructor.x'),
      ),
      { maxLength: 1 },
    ),
    body: fc.uint8Array({ maxLength: 64 }),
  })
  fc.assert(
    fc.property(requests, (request) => void refusalOf(request)),
    { numRuns: 2_000 },
  )
})

test('an input that is allowed is read, and read the same by our own client', () => {
  for (const [name, { input }] of Object.entries(model.operations)) {
    if (input === undefined) continue
    const check = (value: object): void => {
      const call = dispatcher.resolve(REST_JSON.encodeRequest(model, name, value))
      assert.equal(call.name, name)
      assert.deepEqual(plain(call.input), plain(value))
    }
    fc.assert(fc.property(structureArbitrary(model, input), check), { numRuns: 10 })
  }
})

function refusalOf(request: WireRequest): ServiceError | undefined {
  try {
    dispatcher.resolve(request)
    return undefined
  } catch (thrown) {
    assert.ok(thrown instanceof ServiceError, String((thrown as Error).stack))
    assert.ok(thrown.status >= 400 && thrown.status < 500)
    assert.ok(thrown.message.length > 0 && thrown.message.length < 100_000)
    return thrown
  }
}

/** By kind alone: whether the value could be one of the shape's. */
function mayTake({ type }: MemberShape, value: unknown): boolean {
  if (type.kind === 'list')
    return Array.isArray(value) && value.every((item) => isKind(type.member, item))
  if (type.kind === 'map')
    return isObject(value) && Object.values(value).every((item) => isKind(type.value, item))
  return isKind(type, value)
}

function isKind(type: Shape, value: unknown): boolean {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string' && (type.values?.includes(value) ?? true)
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31
    case 'double':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'list':
      return Array.isArray(value)
    default:
      return isObject(value)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
