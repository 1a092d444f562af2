import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from '../../domain/limits.ts'
import { exportModels } from './export-models.ts'
import { importWith, toldBy } from './imported.fake.ts'
import { importHttpApi } from './open-api.ts'

const PET = { type: 'object', properties: { id: { type: 'string' } } }

test('schemas are models, as text', () => {
  const { definition, problems } = importWith({ components: { schemas: { Pet: PET } } })
  assert.deepEqual(problems, [])
  const [{ ModelId, ...model } = { Name: '' }] = definition!.models
  assert.deepEqual(model, {
    ContentType: 'application/json',
    Name: 'Pet',
    Schema: JSON.stringify(PET),
  })
  assert.match(ModelId!, /^[a-z0-9]{7}$/)
})

const LEFT_OUT: [schemas: object, limits: object, kept: number][] = [
  [{ 'Pet.Item': PET, Pet: PET }, {}, 1],
  [{ Pet: PET, Small: {} }, { modelSchemaBytes: 10 }, 1],
  [{ A: {}, B: {}, C: {} }, { modelsPerApi: 2 }, 2],
]

for (const [schemas, limits, kept] of LEFT_OUT) {
  test(`${Object.keys(schemas)} within ${JSON.stringify(limits)}: ${kept}`, () => {
    const members = { components: { schemas }, paths: { '/a': { get: {} } } }
    const stored = importWith(members, { limits })
    assert.deepEqual(toldBy(stored).length, 1)
    assert.match(toldBy(stored)[0]!, /^warning model-left-out \/components\/schemas\//)
    assert.equal(stored.definition!.models.length, kept)
    const run = importWith(members, { limits, enforce: 'everything', target: 'http://a' })
    assert.deepEqual(toldBy(run), [])
    assert.equal(run.definition!.models.length, kept)
  })
}

test('what no schema can say stands beside it', () => {
  const { definition, problems } = importWith({
    components: {
      schemas: { Pet: PET },
      'x-postern-models': {
        Pet: { description: 'One of them.', contentType: 'application/xml' },
        Raw: { schema: 'no JSON' },
      },
    },
  })
  assert.deepEqual(problems, [])
  const models = definition!.models.map(({ ModelId: _, ...model }) => model)
  assert.deepEqual(models, [
    {
      ContentType: 'application/xml',
      Description: 'One of them.',
      Name: 'Pet',
      Schema: JSON.stringify(PET),
    },
    { ContentType: 'application/json', Name: 'Raw', Schema: 'no JSON' },
  ])
})

test('a model needs a schema', () => {
  const result = importWith({ components: { 'x-postern-models': { Pet: {} } } })
  assert.deepEqual(toldBy(result), ['error model-missing /components/x-postern-models/Pet'])
})

const NO_MODELS: [string, object, string[]][] = [
  ['a schema that is no object', { schemas: { A: true } }, ['warning model-left-out']],
  ['a name', { 'x-postern-models': { 'a b': { schema: '{}' } } }, ['error model-invalid']],
  [
    'a long text',
    { 'x-postern-models': { A: { schema: ' '.repeat(409_601) } } },
    ['error model-invalid'],
  ],
]
for (const [name, components, expected] of NO_MODELS) {
  test(`no model: ${name}`, () => {
    const told = toldBy(importWith({ components }))
    assert.deepEqual(
      told.map((each) => each.split(' ').slice(0, 2).join(' ')),
      expected,
    )
  })
}

const TEXTS: [schema: string, isPlain: boolean][] = [
  ['{"type":"object"}', true],
  ['{"$ref":"#/components/schemas/Other"}', true],
  ['{"items":[{"$ref":"#/components/schemas/Gone"}]}', false],
  ['{"$ref":"#/definitions/Pet"}', false],
  ['{"$ref":"https://apigateway.amazonaws.com/restapis/a/models/Pet"}', false],
  ['{"$ref":"#/components/schemas/Text"}', false],
  ['{"properties":{"x-postern-stage":{}}}', false],
  ['{"properties":{"__proto__":{}}}', false],
  [`${'{"not":'.repeat(120)}{}${'}'.repeat(120)}`, false],
  ['true', false],
  ['{', false],
]

for (const [Schema, isPlain] of TEXTS) {
  test(`${Schema.slice(0, 60)} ${isPlain ? 'stands as a schema' : 'stays a text'}`, () => {
    const others = [
      { Name: 'Other', Schema: '{}' },
      { Name: 'Text', Schema: 'text' },
    ]
    const { schemas, described } = exportModels([{ Name: 'Pet', Schema }, ...others])
    assert.equal('Pet' in schemas, isPlain)
    assert.equal('Pet' in described, !isPlain)
    const members = { components: { schemas, 'x-postern-models': described } }
    const { definition, problems } = importWith(members)
    assert.deepEqual(problems, [])
    assert.equal(definition!.models.find(({ Name }) => Name === 'Pet')!.Schema, Schema)
  })
}

test('aliases cannot make a small text a large model', () => {
  const levels = Array.from({ length: 20 }, (_, i) =>
    i === 0 ? 'x-0: &a0 [lol, lol]' : `x-${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`,
  )
  const text = `openapi: 3.0.0\ninfo: { title: T }\npaths: {}\n${levels.join('\n')}\ncomponents: { schemas: { A: { enum: *a19 } } }\n`
  const { definition, problems } = importHttpApi(
    { file: 'a.yaml', text },
    {
      profile: 'extended',
      limits: limitsOf('extended'),
      accountId: '0',
      region: 'local',
      enforce: 'nothing',
    },
  )
  assert.equal(definition, undefined)
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['alias-expansion'],
  )
})
