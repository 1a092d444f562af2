import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Authorizer } from '@aws-sdk/client-apigatewayv2'
import fc from 'fast-check'
import { httpApiDefinitions } from '../../../definitions/open-api/http-api-definition.fake.ts'
import { importHttpApi, importOpenApi } from '../../../definitions/open-api/open-api.ts'
import type { HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import { limitsOf } from '../../../domain/limits.ts'
import type { StageRecord } from '../records.ts'
import { definitionRefusals, stageDocument } from './stage-document.ts'

const SCOPE = { accountId: '123456789012', region: 'eu-central-1' }
const STAGE: StageRecord = { StageName: '$default', DeploymentId: 'abc123', servedRevision: 7 }

const ROUTE = {
  ApiKeyRequired: false,
  AuthorizationType: 'NONE',
  RouteId: 'route01',
  RouteKey: 'GET /pets/{id}',
  Target: 'integrations/integr1',
} as const
const INTEGRATION = {
  ConnectionType: 'INTERNET',
  IntegrationId: 'integr1',
  IntegrationMethod: 'ANY',
  IntegrationType: 'HTTP_PROXY',
  IntegrationUri: 'https://pets.example/{id}',
  PayloadFormatVersion: '1.0',
  TimeoutInMillis: 29_000,
} as const
const DEFINITION: HttpApiDefinition = {
  api: { Name: 'pets', DisableExecuteApiEndpoint: false },
  routes: [ROUTE],
  integrations: [INTEGRATION],
  authorizers: [],
  models: [],
  sources: {},
}

const JWT_ROUTE = { AuthorizationType: 'JWT', AuthorizerId: 'login1' } as const
const LOGIN: Authorizer = {
  AuthorizerId: 'login1',
  AuthorizerType: 'JWT',
  IdentitySource: ['$request.header.Authorization'],
  JwtConfiguration: { Audience: ['shop'], Issuer: 'https://issuer.example' },
  Name: 'login',
}

/** The route needs a token. */
function guarded(authorizer: Partial<Authorizer> = {}): Changes {
  const other = { ...LOGIN, AuthorizerId: 'other1', Name: 'other' }
  const authorizers = [other, { ...LOGIN, ...authorizer }]
  return { route: JWT_ROUTE, definition: { authorizers } }
}

interface Changes {
  readonly definition?: Partial<HttpApiDefinition>
  readonly route?: object
  readonly integration?: object
  readonly stage?: Partial<StageRecord>
}

function documentOf({ definition, route, integration, stage }: Changes) {
  return stageDocument({
    scope: SCOPE,
    apiId: 'abcdefghij',
    apiName: 'pets',
    definition: {
      ...DEFINITION,
      routes: [{ ...ROUTE, ...route }],
      integrations: [{ ...INTEGRATION, ...integration }],
      ...definition,
    },
    stage: { ...STAGE, ...stage },
    limits: limitsOf('aws'),
  })
}

function served(changes: Changes) {
  const made = documentOf(changes)
  assert.ok(made.kind === 'document', JSON.stringify(made))
  return made.document
}

function refused(changes: Changes): readonly string[] {
  const made = documentOf(changes)
  assert.ok(made.kind === 'refused', 'it is served')
  return made.reasons
}

test('a plain stage', () => {
  assert.deepEqual(served({}), {
    protocolType: 'HTTP',
    apiId: 'abcdefghij',
    apiName: 'pets',
    accountId: '123456789012',
    region: 'eu-central-1',
    stageName: '$default',
    stageVariables: {},
    deploymentId: 'abc123',
    revision: 7,
    disableExecuteApiEndpoint: false,
    detailedMetricsEnabled: false,
    routes: [{ routeKey: 'GET /pets/{id}', integrationId: 'integr1' }],
    integrations: {
      integr1: {
        integrationId: 'integr1',
        integrationType: 'HTTP_PROXY',
        integrationMethod: 'ANY',
        integrationUri: 'https://pets.example/{id}',
        timeoutInMillis: 29_000,
        requestParameters: {},
        responseParameters: {},
      },
    },
  })
})

test('everything that is served arrives', () => {
  const document = served({
    definition: {
      api: {
        Name: 'pets',
        DisableExecuteApiEndpoint: true,
        CorsConfiguration: { AllowOrigins: ['https://shop.example'], MaxAge: 60 },
      },
      sources: { route01: 'pets.yaml:3', integr1: 'pets.yaml:5' },
    },
    route: { OperationName: 'getPet' },
    integration: {
      RequestParameters: { 'append:header.x': '$request.path.id' },
      ResponseParameters: { '200': { 'remove:header.y': "''" } },
      TlsConfig: { ServerNameToVerify: 'pets.internal', InsecureSkipVerification: true },
    },
    stage: {
      StageName: 'test',
      StageVariables: { a: 'b' },
      DefaultRouteSettings: { DetailedMetricsEnabled: true },
      AccessLogSettings: { DestinationArn: 'arn:aws:logs:x', Format: '$context.requestId\n' },
    },
  })
  assert.equal(document.stageName, 'test')
  assert.equal(document.disableExecuteApiEndpoint, true)
  assert.equal(document.detailedMetricsEnabled, true)
  assert.deepEqual(document.stageVariables, { a: 'b' })
  assert.deepEqual(document.accessLogSettings, {
    format: '$context.requestId',
    destinationArn: 'arn:aws:logs:x',
  })
  assert.deepEqual(document.corsConfiguration, {
    allowOrigins: ['https://shop.example'],
    allowMethods: [],
    allowHeaders: [],
    exposeHeaders: [],
    allowCredentials: false,
    maxAge: 60,
  })
  assert.deepEqual(document.routes, [
    {
      routeKey: 'GET /pets/{id}',
      integrationId: 'integr1',
      operationName: 'getPet',
      source: 'pets.yaml:3',
    },
  ])
  const integration = document.integrations['integr1']
  assert.equal(integration?.source, 'pets.yaml:5')
  assert.deepEqual(integration?.tlsConfig, {
    serverNameToVerify: 'pets.internal',
    insecureSkipVerification: true,
  })
  assert.deepEqual(integration?.requestParameters, { 'append:header.x': '$request.path.id' })
  assert.deepEqual(integration?.responseParameters, { '200': { 'remove:header.y': "''" } })
})

test('a guarded route arrives with its authorizer, and no authorizer that nobody uses', () => {
  const { routes, authorizers } = served({
    ...guarded(),
    route: { ...JWT_ROUTE, AuthorizationScopes: ['read'] },
  })
  assert.deepEqual(routes[0]?.authorization, {
    authorizationType: 'JWT',
    authorizerId: 'login1',
    scopes: ['read'],
  })
  assert.deepEqual(authorizers, {
    login1: {
      authorizerId: 'login1',
      authorizerType: 'JWT',
      name: 'login',
      identitySource: '$request.header.Authorization',
      issuer: 'https://issuer.example',
      audience: ['shop'],
    },
  })
})

describe('reasons name the place and the fault', () => {
  const cases: [string, Changes, RegExp][] = [
    ['a route', { route: { AuthorizationType: 'CUSTOM' } }, /^route GET \/pets\/\{id\}: .*CUSTOM/],
    [
      'an authorizer that is not there',
      guarded({ AuthorizerId: 'gone01' }),
      /^route GET \/pets\/\{id\}: authorizer login1 does not exist/,
    ],
    [
      'an authorizer of another type',
      guarded({ AuthorizerType: 'REQUEST' }),
      /authorizer login: authorizers of the type REQUEST/,
    ],
    ['no audience', guarded({ JwtConfiguration: { Issuer: 'https://a.example' } }), /no audience/],
    [
      'an issuer that anybody can speak for',
      guarded({ JwtConfiguration: { Issuer: 'http://a.example', Audience: ['shop'] } }),
      /Invalid issuer: http:\/\/a\.example/,
    ],
    [
      'two places of a token',
      guarded({ IdentitySource: ['$request.header.a', 'b'] }),
      /exactly one/,
    ],
    [
      'too many scopes',
      { ...guarded(), route: { ...JWT_ROUTE, AuthorizationScopes: Array(11).fill('a') } },
      /more than 10 authorization scopes/,
    ],
    ['a target', { route: { Target: undefined } }, /^route GET .*: it has no target/],
    ['no integration', { route: { Target: 'integrations/gone' } }, /integrations\/gone does not/],
    ['a type', { integration: { IntegrationType: 'AWS_PROXY' } }, /^route GET .*AWS_PROXY/],
    ['a TLS member', { integration: { TlsConfig: { Pinned: 'x' } } }, /Pinned is unknown/],
    [
      'a server name',
      { integration: { TlsConfig: { ServerNameToVerify: '' } } },
      /ServerNameToVerify/,
    ],
    [
      'credentials for every origin',
      {
        definition: {
          api: { Name: 'p', CorsConfiguration: { AllowOrigins: ['*'], AllowCredentials: true } },
        },
      },
      /^API p: allow-credentials.*\(CorsConfiguration\)/,
    ],
    ['a URI', { integration: { IntegrationUri: 'ftp://x' } }, /^route GET .*http/],
    ['no URI', { integration: { IntegrationUri: undefined } }, /no IntegrationUri/],
    ['a path variable', { integration: { IntegrationUri: 'http://x/{name}' } }, /\{name\}/],
    [
      'a stage variable',
      { integration: { IntegrationUri: 'http://${stageVariables.host}/' } },
      /stage variable host/,
    ],
    ['a method', { integration: { IntegrationMethod: 'BREW' } }, /BREW/],
    ['a timeout', { integration: { TimeoutInMillis: 31_000 } }, /31000; .* 50 to 30000/],
    [
      'a request mapping',
      { integration: { RequestParameters: { 'append:header.x': '$request.nothing' } } },
      /append:header\.x: /,
    ],
    [
      'a response mapping',
      { integration: { ResponseParameters: { '200': { 'append:header.x': '$nothing.y' } } } },
      /append:header\.x: /,
    ],
    ['a status', { integration: { ResponseParameters: { '99': {} } } }, /99 is not a status/],
    [
      'metrics of a route',
      { stage: { RouteSettings: { 'GET /x': { DetailedMetricsEnabled: true } } } },
      /whole stage/,
    ],
    ['an access log', { stage: { AccessLogSettings: { Format: '$context.nope' } } }, /access log/],
    [
      'the API',
      { definition: { api: { Name: 'pets', Sandbox: 1 } as HttpApiDefinition['api'] } },
      /^API pets: Sandbox/,
    ],
  ]
  for (const [name, changes, expected] of cases) {
    test(name, () => {
      const reasons = refused(changes)
      assert.equal(reasons.length, 1, reasons.join('\n'))
      assert.match(reasons[0]!, expected)
    })
  }
})

test('an integration that several routes share is told for each of them', () => {
  const shared = (integration: object) =>
    refused({
      definition: {
        routes: [ROUTE, { ...ROUTE, RouteKey: 'GET /pets' }],
        integrations: [{ ...INTEGRATION, ...integration }],
      },
    })
  const told = shared({ TimeoutInMillis: 1 })
  assert.deepEqual(
    told.map((reason) => reason.slice(0, reason.indexOf(': '))),
    ['route GET /pets/{id}', 'route GET /pets'],
  )
  assert.match(shared({}).join(), /^route GET \/pets: the integration URI uses \{id\}/)
})

test('all reasons are told at once', () => {
  const reasons = refused({
    route: { ApiKeyRequired: true, AuthorizationType: 'CUSTOM' },
    integration: { TimeoutInMillis: 1 },
    stage: { ClientCertificateId: 'abc123' },
  })
  assert.equal(reasons.length, 4)
})

describe('limits', () => {
  const own = (ThrottlingRateLimit?: number, ThrottlingBurstLimit?: number) => ({
    ...(ThrottlingRateLimit === undefined ? {} : { ThrottlingRateLimit }),
    ...(ThrottlingBurstLimit === undefined ? {} : { ThrottlingBurstLimit }),
  })
  const limit = (ratePerSecond: number, burst: number) => ({ ratePerSecond, burst })
  const metrics = { DetailedMetricsEnabled: false }
  const cases = [
    ['none', {}, {}, undefined, undefined],
    ['other settings only', metrics, metrics, undefined, undefined],
    ['of the stage', own(5, 10), {}, limit(5, 10), undefined],
    ['of the route', {}, own(1, 2), undefined, limit(1, 2)],
    ['of both', own(5, 10), own(1, 2), limit(5, 10), limit(1, 2)],
    ['a rate only: the burst of the account', own(5), {}, limit(5, 5_000), undefined],
    ['a burst only: the rate of the account', own(undefined, 7), {}, limit(10_000, 7), undefined],
    [
      'of a route, by halves: the rest of the stage',
      own(5, 10),
      own(1),
      limit(5, 10),
      limit(1, 10),
    ],
    ['of a route, by quarters', own(5), own(undefined, 3), limit(5, 5_000), limit(5, 3)],
    ['zero', own(0, 0), own(0), limit(0, 0), limit(0, 0)],
  ] as const
  for (const [name, DefaultRouteSettings, settings, ofStage, ofRoute] of cases) {
    test(name, () => {
      const RouteSettings = { 'GET /pets/{id}': settings, 'GET /gone': own(1, 1) }
      const { throttle, routes } = served({ stage: { DefaultRouteSettings, RouteSettings } })
      assert.deepEqual([throttle, routes[0]?.throttle], [ofStage, ofRoute])
    })
  }
})

test('stage variables fill in what is checked', () => {
  const integration = { IntegrationUri: 'http://${stageVariables.host}/' }
  assert.equal(
    documentOf({ integration, stage: { StageVariables: { host: 'a.example' } } }).kind,
    'document',
  )
})

test('integrations that no route uses are not asked for anything', () => {
  const lambda = { IntegrationId: 'lambda1', IntegrationType: 'AWS_PROXY' } as const
  const document = served({ definition: { integrations: [INTEGRATION, lambda] } })
  assert.deepEqual(Object.keys(document.integrations), ['integr1'])
})

test('what a definition asks for can be told without a stage', () => {
  const limits = limitsOf('aws')
  const types = ['CUSTOM', 'JWT'] as const
  const routes = types.map((AuthorizationType) => ({ ...ROUTE, AuthorizationType }))
  const [custom, jwt] = definitionRefusals({ ...DEFINITION, routes }, limits)
  assert.match(custom ?? '', /^route GET .*CUSTOM/)
  assert.match(jwt ?? '', /^route GET .*authorizer undefined does not exist/)
  assert.deepEqual(definitionRefusals(DEFINITION, limits), [])
})

test('any definition is served whole with its guards, or refused', () => {
  const outcomes = new Set<string>()
  const property = fc.property(httpApiDefinitions, (definition) => {
    const stage = { StageVariables: { host: 'a.example' } }
    const made = documentOf({ definition, stage })
    outcomes.add(made.kind)
    if (made.kind === 'refused') return assert.ok(made.reasons.length > 0)
    const { routes, integrations, authorizers } = made.document
    for (const [i, { AuthorizationType: type, AuthorizerId }] of definition.routes.entries()) {
      const { authorization } = routes[i]!
      assert.notEqual(type, 'CUSTOM', 'it is not enforced')
      assert.equal(authorization?.authorizationType ?? 'NONE', type)
      if (authorization?.authorizationType !== 'JWT') continue
      assert.equal(authorization.authorizerId, AuthorizerId)
      assert.equal(authorizers?.[AuthorizerId!]?.authorizerType, 'JWT')
    }
    assert.deepEqual(
      routes.map(({ routeKey }) => routeKey),
      definition.routes.map(({ RouteKey }) => RouteKey),
    )
    for (const { integrationId } of routes) {
      const written = definition.integrations.find((each) => each.IntegrationId === integrationId)
      assert.equal(written?.IntegrationType, 'HTTP_PROXY')
      const { integrationUri, vpcLinkId, listenerArn } = integrations[integrationId]!
      assert.equal(
        vpcLinkId,
        written.ConnectionType === 'VPC_LINK' ? written.ConnectionId : undefined,
      )
      assert.equal(listenerArn ?? integrationUri, written.IntegrationUri)
    }
  })
  fc.assert(property, { numRuns: 150 })
  assert.deepEqual([...outcomes].sort(), ['document', 'refused'])
})

const OPEN_API = JSON.stringify({
  openapi: '3.0.1',
  info: { title: 'pets', version: '1' },
  'x-amazon-apigateway-cors': { allowOrigins: ['https://shop.example'], allowMethods: ['GET'] },
  'x-postern-stage-variables': { host: 'pets.example' },
  paths: {
    '/pets/{id}': {
      get: {
        operationId: 'getPet',
        'x-amazon-apigateway-integration': {
          type: 'http_proxy',
          httpMethod: 'GET',
          uri: 'https://${stageVariables.host}/{id}',
          payloadFormatVersion: '1.0',
          requestParameters: { 'append:header.x-id': '$request.path.id' },
          tlsConfig: { insecureSkipVerification: true },
        },
      },
    },
  },
})

test('a definition file becomes the same document on both ways', () => {
  const options = { profile: 'aws', limits: limitsOf('aws'), ...SCOPE } as const
  const source = { file: 'pets.json', text: OPEN_API }
  const { stage: direct } = importOpenApi(source, { ...options, revision: 7 })
  const { definition, stage } = importHttpApi(source, { ...options, enforce: 'everything' })
  assert.ok(direct !== undefined && definition !== undefined)
  const made = stageDocument({
    scope: SCOPE,
    apiId: direct.apiId,
    apiName: 'pets',
    definition,
    stage: { ...STAGE, ...stage, DeploymentId: direct.deploymentId },
    limits: options.limits,
  })
  assert.deepEqual(made, { kind: 'document', document: direct })
})
