import assert from 'node:assert/strict'
import test from 'node:test'
import { HeaderFields } from '../../http/message/header-fields.ts'
import { HeaderCondition } from './header-globs.ts'

/** The examples of AWS's page on routing rules, and their edges. */
const CASES: readonly (readonly [
  name: string,
  glob: string,
  lines: readonly string[],
  holds: boolean,
])[] = [
  ['hello', 'World', ['Hello: World'], true],
  ['hello', 'World', ['hELLO: World'], true],
  ['hello', 'World', ['hello: world'], false],
  ['hello', 'World', ['hello: World!'], false],
  ['hello', 'World', ['hello2: World', 'hell: World'], false],
  ['hello', 'World', [], false],
  ['x-version', 'a*', ['x-version: alpha'], true],
  ['x-version', 'a*', ['x-version: a'], true],
  ['x-version', 'a*', ['x-version: beta'], false],
  ['x-version', '*a', ['x-version: beta'], true],
  ['x-version', '*a', ['x-version: backup'], false],
  ['x-version', '*b*', ['x-version: beta'], true],
  ['x-version', '*b*', ['x-version: alpha'], false],
  ['accept', '*json', ['Accept: application/json', 'Accept: text/xml'], true],
  ['accept', '*json', ['Accept: text/xml', 'Accept: application/json'], true],
  ['accept', '*json', ['Accept: application/json,text/xml'], false],
  ['x', 'a*b', ['x: a*b'], true],
  ['x', 'a*b', ['x: acb'], false],
  ['x', '*', ['x: *'], true],
]

for (const [name, glob, lines, holds] of CASES) {
  test(`${name}: ${glob} and [${lines.join(' | ')}]: ${holds}`, () => {
    const fields = new HeaderFields(8)
    for (const line of lines) {
      const [field = '', value = ''] = line.split(': ')
      fields.append(field, value)
    }
    assert.equal(new HeaderCondition(name, glob).holds(fields), holds)
  })
}
