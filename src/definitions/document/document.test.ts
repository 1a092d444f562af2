import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { limitsOf } from '../../domain/limits.ts'
import { readDocument, type SourceDocument } from './document.ts'
import { pointerTo } from './json-pointer.ts'

const limits = limitsOf('extended')

function read(file: string, text: string): SourceDocument {
  const { document, problems } = readDocument({ file, text }, limits)
  assert.deepEqual(problems, [])
  return document!
}

function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1
}

test('an empty file, of whatever name, is told as one', () => {
  for (const [file, text] of [
    ['a.yaml', ''],
    ['a.json', ' \n'],
    ['a.yaml', '\ufeff\n'],
  ] as const) {
    const { document, problems } = readDocument({ file, text }, limits)
    assert.equal(document, undefined)
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['definition-empty'],
    )
  }
})

/** Pointers of all members of objects, with their keys. */
function* keysIn(value: unknown, pointer = ''): Generator<[pointer: string, key: string]> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* keysIn(item, pointerTo(pointer, i))
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      yield [pointerTo(pointer, key), key]
      yield* keysIn(member, pointerTo(pointer, key))
    }
  }
}

const anyValue = fc
  .jsonValue({ maxDepth: 6 })
  .filter(
    (value) =>
      !JSON.stringify(value).includes('__proto__') && !JSON.stringify(value).includes('\\u0000'),
  )

test('JSON is read as JSON.parse reads it, and every key is found where it is', () => {
  fc.assert(
    fc.property(anyValue, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const text = JSON.stringify({ root: value }, null, indent)
      const document = read('a.json', text)
      assert.deepEqual(document.root, JSON.parse(text))
      for (const [pointer, key] of keysIn(document.root)) {
        const offset = offsetOf(text, document.placeOf(pointer))
        assert.ok(text.startsWith(JSON.stringify(key), offset), pointer)
      }
    }),
    { numRuns: 200 },
  )
})

test('any JSON is read the same as YAML', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const json = JSON.parse(JSON.stringify({ root: value }))
      const text = stringify(json, { aliasDuplicateObjects: false })
      assert.deepEqual(read('a.yaml', text).root, json)
    }),
    { numRuns: 200 },
  )
})

test('any text at all is read or refused, with a place', () => {
  const fragments = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '&a',
    '*a',
    '- ',
    '\n',
    ' ',
    'x',
    '1',
    '\\',
    '|',
    '<<',
    '#',
    '\t',
    "'",
    '!',
    '?',
  )
  fc.assert(
    fc.property(
      fc.array(fragments, { maxLength: 40 }),
      fc.constantFrom('a.json', 'a.yaml'),
      (parts, file) => {
        const { document, problems } = readDocument({ file, text: parts.join('') }, limits)
        assert.equal(document === undefined, problems.length > 0)
        for (const problem of problems) assert.ok(problem.line >= 1 && problem.column >= 1)
      },
    ),
    { numRuns: 500 },
  )
})

const SYNTAX: [text: string, line: number, column: number, message: RegExp][] = [
  ['{"a": 1,}', 1, 9, /a key in double quotes/],
  ['{\n  "a": tru\n}', 2, 8, /a value/],
  ['{"a": [1 2]}', 1, 10, /"," or "]"/],
  ['{"a" 1}', 1, 6, /":"/],
  ['{"a": 1} x', 1, 10, /the end of the text/],
  ['{"a": "\n"}', 1, 8, /end of a string/],
  ['{"a": "\\x"}', 1, 8, /an escape/],
  ['{"a": 01}', 1, 8, /"," or "}"/],
  ['{"a": 1', 1, 8, /the text ends/],
  ["{'a': 1}", 1, 2, /a key in double quotes/],
  ['{"a": 1, // no\n "b": 2}', 1, 10, /a key in double quotes/],
]

for (const [text, line, column, message] of SYNTAX) {
  test(`JSON that is none is refused where it goes wrong: ${JSON.stringify(text)}`, () => {
    assert.throws(() => JSON.parse(text))
    const { problems } = readDocument({ file: 'a.json', text }, limits)
    assert.deepEqual(
      problems.map((each) => [each.code, each.line, each.column]),
      [['json-syntax', line, column]],
    )
    assert.match(problems[0]!.message, message)
  })
}

test('keys of YAML become texts as they are written', () => {
  const { root } = read('a.yaml', '200: a\n0x1F: b\ntrue: c\n~: d\n"quoted": e\n')
  assert.deepEqual(root, { 200: 'a', '0x1F': 'b', true: 'c', '~': 'd', quoted: 'e' })
})

test('merge keys give way to own keys, and the first merged map to none', () => {
  const { root } = read(
    'a.yaml',
    'a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc: { z: 3, <<: [*a, *b] }\nd: { <<: *a, x: 4 }\n',
  )
  const { c, d } = root as Record<string, unknown>
  assert.deepEqual(c, { x: 1, y: 1, z: 3 })
  assert.deepEqual(d, { x: 4, y: 1 })
})

test('an alias means the anchor that was defined last before it', () => {
  const { root } = read('a.yaml', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n')
  assert.deepEqual(root, { a: 1, b: 1, c: 2, d: 2 })
})

test('what is merged or aliased is found where it is written', () => {
  const text = 'base: &base\n  deep:\n    key: 1\nmerged:\n  <<: *base\nalias: *base\n'
  const document = read('a.yaml', text)
  assert.deepEqual(document.placeOf('/merged/deep/key'), { line: 3, column: 5 })
  assert.deepEqual(document.placeOf('/alias/deep/key'), { line: 3, column: 5 })
  assert.deepEqual(document.placeOf('/alias/none'), { line: 6, column: 1 })
})

test('JSON in a file named .yaml is read as JSON, and flow YAML still as YAML', () => {
  assert.deepEqual(read('a.yaml', '{"a": {"b": 1}}').root, { a: { b: 1 } })
  assert.deepEqual(read('a.yaml', '{a: {b: 1}}').root, { a: { b: 1 } })
})
