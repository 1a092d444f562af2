import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { templateOf } from './model-template.ts'

const HEAD = `#set($inputRoot = $input.path('$'))\n`

test('every type has an example', () => {
  const properties = {
    name: { type: 'string' },
    age: { type: ['integer', 'null'] },
    weight: { type: 'number' },
    sold: { type: 'boolean' },
    kind: { enum: ['cat', 'dog'] },
    anything: {},
    owner: { properties: { 'first "name"': { type: 'string' } } },
  }
  assert.equal(
    templateOf({ type: 'object', properties }),
    `${HEAD}{
  "name" : "foo",
  "age" : 42,
  "weight" : 3.14,
  "sold" : true,
  "kind" : "cat",
  "anything" : null,
  "owner" : {
    "first \\"name\\"" : "foo"
  }
}`,
  )
})

test('a list becomes a loop', () => {
  assert.equal(
    templateOf({ type: 'array', items: { type: 'string' } }),
    `${HEAD}[
## Update this foreach loop to reference array from input json
#foreach($elem in $inputRoot)
  "foo"
#if($foreach.hasNext),#end
#end
]`,
  )
})

test('references lead into the schema, and nowhere else', () => {
  const definitions = { 'a/b': { type: 'integer' } }
  assert.equal(templateOf({ $ref: '#/definitions/a~1b', definitions }), `${HEAD}42`)
  assert.equal(templateOf({ $ref: 'https://elsewhere.example/pet.json' }), `${HEAD}null`)
  assert.equal(templateOf({ $ref: '#/__proto__/x' }), `${HEAD}null`)
  assert.equal(templateOf({ $ref: '#' }), `${HEAD}null`)
})

test('a schema that refers to itself ends', () => {
  const node = {
    type: 'object',
    properties: { left: { $ref: '#/definitions/node' }, right: { $ref: '#/definitions/node' } },
  }
  const template = templateOf({ ...node, definitions: { node } })
  assert.ok(template.length < 200_000)
  assert.match(template, /"left" : \{\}/)
})

test('a small schema does not unfold into a huge text', () => {
  const wide = Array.from({ length: 30 }, (_, i) => [`p${i}`, { $ref: '#' }])
  const template = templateOf({ type: 'object', properties: Object.fromEntries(wide) })
  assert.equal(template.split(' : ').length - 1, 1_000)
})

test('whatever the schema says, there is a template', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('type', 'items', 'properties', '$ref', 'enum'), fc.jsonValue()),
      (schema) => {
        assert.ok(templateOf(schema).startsWith(HEAD))
      },
    ),
  )
})
