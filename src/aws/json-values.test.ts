import assert from 'node:assert/strict'
import test from 'node:test'
import { byJsonName, byMemberName, JsonValues } from './json-values.ts'
import type { ServiceError } from './service-error.ts'
import type { ServiceModel, Shape } from './service-model.ts'

const text: Shape = { kind: 'string' }

const model: ServiceModel = {
  name: 'things',
  signingName: 'things',
  apiVersion: '2026-11-01',
  protocol: 'rest-json',
  operations: {},
  shapes: {
    Thing: {
      members: {
        Name: { type: text, jsonName: 'name' },
        Inner: { type: { kind: 'structure', name: 'Thing' }, jsonName: 'inner' },
        Id: { type: text, place: 'label' },
      },
      required: [],
    },
    Choice: { members: { A: { type: text }, B: { type: text } }, required: [], union: true },
  },
}
const values = new JsonValues(model, byJsonName)
const thing: Shape = { kind: 'structure', name: 'Thing' }
const list: Shape = { kind: 'list', member: text }
const map: Shape = { kind: 'map', value: text }
const stamp = (format: 'date-time' | 'epoch-seconds' | 'http-date'): Shape => ({
  kind: 'timestamp',
  format,
})

test('values are read by their shapes', () => {
  const noon = new Date('2026-11-22T12:00:00Z')
  const cases: [Shape, unknown, unknown][] = [
    [text, 'ü', 'ü'],
    [{ kind: 'integer' }, -7, -7],
    [{ kind: 'long' }, 2 ** 40, 2 ** 40],
    [{ kind: 'double' }, 1.5, 1.5],
    [{ kind: 'boolean' }, false, false],
    [{ kind: 'document' }, { a: [null] }, { a: [null] }],
    [{ kind: 'blob' }, 'AP8=', new Uint8Array([0, 255])],
    [stamp('date-time'), '2026-11-22T12:00:00.000Z', noon],
    [stamp('date-time'), '2026-11-22T13:00:00+01:00', noon],
    [stamp('epoch-seconds'), 1_795_348_800, noon],
    [stamp('http-date'), 'Sun, 22 Nov 2026 12:00:00 GMT', noon],
    [list, ['a', null], ['a', null]],
    [thing, { name: 'a', unknown: 1, inner: { name: 'b' } }, { Name: 'a', Inner: { Name: 'b' } }],
    [thing, { name: null, Id: 'not from the body' }, {}],
  ]
  for (const [shape, json, expected] of cases) {
    assert.deepEqual(values.read(shape, json, 'x'), expected, JSON.stringify(json))
  }
})

test('a wrong type is told in the words of AWS, with the place', () => {
  const number = 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber'
  const cases: [Shape, unknown, string, string?][] = [
    [text, true, 'class java.lang.Boolean can not be converted to an String'],
    [text, 5, `${number} can not be converted to an String`],
    [text, [], 'Start of list found where not expected'],
    [text, {}, 'Start of structure or map found where not expected.'],
    [{ kind: 'integer' }, '5', 'class java.lang.String can not be converted to an Integer'],
    [{ kind: 'integer' }, 1.5, `${number} can not be converted to an Integer`],
    [{ kind: 'integer' }, 2 ** 31, `${number} can not be converted to an Integer`],
    [{ kind: 'long' }, 2 ** 53, `${number} can not be converted to an Long`],
    [{ kind: 'double' }, 'NaN', 'class java.lang.String can not be converted to an Double'],
    [{ kind: 'double' }, JSON.parse('1e999'), `${number} can not be converted to an Double`],
    [{ kind: 'boolean' }, 'true', 'class java.lang.String can not be converted to an Boolean'],
    [{ kind: 'blob' }, '%%', 'class java.lang.String can not be converted to an ByteBuffer'],
    [stamp('date-time'), 'yesterday', 'class java.lang.String can not be converted to an Date'],
    [
      stamp('date-time'),
      '2026-13-45T99:00:00Z',
      'class java.lang.String can not be converted to an Date',
    ],
    [list, 'a', 'Expected list or null'],
    [list, {}, 'Start of structure or map found where not expected.'],
    [list, ['a', 5], `${number} can not be converted to an String`, 'x.2.member'],
    [map, 5, 'Expected map or null'],
    [map, { a: [] }, 'Start of list found where not expected', 'x.a.member'],
    [thing, [], 'Start of list found where not expected'],
    [thing, { inner: { name: 5 } }, `${number} can not be converted to an String`, 'x.inner.name'],
    [
      { kind: 'structure', name: 'Choice' },
      { A: 'a', B: 'b' },
      'Exactly one member of a union must be set, here 2',
    ],
  ]
  for (const [shape, json, message, place = 'x'] of cases) {
    assert.throws(
      () => values.read(shape, json, 'x'),
      (error: ServiceError) => {
        assert.equal(error.code, 'SerializationException')
        assert.equal(error.message, message)
        assert.equal(error.details['place'], place)
        return true
      },
      JSON.stringify(json),
    )
  }
})

test('keys of a map are data, whatever they are called', () => {
  const json = JSON.parse('{"__proto__": "a", "constructor": "b", "gone": null}')
  const read = values.read(map, json, 'x') as Record<string, string>
  assert.deepEqual(Object.keys(read), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(read), null)
  assert.equal(JSON.stringify(values.write(map, read)), '{"__proto__":"a","constructor":"b"}')
  assert.equal(JSON.stringify(values.write(map, json)), '{"__proto__":"a","constructor":"b"}')
})

test('values are written by their shapes, what is absent is left out', () => {
  const noon = '2026-11-22T12:00:00.250Z'
  const cases: [Shape, unknown, string][] = [
    [stamp('date-time'), new Date(noon), '"2026-11-22T12:00:00Z"'],
    [stamp('date-time'), noon, '"2026-11-22T12:00:00Z"'],
    [stamp('epoch-seconds'), noon, '1795348800'],
    [stamp('http-date'), noon, '"Sun, 22 Nov 2026 12:00:00 GMT"'],
    [{ kind: 'blob' }, new Uint8Array([0, 255]), '"AP8="'],
    [
      thing,
      { Name: undefined, Inner: { Name: 'b', Other: 1 }, Id: 'label' },
      '{"inner":{"name":"b"}}',
    ],
    [thing, { Name: null }, '{}'],
    [map, { a: undefined, b: 'c' }, '{"b":"c"}'],
    [{ kind: 'map', value: text, sparse: true }, { a: null }, '{"a":null}'],
    [list, [], '[]'],
  ]
  for (const [shape, value, json] of cases) {
    assert.equal(JSON.stringify(values.write(shape, value)), json)
  }
  const byName = new JsonValues(model, byMemberName)
  assert.equal(JSON.stringify(byName.write(thing, { Name: 'a' })), '{"Name":"a"}')
})
