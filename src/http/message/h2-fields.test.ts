import assert from 'node:assert/strict'
import { test } from 'node:test'
import { responseFields } from './h2-fields.ts'

const CASES: readonly (readonly [string, string, number, string[]])[] = [
  ['an empty block', '', -1, []],
  ['names become lower case', 'X-Thing: A b: c\r\n', -1, ['x-thing', 'A b: c']],
  ['an empty value', 'x: \r\n', -1, ['x', '']],
  [
    'repeated fields stay apart',
    'set-cookie: a=1\r\nset-cookie: b=2\r\n',
    -1,
    ['set-cookie', 'a=1', 'set-cookie', 'b=2'],
  ],
  [
    'fields of a connection are dropped',
    'connection: close\r\nKeep-Alive: 1\r\ntransfer-encoding: chunked\r\nupgrade: h2c\r\nte: gzip\r\na: b\r\n',
    -1,
    ['a', 'b'],
  ],
  ['the length is the one given', 'content-length: 5\r\n', 7, ['content-length', '7']],
  ['no length', 'content-length: 5\r\n', -1, []],
]

for (const [what, block, bodyBytes, expected] of CASES) {
  test(what, () => {
    assert.deepEqual(responseFields(200, block, bodyBytes), [':status', '200', ...expected])
  })
}
