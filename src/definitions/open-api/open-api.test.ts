import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LimitName, limitsOf } from '../../domain/limits.ts'
import { type ImportOptions, type ImportResult, importOpenApi } from './open-api.ts'

type Extra = Partial<Omit<ImportOptions, 'limits'>>

function load(
  document: Record<string, unknown>,
  limits: Partial<Record<LimitName, number>> = {},
  extra: Extra = {},
): ImportResult {
  const text = JSON.stringify({
    openapi: '3.0.3',
    info: { title: 'T' },
    paths: { '/a': { get: {} }, '/b/{id}': { get: {} } },
    ...document,
  })
  const profile = extra.profile ?? 'extended'
  return importOpenApi(
    { file: 'a.json', text },
    {
      target: 'http://localhost:3000',
      accountId: '000000000000',
      region: 'local',
      revision: 7,
      ...extra,
      profile,
      limits: limitsOf(profile, limits),
    },
  )
}

const variables = { 'x-postern-stage-variables': { a: 'xx', b: 'yy' } }

const CASES: [code: string, result: () => ImportResult][] = [
  ['routes-too-many', () => load({}, { routesPerApi: 1 })],
  ['integrations-too-many', () => load({}, { integrationsPerApi: 1 })],
  ['stage-variables-too-many', () => load(variables, { stageVariables: 1 })],
  ['stage-variable-too-long', () => load(variables, { stageVariableBytes: 1 })],
  ['stage-variable-value', () => load({}, {}, { stageVariables: { a: 'a b' } })],
  ['stage-variable-name', () => load({}, {}, { stageVariables: { 'a b': 'c' } })],
  ['template-unsupported', () => load({ openapi: undefined, Resources: {} })],
  ['title-too-long', () => load({ info: { title: 'T'.repeat(129) } }, {}, { profile: 'aws' })],
  ['target-invalid', () => load({}, {}, { target: 'http://localhost/?a=b' })],
  ['target-invalid', () => load({}, {}, { target: 'http://localhost/{id}' })],
]

for (const [code, result] of CASES) {
  test(`${code} is refused`, () => {
    const { stage, problems } = result()
    assert.equal(stage, undefined)
    assert.deepEqual([...new Set(problems.map((each) => each.code))], [code])
  })
}

test('a stage variable of the command line is told with its flag, and without a line', () => {
  const { problems } = load({}, {}, { stageVariables: { a: 'a b' } })
  assert.deepEqual(
    problems.map(({ line, message }) => [line, message.split(':', 1)[0]]),
    [[0, '--stage-variable']],
  )
})

test('an integration without a type tells its misspelt members too', () => {
  const integration = { typ: 'http_proxy', url: 'http://localhost/' }
  const get = { 'x-amazon-apigateway-integration': integration }
  const { problems } = load({ paths: { '/a': { get } } })
  assert.deepEqual(problems.map(({ mend }) => mend).slice(-2), [
    'Did you mean type?',
    'Did you mean uri?',
  ])
})

test('a long title is fine where AWS is not the measure', () => {
  assert.equal(load({ info: { title: 'T'.repeat(129) } }).stage?.apiName.length, 129)
})

test('what the options say is in the stage', () => {
  const { stage } = load({}, {}, { accountId: '123456789012', region: 'eu-central-1' })
  assert.equal(stage?.accountId, '123456789012')
  assert.equal(stage?.region, 'eu-central-1')
  assert.equal(stage?.revision, 7)
})

test('percent-encoding in a reference is undone, and what is none is left', () => {
  const { stage, problems } = load({
    paths: {
      '/b/{id}': { $ref: '#/x-items/of%20%7Bid%7D' },
      '/c': { $ref: '#/x-items/100%' },
      '/d': { $ref: '#/x-list/1' },
    },
    'x-items': { 'of {id}': { get: {} }, '100%': { put: {} } },
    'x-list': [{}, { post: {} }],
  })
  assert.deepEqual(problems, [])
  const routeKeys = stage?.routes.map(({ routeKey }) => routeKey)
  assert.deepEqual(routeKeys, ['GET /b/{id}', 'PUT /c', 'POST /d'])
})

test('what an operation asks for counts wherever a reference finds it', () => {
  const { problems } = load({
    paths: { '/a': { $ref: '#/x-items/a' } },
    'x-items': {
      a: {
        get: { security: [{ key: [] }] },
        put: { 'x-amazon-apigateway-auth': { type: 'CUSTOM' } },
      },
    },
  })
  const codes = problems.map(({ code }) => code)
  assert.deepEqual(codes, ['security-unenforced', 'authorizer-unsupported'])
})

test('a stage can be sent to another thread', () => {
  const { stage } = load(variables)
  assert.deepEqual(structuredClone(stage), stage)
})
