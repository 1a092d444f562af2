import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ENFORCEMENT, type MemberRule, refusalsOf } from './enforcement.ts'

type Table = keyof typeof ENFORCEMENT

const rows = Object.entries(ENFORCEMENT).flatMap(([table, rules]) =>
  Object.entries<MemberRule>(rules).map(([member, rule]) => ({ table, member, rule })),
)

/** Values that ask for something that Postern does not do. */
const REFUSED: [Table, object, RegExp][] = [
  ['Route', { ApiKeyRequired: true }, /API keys/],
  ['Route', { AuthorizationType: 'CUSTOM' }, /authorization by CUSTOM/],
  ['Route', { AuthorizationType: 'CUSTOM' }, /authorization by CUSTOM/],
  ['Route', { ModelSelectionExpression: '$request.body.x' }, /WebSocket/],
  ['Route', { RequestModels: { 'application/json': 'Pet' } }, /validated/],
  ['Route', { RequestParameters: { 'route.request.header.x': { Required: true } } }, /validated/],
  ['Route', { RouteResponseSelectionExpression: '$default' }, /WebSocket/],
  ['Authorizer', { AuthorizerCredentialsArn: 'arn:aws:iam::123456789012:role/r' }, /functions/],
  ['Authorizer', { AuthorizerPayloadFormatVersion: '2.0' }, /functions/],
  ['Authorizer', { AuthorizerResultTtlInSeconds: 0 }, /functions/],
  ['Authorizer', { AuthorizerType: 'REQUEST' }, /type REQUEST/],
  ['Authorizer', { AuthorizerUri: 'arn:aws:apigateway:x' }, /functions/],
  ['Authorizer', { EnableSimpleResponses: true }, /functions/],
  ['Authorizer', { IdentityValidationExpression: '^a' }, /pattern/],
  ['Integration', { ConnectionType: 'OTHER' }, /OTHER/],
  ['Integration', { ContentHandlingStrategy: 'CONVERT_TO_TEXT' }, /as they are/],
  ['Integration', { CredentialsArn: 'arn:aws:iam::123456789012:role/r' }, /signed/],
  ['Integration', { IntegrationResponseSelectionExpression: '$x' }, /WebSocket/],
  ['Integration', { IntegrationSubtype: 'SQS-SendMessage' }, /AWS services/],
  ['Integration', { IntegrationType: 'AWS_PROXY' }, /AWS_PROXY/],
  ['Integration', { IntegrationType: 'MOCK' }, /MOCK/],
  ['Integration', { PassthroughBehavior: 'NEVER' }, /PassthroughBehavior/],
  ['Integration', { PayloadFormatVersion: '3.0' }, /payload format 3.0/],
  ['Integration', { RequestTemplates: { 'application/json': '{}' } }, /transformed/],
  ['Integration', { TemplateSelectionExpression: '$x' }, /WebSocket/],
  ['Stage', { ClientCertificateId: 'abc123' }, /client certificates/],
  ['RouteSettings', { DataTraceEnabled: true }, /execution logs/],
  ['RouteSettings', { LoggingLevel: 'INFO' }, /execution logs/],
  ['Api', { ProtocolType: 'WEBSOCKET' }, /WEBSOCKET/],
]

describe('what is not enforced is refused', () => {
  for (const [table, resource, expected] of REFUSED) {
    test(`${table} ${JSON.stringify(resource)}`, () => {
      const [refusal, ...more] = refusalsOf(resource, ENFORCEMENT[table])
      assert.match(refusal ?? '', expected)
      assert.deepEqual(more, [])
    })
  }

  test('every rule that can refuse is tried here', () => {
    const tried = new Set(REFUSED.map(([table, resource]) => `${table}.${Object.keys(resource)}`))
    const untried = rows
      .filter(({ rule }) => rule.refusal !== undefined)
      .map(({ table, member }) => `${table}.${member}`)
      .filter((name) => !tried.has(name))
    assert.deepEqual(untried, [])
  })
})

test('what the service writes by itself passes', () => {
  const route = {
    ApiKeyRequired: false,
    AuthorizationScopes: [],
    AuthorizationType: 'NONE',
    RequestModels: {},
    RouteId: 'abc1234',
    RouteKey: 'GET /',
    Target: 'integrations/abc1234',
  }
  const integration = {
    ConnectionType: 'INTERNET',
    IntegrationId: 'abc1234',
    IntegrationMethod: 'ANY',
    IntegrationType: 'HTTP_PROXY',
    IntegrationUri: 'https://example.com',
    PayloadFormatVersion: '1.0',
    TimeoutInMillis: 30000,
  }
  const guarded = { ...route, AuthorizationScopes: ['read'], AuthorizationType: 'JWT' }
  const authorizer = {
    AuthorizerId: 'abc123',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Audience: ['shop'], Issuer: 'https://issuer.example' },
    Name: 'login',
  }
  assert.deepEqual(refusalsOf(route, ENFORCEMENT.Route), [])
  assert.deepEqual(refusalsOf(guarded, ENFORCEMENT.Route), [])
  assert.deepEqual(refusalsOf(authorizer, ENFORCEMENT.Authorizer), [])
  assert.deepEqual(refusalsOf(integration, ENFORCEMENT.Integration), [])
})

test('a member that nobody has decided about refuses', () => {
  const [refusal] = refusalsOf({ RouteKey: 'GET /', Sandbox: 'on' }, ENFORCEMENT.Route)
  assert.match(refusal ?? '', /Sandbox is unknown/)
})

test('a member named like one of Object is no exception', () => {
  const resource = JSON.parse('{"constructor": 1, "__proto__": 1}') as object
  assert.equal(refusalsOf(resource, ENFORCEMENT.Route).length, 2)
})

test('every row says something, and refused ones refuse', () => {
  for (const { table, member, rule } of rows) {
    assert.ok(rule.description.length > 10, `${table}.${member}`)
    if (rule.fate === 'refused') assert.ok(rule.refusal, `${table}.${member}`)
    if (rule.fate === 'harmless') assert.equal(rule.refusal, undefined, `${table}.${member}`)
  }
})
