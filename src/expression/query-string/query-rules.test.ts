import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fakeMessages } from '../context-source.fake.ts'
import { applyQueryRules, type QueryRule } from './query-rules.ts'

import { encodeQueryString, QueryString } from './query-string.ts'

const source = fakeMessages({})

function rule(op: QueryRule['op'], name: string, value?: string): QueryRule {
  return { op, name, value: () => value }
}

const CASES: [title: string, before: string, rules: QueryRule[], after: string][] = [
  ['append to nothing', '', [rule('append', 'a', '1')], 'a=1'],
  ['append keeps what is there', 'a=%7e;b', [rule('append', 'a', 'x y')], 'a=%7e;b&a=x%20y'],
  ['append encodes', 'b=1', [rule('append', 'a&b', '&=;+%')], 'b=1&a%26b=%26%3D%3B%2B%25'],
  ['overwrite in place', 'x=1&a=2&y=3', [rule('overwrite', 'a', '9')], 'x=1&a=9&y=3'],
  ['overwrite drops the others', 'a=1;x=1&a=2&y', [rule('overwrite', 'a', '9')], 'a=9;x=1&y'],
  ['overwrite adds what is missing', 'x=1', [rule('overwrite', 'a', '')], 'x=1&a='],
  ['overwrite of nothing', '', [rule('overwrite', 'a', '1')], 'a=1'],
  ['overwrite is case-sensitive', 'A=1', [rule('overwrite', 'a', '2')], 'A=1&a=2'],
  ['overwrite finds an escaped name', '%61=1&b', [rule('overwrite', 'a', '2')], 'a=2&b'],
  ['remove the first', 'a=1;b=2&c=3', [rule('remove', 'a')], 'b=2&c=3'],
  ['remove in the middle', 'a=1;b=2&c=3', [rule('remove', 'b')], 'a=1&c=3'],
  ['remove the last', 'a=1;b=2', [rule('remove', 'b')], 'a=1'],
  ['remove all of them', 'a&a=&%61=2', [rule('remove', 'a')], ''],
  ['remove nothing', 'a=1&&b=+', [rule('remove', 'c')], 'a=1&&b=+'],
  ['remove from nothing', '', [rule('remove', 'c')], ''],
  ['an empty piece is no parameter', 'a=1&&b', [rule('remove', '')], 'a=1&&b'],
  ['undefined does nothing', 'a=1', [rule('overwrite', 'a'), rule('append', 'b')], 'a=1'],
  [
    'several rules',
    'a=1&b=2',
    [rule('remove', 'a'), rule('overwrite', 'b', '3'), rule('append', 'b', '4')],
    'b=3&b=4',
  ],
]

for (const [title, before, rules, after] of CASES) {
  test(title, () => assert.equal(applyQueryRules(before, rules, source), after))
}

const pieces = fc.array(
  fc.constantFrom('a=1', 'a=2', 'b=+', 'b=%2B', 'c', 'c=%zz', 'd=', '', 'e=%C3%A9'),
  { maxLength: 8 },
)
const separators = fc.array(fc.constantFrom('&', ';'), { minLength: 8, maxLength: 8 })

test('the bytes of other parameters stay as they were, in their order', () => {
  fc.assert(
    fc.property(pieces, separators, fc.constantFrom('remove', 'overwrite'), (list, marks, op) => {
      const raw = list.map((piece, i) => (i === 0 ? piece : marks[i] + piece)).join('')
      const changed = applyQueryRules(raw, [rule(op as QueryRule['op'], 'a', 'new')], source)
      const others = (query: string) =>
        query.split(/[&;]/).filter((piece) => piece !== '' && !/^a(=|$)/.test(piece))
      assert.deepEqual(others(changed), others(raw))
      assert.deepEqual(new QueryString(changed).all('a'), op === 'remove' ? [] : ['new'])
    }),
  )
})

test('any value survives overwrite and append', () => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, text, (name, first, second) => {
      const before = encodeQueryString([
        { name, value: 'old' },
        { name: `${name}x`, value: 'kept' },
      ])
      const rules = [rule('overwrite', name, first), rule('append', name, second)]
      const query = new QueryString(applyQueryRules(before, rules, source))
      assert.deepEqual(query.all(name), [first, second])
      assert.equal(query.last(`${name}x`), 'kept')
    }),
  )
})
