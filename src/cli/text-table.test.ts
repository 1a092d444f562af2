import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printable, renderPairs, renderTable, wrap } from './text-table.ts'

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  const rows = [
    ['1', 'one', ''],
    ['22', '', 'last'],
  ]
  assert.deepEqual(renderTable(['ID', 'NAME', 'X'], rows), [
    'ID  NAME  X',
    '1   one',
    '22        last',
  ])
})

test('pairs: the right side is wrapped under itself, a long left side stands alone', () => {
  const pairs = [
    ['--a', 'one two three four'],
    ['--much-too-long', 'five six seven'],
  ] as const
  assert.deepEqual(renderPairs(pairs, { width: 14, leftMax: 6 }), [
    '--a  one two',
    '     three',
    '     four',
    '--much-too-long',
    '     five six',
    '     seven',
  ])
})

test('wrapping loses no word, and keeps within the width what can be kept', () => {
  const texts = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 40 }), (words, width) => {
      const lines = wrap(words.join(' '), width)
      assert.equal(lines.join(' '), words.join(' '))
      for (const line of lines) assert(line.length <= width || !line.includes(' '))
    }),
  )
})

test('no control byte of a name reaches a terminal', () => {
  assert.equal(printable('a\u001b[2J\u009bb'), 'a?[2J?b')
})
