import assert from 'node:assert/strict'
import test from 'node:test'
import { REST_JSON } from '../../aws/rest-json.ts'
import { readApiGatewayV2Model } from './service-model.ts'

const model = readApiGatewayV2Model()

test('every operation is there, and every number but the one rate is whole', () => {
  assert.equal(Object.keys(model.operations).length, 103)
  const doubles = Object.entries(model.shapes).flatMap(([name, { members }]) =>
    Object.entries(members).flatMap(([member, { type }]) =>
      type.kind === 'double' ? [`${name}.${member}`] : [],
    ),
  )
  assert.deepEqual(doubles, ['RouteSettings.ThrottlingRateLimit'])
})

/** The sentence of the first violation; undefined: the input is allowed. */
function violation(operation: string, input: object): string | undefined {
  const request = REST_JSON.encodeRequest(model, operation, input)
  try {
    REST_JSON.decodeRequest(model, operation, { request, labels: { ApiId: 'a', StageName: 's' } })
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/^.*?failed to satisfy constraint: /, '')
  }
}

test('lengths, ranges and patterns at their edges', () => {
  const api = { ProtocolType: 'HTTP' }
  const integration = { ApiId: 'a', IntegrationType: 'HTTP_PROXY' }
  const authorizer = { ApiId: 'a', AuthorizerType: 'REQUEST', IdentitySource: [], Name: 'n' }
  const cors = (MaxAge: number): object => ({ ...api, Name: 'n', CorsConfiguration: { MaxAge } })
  const variables = (StageVariables: object): object => ({
    ApiId: 'a',
    StageName: 's',
    StageVariables,
  })
  const length = (than: string): string => `Member must have length ${than}`
  const mapKeys = (rule: string): string => `Map keys must satisfy constraint: [${rule}]`
  const value = (than: string): string => `Member must have value ${than}`
  const cases: [string, object, string | undefined][] = [
    ['CreateApi', { ...api, Name: '😀'.repeat(128) }, undefined],
    ['CreateApi', { ...api, Name: 'n'.repeat(129) }, length('less than or equal to 128')],
    ['CreateApi', { ...api, Name: '' }, length('greater than or equal to 1')],
    ['CreateApi', { ...api, Name: 'n', Description: '' }, undefined],
    [
      'CreateApi',
      { ...api, Name: 'n', Tags: { ['k'.repeat(129)]: 'v' } },
      mapKeys(length('less than or equal to 128')),
    ],
    ['CreateApi', cors(-1), undefined],
    ['CreateApi', cors(86_400), undefined],
    ['CreateApi', cors(-2), value('greater than or equal to -1')],
    ['CreateApi', cors(86_401), value('less than or equal to 86400')],
    ['UpdateApi', { ApiId: 'a', Version: '', Target: '' }, undefined],
    ['UpdateApi', { ApiId: 'a', Name: '' }, length('greater than or equal to 1')],
    ['CreateIntegration', { ...integration, TimeoutInMillis: 50 }, undefined],
    ['CreateIntegration', { ...integration, TimeoutInMillis: 300_000 }, undefined],
    [
      'CreateIntegration',
      { ...integration, TimeoutInMillis: 49 },
      value('greater than or equal to 50'),
    ],
    ['CreateAuthorizer', { ...authorizer, AuthorizerResultTtlInSeconds: 3_600 }, undefined],
    [
      'CreateAuthorizer',
      { ...authorizer, AuthorizerResultTtlInSeconds: 3_601 },
      value('less than or equal to 3600'),
    ],
    ['CreateStage', { ApiId: 'a', StageName: '$default' }, undefined],
    ['CreateStage', { ApiId: 'a', StageName: 'dev-1_x' }, undefined],
    [
      'CreateStage',
      { ApiId: 'a', StageName: 'a b' },
      'Member must satisfy regular expression pattern: \\$default|[A-Za-z0-9_-]+',
    ],
    [
      'CreateStage',
      variables({ 'a-b': 'v' }),
      'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [A-Za-z0-9_]+]',
    ],
    ['CreateStage', variables({ host: 'https://a.example:8080/x?y=1&z=,#' }), undefined],
    [
      'CreateStage',
      variables({ host: '' }),
      'Map value must satisfy constraint: [Member must satisfy regular expression pattern: [A-Za-z0-9\\-._~:/?#&=,]+]',
    ],
    ['UpdateStage', variables({ host: '' }), undefined],
    [
      'UpdateStage',
      variables({ host: 'a b' }),
      'Map value must satisfy constraint: [Member must satisfy regular expression pattern: (?:[A-Za-z0-9\\-._~:/?#&=,]+)?]',
    ],
  ]
  for (const [operation, input, expected] of cases) {
    assert.equal(violation(operation, input), expected, `${operation} ${JSON.stringify(input)}`)
  }
})
