import assert from 'node:assert/strict'
import test from 'node:test'
import { withConstraints } from './constraints.ts'
import type { Constraint, ServiceModel, Shape } from './service-model.ts'
import { violationsOf } from './violations.ts'

const text: Shape = { kind: 'string' }

/** One structure `Thing` with the one member `Value`, in a list of structures when it asks for itself. */
function modelOf(
  type: Shape,
  constraint: Constraint,
  required: readonly string[] = [],
): ServiceModel {
  const bare: ServiceModel = {
    name: 'things',
    signingName: 'things',
    apiVersion: '2026-11-01',
    protocol: 'rest-json',
    operations: {},
    shapes: {
      Thing: { members: { Value: { type, jsonName: 'value' } }, required },
      Part: { members: { Size: { type: text, jsonName: 'size' } }, required: ['Size'] },
    },
  }
  return withConstraints(bare, { Thing: { Value: constraint } })
}

function told(model: ServiceModel, value: unknown): string | undefined {
  return violationsOf(model, model.shapes['Thing']!, {
    value: { Value: value },
    placeOf: (_, member) => `makeThingInput.${member.jsonName}`,
  })
}

const ONE = '1 validation error detected: '
const AT = "at 'makeThingInput.value' failed to satisfy constraint: "

test('each rule in the words of AWS', () => {
  const part: Shape = { kind: 'structure', name: 'Part' }
  const cases: [Shape, Constraint, unknown, string | undefined][] = [
    [
      { kind: 'string', values: ['B', 'A'] },
      {},
      'c',
      `Value 'c' ${AT}Member must satisfy enum value set: [B, A]`,
    ],
    [{ kind: 'string', values: ['B', 'A'] }, {}, 'A', undefined],
    [
      text,
      { length: [2, 3] },
      'abcd',
      `Value 'abcd' ${AT}Member must have length less than or equal to 3`,
    ],
    [
      text,
      { length: [2, 3] },
      'a',
      `Value 'a' ${AT}Member must have length greater than or equal to 2`,
    ],
    [text, { length: [2, 3] }, '😀😀😀', undefined],
    [
      text,
      { pattern: 'a+' },
      'ab',
      `Value 'ab' ${AT}Member must satisfy regular expression pattern: a+`,
    ],
    [text, { pattern: 'a|b' }, 'b', undefined],
    [
      { kind: 'double' },
      { range: [0, 5], integer: true },
      6,
      `Value '6' ${AT}Member must have value less than or equal to 5`,
    ],
    [
      { kind: 'double' },
      { range: [0, 5] },
      -1,
      `Value '-1' ${AT}Member must have value greater than or equal to 0`,
    ],
    [
      { kind: 'list', member: text },
      { length: [0, 1], values: { length: [1, 9] } },
      ['', 'b'],
      `Value '[, b]' ${AT}Member must have length less than or equal to 1; ` +
        `Value '[, b]' ${AT}Member must satisfy constraint: [Member must have length greater than or equal to 1]`,
    ],
    [
      { kind: 'list', member: text },
      {},
      ['a', null],
      `Value '[a, null]' ${AT}Member must satisfy constraint: [Member must not be null]`,
    ],
    [{ kind: 'list', member: text, sparse: true }, {}, [null], undefined],
    [
      { kind: 'map', value: text },
      { keys: { length: [1, 1] }, values: { pattern: 'x' } },
      { ab: 'y' },
      `Value '{ab=y}' ${AT}Map keys must satisfy constraint: [Member must have length less than or equal to 1]; ` +
        `Value '{ab=y}' ${AT}Map value must satisfy constraint: [Member must satisfy regular expression pattern: x]`,
    ],
    [
      { kind: 'list', member: part },
      {},
      [{ Size: 'a' }, {}],
      "Value null at 'makeThingInput.value.2.member.size' failed to satisfy constraint: Member must not be null",
    ],
    [
      { kind: 'map', value: part },
      {},
      { k: {} },
      "Value null at 'makeThingInput.value.k.member.size' failed to satisfy constraint: Member must not be null",
    ],
    [
      part,
      {},
      {},
      "Value null at 'makeThingInput.value.size' failed to satisfy constraint: Member must not be null",
    ],
  ]
  for (const [type, constraint, value, expected] of cases) {
    const message = told(modelOf(type, constraint), value)
    const count = expected?.split('failed to satisfy').length ?? 1
    const start = count === 2 ? ONE : `${count - 1} validation errors detected: `
    assert.equal(message, expected === undefined ? undefined : start + expected)
  }
})

test('what is required and absent', () => {
  const model = modelOf(text, {}, ['Value'])
  assert.equal(told(model, undefined), `${ONE}Value null ${AT}Member must not be null`)
  assert.equal(told(modelOf(text, {}), undefined), undefined)
})

test('neither values nor lists of violations grow without bound', () => {
  const long = told(modelOf(text, { length: [0, 3] }), 'x'.repeat(1_000_000))!
  assert.ok(long.length < 1_000)
  const parts: Shape = { kind: 'list', member: { kind: 'structure', name: 'Part' } }
  const many = told(
    modelOf(parts, {}),
    Array.from({ length: 100_000 }, () => ({})),
  )!
  assert.match(many, /^100 validation errors detected: /)
  const deep = told(
    modelOf({ kind: 'list', member: text }, { length: [0, 1] }),
    Array(500_000).fill('y'),
  )!
  assert.ok(deep.length < 1_000)
})

test('a constraint on what the model does not have is a mistake of ours', () => {
  const model = modelOf(text, {})
  assert.throws(() => withConstraints(model, { Nothing: {} }), /Nothing/)
  assert.throws(() => withConstraints(model, { Thing: { Gone: {} } }), /Gone/)
})
