// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of API Gateway's own references

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpolateStageVariables } from './stage-variables.ts'

const variables = {
  host: 'pets.example',
  version: 'v$&1',
  empty: '',
  nested: '${stageVariables.host}',
}

const CASES: [text: string, interpolated: string, missing: string[]][] = [
  ['https://example.com/a', 'https://example.com/a', []],
  ['https://${stageVariables.host}/x', 'https://pets.example/x', []],
  ['/${stageVariables.version}/${stageVariables.host}', '/v$&1/pets.example', []],
  ['[${stageVariables.empty}]', '[]', []],
  ['${stageVariables.nested}', '${stageVariables.host}', []],
  ['${stageVariables.none}${stageVariables.none}${stageVariables.no}', '', ['none', 'no']],
  ['${stageVariables.toString}', '', ['toString']],
  ['${stageVariables.__proto__}', '', ['__proto__']],
  [
    '${stageVariables.a-b} $stageVariables.host {id}',
    '${stageVariables.a-b} $stageVariables.host {id}',
    [],
  ],
]

for (const [text, interpolated, missing] of CASES) {
  test(text, () => {
    assert.deepEqual(interpolateStageVariables(text, variables), { text: interpolated, missing })
  })
}
