import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseStrictObject } from './strict-json.ts'

const parse = (text: string | Uint8Array, depthMax = 32) =>
  parseStrictObject(typeof text === 'string' ? Buffer.from(text) : text, depthMax)

const GOOD = [
  '{}',
  ' { "a" : 1 , "b" : [ { "a": 1 }, { "a": 2 } ] } ',
  '{"a":{"a":{"a":"a"}},"b":"a"}',
  '{"a\\"b":"{\\"a\\":1,\\"a\\":2}"}',
  '{"a":["a","a","a"],"":1," ":2}',
  '{"__proto__":1,"constructor":2}',
]
const BAD: (string | Uint8Array)[] = [
  '',
  'null',
  '1',
  '"a"',
  '[]',
  '[{}]',
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"a":{"b":1,"c":[{"d":1,"d":2}]}}',
  '{"a":1 , "a"\t\r\n : 2}',
  '{"__proto__":1,"__proto__":2}',
  '{"a":1,}',
  '{"a":1}x',
  '\uFEFF{}',
  "{'a':1}",
  '{"a":NaN}',
  '{"a":01}',
  Buffer.from('{"a":"\xff"}', 'latin1'),
  Buffer.from('7b226122 3a22c080227d'.replaceAll(' ', ''), 'hex'),
]

for (const text of GOOD) {
  test(`${text} is an object`, () => assert.deepEqual(parse(text), JSON.parse(text)))
}
for (const text of BAD) {
  test(`${JSON.stringify(String(text))} is none`, () => assert.equal(parse(text), undefined))
}

test('depth is bounded, however deep a text is', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  assert.notEqual(parse(nested(32)), undefined)
  assert.equal(parse(nested(33)), undefined)
  assert.equal(parse(`{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`), undefined)
})

test('whatever JSON.stringify writes is read as it was', () => {
  const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }))
  fc.assert(
    fc.property(objects, (object) => {
      const text = JSON.stringify(object)
      assert.deepEqual(parse(text), JSON.parse(text))
    }),
  )
})

test('a member that is written twice is found wherever it stands', () => {
  const names = fc.string()
  fc.assert(
    fc.property(names, fc.jsonValue({ maxDepth: 3 }), fc.nat(3), (name, value, depth) => {
      const [key, written] = [JSON.stringify(name), JSON.stringify(value)]
      const twice = `{${key}:${written},"x${depth}":[],${key}:0}`
      const text = `${'{"in":['.repeat(depth)}${twice}${']}'.repeat(depth)}`
      assert.equal(parse(text), undefined, text)
    }),
  )
})
