import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findStageVariableProblem } from './stage-variable-rules.ts'

const NAME = 'stage-variable-name'
const VALUE = 'stage-variable-value'
const LONG = 'stage-variable-too-long'

const CASES: [name: string, value: string, code: string | undefined][] = [
  ['host', 'a.example:8080/v1?x=y&z#-_~,', undefined],
  ['A_1', 'x', undefined],
  ['n'.repeat(64), 'v'.repeat(512), undefined],
  ['n'.repeat(65), 'x', NAME],
  ['', 'x', NAME],
  ['a-b', 'x', NAME],
  ['ü', 'x', NAME],
  ['a\n', 'x', NAME],
  ['a', '', VALUE],
  ['a', 'user@host', VALUE],
  ['a', '{id}', VALUE],
  ['a', '${stageVariables.b}', VALUE],
  ['a', 'a b', VALUE],
  ['a', 'b\n', VALUE],
  ['a', 'v'.repeat(513), LONG],
]

for (const [name, value, code] of CASES) {
  test(`${JSON.stringify(name.slice(0, 9))} = ${JSON.stringify(value.slice(0, 30))}`, () => {
    const problem = findStageVariableProblem(name, value, { stageVariableBytes: 512 })
    assert.equal(problem?.code, code)
  })
}
