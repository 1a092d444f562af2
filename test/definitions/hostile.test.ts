/**
 * Definitions made to hurt whoever reads them: each ends in a clear problem, or is read, at a cost that does not grow
 * faster than the text. Nothing here leaves the process: there is no file and no host to reach.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ImportResult, importOpenApi } from '../../src/definitions/open-api/open-api.ts'
import { type LimitName, limitsOf } from '../../src/domain/limits.ts'

const HEAD = 'openapi: 3.0.3\ninfo: { title: Hostile, version: "1" }\n'
const PATHS = 'paths: { /a: { get: {} } }\n'

function load(
  file: string,
  text: string,
  overrides: Partial<Record<LimitName, number>> = {},
): ImportResult {
  return importOpenApi(
    { file, text },
    {
      profile: 'extended',
      limits: limitsOf('extended', overrides),
      target: 'http://127.0.0.1:1',
      accountId: '000000000000',
      region: 'local',
      revision: 1,
    },
  )
}

function codesOf(result: ImportResult): string[] {
  return [...new Set(result.problems.map(({ code }) => code))]
}

function bomb(levels: number, width: number): string {
  const lines = [`x-l0: &l0 [${Array(width).fill('lol').join(', ')}]`]
  for (let i = 1; i <= levels; i++) {
    lines.push(
      `x-l${i}: &l${i} [${Array(width)
        .fill(`*l${i - 1}`)
        .join(', ')}]`,
    )
  }
  return `${HEAD}${PATHS}${lines.join('\n')}\n`
}

const REFUSED: Record<string, { text: string; file?: string; codes: string[] }> = {
  'an alias bomb of lists': { text: bomb(20, 10), codes: ['alias-expansion'] },
  'an alias bomb of merge keys': {
    text: `${HEAD}${PATHS}${Array.from({ length: 40 }, (_, i) => `x-m${i}: &m${i} { a${i}: ${i === 0 ? '1' : `[*m${i - 1}, *m${i - 1}]`} }`).join('\n')}\n`,
    codes: ['alias-expansion'],
  },
  'many aliases of one long text': {
    text: `${HEAD}${PATHS}x-t: &t ${'x'.repeat(200_000)}\nx-l: [${'*t, '.repeat(1000)}]\n`,
    codes: ['alias-expansion'],
  },
  'an alias inside its own anchor': {
    text: `${HEAD}${PATHS}x-a: &a { b: [*a] }\n`,
    codes: ['alias-cycle'],
  },
  'an alias of nothing': { text: `${HEAD}${PATHS}x-a: *nothing\n`, codes: ['alias-unknown'] },
  'a merge of a text': { text: `${HEAD}${PATHS}x-a: { <<: text }\n`, codes: ['yaml-merge'] },
  'a list as a key': { text: `${HEAD}${PATHS}x-a: { [a, b]: c }\n`, codes: ['yaml-key'] },
  'binary data': { text: `${HEAD}${PATHS}x-a: !!binary aGVsbG8=\n`, codes: ['yaml-tag'] },
  'deep flow lists in YAML': {
    text: `${HEAD}x-a: ${'['.repeat(50_000)}`,
    codes: ['definition-too-deep'],
  },
  'deep block lists in YAML': {
    text: `${HEAD}x-a:\n  ${'- '.repeat(20_000)}x\n`,
    codes: ['definition-too-deep'],
  },
  'deep lists in JSON': {
    file: 'a.json',
    text: '['.repeat(1_000_000),
    codes: ['definition-too-deep'],
  },
  'deep objects in JSON': {
    file: 'a.json',
    text: '{"a":'.repeat(200_000),
    codes: ['definition-too-deep'],
  },
  'an unfinished text in JSON': {
    file: 'a.json',
    text: `{"a": "${'\\n'.repeat(500_000)}`,
    codes: ['json-syntax'],
  },
  'a key named __proto__ in JSON': {
    file: 'a.json',
    text: '{"openapi":"3.0.0","info":{"title":"T"},"paths":{"__proto__":{"get":{}}}}',
    codes: ['key-forbidden'],
  },
  'a key named __proto__ by escapes': {
    file: 'a.json',
    text: '{"\\u005f\\u005fproto__":{"get":{}}}',
    codes: ['key-forbidden'],
  },
  'a key twice, once by escapes': {
    file: 'a.json',
    text: '{"paths":{},"p\\u0061ths":{}}',
    codes: ['key-duplicate'],
  },
  'two YAML documents': { text: `${HEAD}${PATHS}---\n${HEAD}`, codes: ['yaml-syntax'] },
  'an empty file': { text: '', codes: ['definition-empty'] },
  'NUL characters': { text: `${HEAD}\u0000${PATHS}`, codes: ['definition-not-text'] },
  'a scalar': { text: '42', codes: ['openapi-missing'] },
  'a list': { file: 'a.json', text: '[]', codes: ['openapi-missing'] },
}

for (const [name, { file, text, codes }] of Object.entries(REFUSED)) {
  test(`${name} is refused`, () => {
    const result = load(file ?? 'a.yaml', text)
    assert.equal(result.stage, undefined)
    assert.deepEqual(codesOf(result), codes)
    for (const problem of result.problems) {
      assert.ok(problem.line >= 1 && problem.column >= 1, 'has a place')
      assert.ok(problem.message.length < 300 && problem.mend !== '', 'is readable')
    }
  })
}

test('a file beyond the size limit is refused before it is parsed', () => {
  const result = load('a.json', `[${'1,'.repeat(100)}`, { definitionBytes: 100 })
  assert.deepEqual(codesOf(result), ['definition-too-large'])
})

test('YAML beyond its own, smaller limit is refused with the way out', () => {
  const result = load('a.yaml', `${HEAD}${PATHS}#${'x'.repeat(2000)}`, {
    definitionYamlBytes: 1000,
  })
  assert.deepEqual(codesOf(result), ['definition-too-large'])
  assert.match(result.problems[0]!.mend, /JSON/)
})

test('a byte order mark is no part of the definition', () => {
  assert.notEqual(load('a.yaml', `\ufeff${HEAD}${PATHS}`).stage, undefined)
  const json = '{"openapi":"3.0.0","info":{"title":"T"},"paths":{"/a":{"get":{}}}}'
  assert.notEqual(load('a.json', `\ufeff${json}`).stage, undefined)
})

test('names of the language mean nothing as keys', () => {
  const text = `${HEAD}paths: { /constructor: { get: {} }, '/toString/{hasOwnProperty}': { get: {} } }
x-postern-stage-variables: { constructor: a, valueOf: b }
`
  const { stage } = load('a.yaml', text)
  assert.deepEqual(
    stage?.routes.map(({ routeKey }) => routeKey),
    ['GET /constructor', 'GET /toString/{hasOwnProperty}'],
  )
  assert.deepEqual(stage?.stageVariables, { constructor: 'a', valueOf: 'b' })
  const inherited = load('a.yaml', `${HEAD}paths: { /a: { constructor: {}, get: {} } }`)
  assert.deepEqual(codesOf(inherited), ['path-member-unknown'])
})

test('schemas that contain themselves are no obstacle', () => {
  const { stage } = load(
    'a.yaml',
    `${HEAD}${PATHS}components: { schemas: { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } } }`,
  )
  assert.notEqual(stage, undefined)
})

test('an anchor used several hundred times is an ordinary definition', () => {
  const paths = Array.from({ length: 400 }, (_, i) => `  /p${i}: { get: *operation }`).join('\n')
  const text = `${HEAD}x-operation: &operation { responses: { 200: { description: fine } } }\npaths:\n${paths}\n`
  assert.equal(load('a.yaml', text).stage?.routes.length, 400)
})

test('a definition of ten megabytes loads and names the right lines', () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) =>
      `"/r${i}/{id}": {"get": {"operationId": "get${i}", "description": ${JSON.stringify('long "text" '.repeat(34))}}},`,
  )
  const text = `{"openapi": "3.1.0", "info": {"title": "Large"},\n"paths": {\n${lines.join('\n')}\n"/last": {"get": {}}}}`
  assert.ok(Buffer.byteLength(text) > 10_000_000)
  const { stage, problems } = load('large.json', text)
  assert.deepEqual(problems, [])
  assert.equal(stage?.routes.length, 20_001)
  assert.equal(stage?.routes[19_999]?.source, 'large.json:20002')
})

test('what is wrong a thousand times is told a hundred times and counted', () => {
  const paths = Array.from({ length: 1000 }, (_, i) => `  /{a}${i}: { get: {} }`).join('\n')
  const { problems } = load('a.yaml', `${HEAD}paths:\n${paths}\n`)
  assert.equal(problems.length, 101)
  assert.match(problems.at(-1)!.message, /900 more/)
})

test('what is wrong a million times ends the reading', () => {
  const merged = Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join(', ')
  const paths = Array.from({ length: 1000 }, (_, i) => `  /p${i}: { <<: *wrong }`).join('\n')
  const result = load('a.yaml', `${HEAD}x-wrong: &wrong { ${merged} }\npaths:\n${paths}\n`)
  assert.equal(result.stage, undefined)
  assert.match(result.problems.at(-1)!.message, /at least 1000 more/)
})

test('any number of warnings does not keep a definition from loading', () => {
  const schemas = Array.from({ length: 5000 }, (_, i) => `s${i}: { $ref: '#/no${i}' }`).join(', ')
  const result = load('a.yaml', `${HEAD}${PATHS}components: { schemas: { ${schemas} } }\n`)
  assert.notEqual(result.stage, undefined)
  assert.equal(result.problems.length, 101)
})

test('patterns do not run away on long names', () => {
  const name = `${'a'.repeat(250)}!`
  const uri = `http://h/${'%41'.repeat(600)}%`
  const integration = {
    type: 'http_proxy',
    httpMethod: 'ANY',
    uri,
    tlsConfig: { serverNameToVerify: name },
  }
  const path = `/${'{a}'.repeat(100_000)}`
  const operation = { get: { 'x-amazon-apigateway-integration': integration } }
  const paths = { '/a': operation, [path]: operation, [`/${'{'.repeat(100_000)}`]: operation }
  const text = JSON.stringify({ openapi: '3.0.0', info: { title: 'T' }, paths })
  const codes = codesOf(load('a.json', text)).sort()
  assert.deepEqual(codes, ['path-partial-variable', 'tls-server-name', 'uri-invalid'])
})

test('control characters of a definition do not reach the terminal', () => {
  const { problems } = load(
    'a.json',
    '{"openapi":"3.0.0","info":{"title":"T"},"paths":{"/\\u001b[2J\\u202e":{}}}',
  )
  const printed = problems.map(({ message, pointer }) => message + pointer).join('')
  assert.ok(printed.includes('\\u001b[2J'), 'is told')
  assert.doesNotMatch(printed, /[\u001b\u202e]/)
})
