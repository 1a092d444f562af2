import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { limitsOf } from '../../domain/limits.ts'
import { type ExportOptions, exportHttpApi } from './export.ts'
import { httpApiDefinitions } from './http-api-definition.fake.ts'
import { type HttpApiImport, importHttpApi } from './open-api.ts'

function load(text: string, file = 'export.json'): HttpApiImport {
  const options = {
    profile: 'extended',
    limits: limitsOf('extended'),
    accountId: '000000000000',
    region: 'local',
    enforce: 'nothing',
  } as const
  return importHttpApi({ file, text }, options)
}

const JSON_WHOLE: ExportOptions = { includeExtensions: true, outputType: 'JSON' }

/** What a definition says, whatever its resources are called and in which order they stand. */
function essence({ sources: _, ...definition }: HttpApiDefinition): unknown {
  const integrations = new Map(
    definition.integrations.map(({ IntegrationId, ...rest }) => [IntegrationId, canonical(rest)]),
  )
  const authorizers = new Map(
    definition.authorizers.map(({ AuthorizerId, ...rest }) => [AuthorizerId, canonical(rest)]),
  )
  const sharers = (target: string | undefined) =>
    definition.routes
      .filter(({ Target }) => Target === target)
      .map(({ RouteKey }) => RouteKey)
      .sort()
  return {
    api: definition.api,
    integrations: [...integrations.values()].sort(),
    authorizers: [...authorizers.values()].sort(),
    models: definition.models
      .map(({ ModelId: _id, Schema, ...model }) =>
        canonical({ ...model, Schema: JSON.parse(Schema!) }),
      )
      .sort(),
    routes: definition.routes
      .map(({ RouteId: _id, Target, AuthorizerId, ...route }) =>
        canonical({
          ...route,
          integration: integrations.get(Target?.slice('integrations/'.length)),
          sharedWith: Target === undefined ? undefined : sharers(Target),
          authorizer: authorizers.get(AuthorizerId),
        }),
      )
      .sort(),
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  )
}

for (const [outputType, numRuns] of [
  ['JSON', 300],
  ['YAML', 100],
] as const) {
  test(`what was exported as ${outputType} is imported as the same API`, () => {
    fc.assert(
      fc.property(httpApiDefinitions, (definition) => {
        const text = exportHttpApi(definition, { includeExtensions: true, outputType })
        const { definition: again, problems } = load(text, `export.${outputType.toLowerCase()}`)
        const errors = problems.filter(({ severity }) => severity === 'error')
        assert.deepEqual(errors, [])
        assert.deepEqual(essence(again!), essence(definition))
      }),
      { numRuns: numRuns * 10 },
    )
  })
}

test('an export of what an export gave is the same text', () => {
  fc.assert(
    fc.property(httpApiDefinitions, (definition) => {
      const once = load(exportHttpApi(definition, JSON_WHOLE)).definition!
      const again = load(exportHttpApi(once, JSON_WHOLE)).definition!
      assert.deepEqual(essence(again), essence(once))
    }),
    { numRuns: 50 },
  )
})

const SMALL: HttpApiDefinition = {
  api: {
    Name: 'orders',
    DisableExecuteApiEndpoint: true,
    Tags: { team: 'shop' },
    CorsConfiguration: { AllowCredentials: false, AllowOrigins: ['https://shop.example'] },
  },
  routes: [
    {
      RouteKey: 'GET /orders/{id}',
      AuthorizationType: 'JWT',
      AuthorizerId: 'a',
      Target: 'integrations/i',
    },
    { RouteKey: '$default', AuthorizationType: 'AWS_IAM', Target: 'integrations/i' },
    { RouteKey: 'ANY /files/{proxy+}', AuthorizationType: 'JWT', AuthorizerId: 'gone' },
  ],
  integrations: [
    {
      IntegrationId: 'i',
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'ANY',
      IntegrationUri: 'https://orders.example',
    },
  ],
  authorizers: [
    {
      AuthorizerId: 'a',
      AuthorizerType: 'JWT',
      Name: 'people',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Audience: ['shop'], Issuer: 'https://issuer.example' },
    },
  ],
  models: [{ Name: 'Order', ContentType: 'application/json', Schema: '{"type": "object"}' }],
  sources: {},
}

test('the text is OpenAPI as ExportApi writes it', () => {
  const text = exportHttpApi(SMALL, {
    ...JSON_WHOLE,
    apiEndpoint: 'https://abcdefghij.execute-api.localhost:8443',
    stageName: 'beta',
    stageVariables: { host: 'a' },
  })
  assert.deepEqual(JSON.parse(text), {
    openapi: '3.0.1',
    info: { title: 'orders', version: '' },
    servers: [
      {
        url: 'https://abcdefghij.execute-api.localhost:8443/{basePath}',
        variables: { basePath: { default: 'beta' } },
        'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
      },
    ],
    tags: [{ name: 'team', 'x-amazon-apigateway-tag-value': 'shop' }],
    paths: {
      '/$default': {
        'x-amazon-apigateway-any-method': {
          isDefaultRoute: true,
          responses: { default: { description: 'Default response for $default' } },
          security: [{ sigv4: [] }],
          'x-amazon-apigateway-integration': {
            $ref: '#/components/x-amazon-apigateway-integrations/i',
          },
        },
      },
      '/files/{proxy+}': {
        'x-amazon-apigateway-any-method': {
          responses: { default: { description: 'Default response for ANY /files/{proxy+}' } },
          security: [{ gone: [] }],
        },
        parameters: [{ name: 'proxy+', in: 'path', required: true, schema: { type: 'string' } }],
      },
      '/orders/{id}': {
        get: {
          responses: { default: { description: 'Default response for GET /orders/{id}' } },
          security: [{ people: [] }],
          'x-amazon-apigateway-integration': {
            $ref: '#/components/x-amazon-apigateway-integrations/i',
          },
        },
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      },
    },
    components: {
      schemas: { Order: { type: 'object' } },
      securitySchemes: {
        people: {
          type: 'oauth2',
          flows: {},
          'x-amazon-apigateway-authorizer': {
            type: 'jwt',
            identitySource: '$request.header.Authorization',
            jwtConfiguration: { audience: ['shop'], issuer: 'https://issuer.example' },
          },
        },
        sigv4: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
      'x-amazon-apigateway-integrations': {
        i: { type: 'http_proxy', httpMethod: 'ANY', uri: 'https://orders.example' },
      },
    },
    'x-amazon-apigateway-cors': { allowCredentials: false, allowOrigins: ['https://shop.example'] },
    'x-amazon-apigateway-importexport-version': '1.0',
    'x-postern-stage': 'beta',
    'x-postern-stage-variables': { host: 'a' },
  })
})

test('a route whose authorizer is gone is not open after an import', () => {
  const { definition, problems } = load(exportHttpApi(SMALL, JSON_WHOLE))
  assert.equal(definition, undefined)
  assert.deepEqual(
    problems.map(({ code, pointer }) => [code, pointer]),
    [['security-unenforced', '/paths/~1files~1{proxy+}/x-amazon-apigateway-any-method/security']],
  )
})

test('without extensions, only methods that OpenAPI does not know need one', () => {
  const text = exportHttpApi(SMALL, { includeExtensions: false, outputType: 'JSON' })
  const extensions = new Set(text.match(/x-(?:amazon|postern)-[a-z-]+/g))
  assert.deepEqual([...extensions], ['x-amazon-apigateway-any-method'])
})

test('YAML and JSON say the same', () => {
  const yaml = exportHttpApi(SMALL, { ...JSON_WHOLE, outputType: 'YAML' })
  assert.deepEqual(parse(yaml), JSON.parse(exportHttpApi(SMALL, JSON_WHOLE)))
})

test('authorizers of one name stay two', () => {
  const twin = { ...SMALL.authorizers[0]!, AuthorizerId: 'b' }
  const routes = SMALL.routes.slice(0, 1)
  const text = exportHttpApi(
    { ...SMALL, routes, authorizers: [twin, ...SMALL.authorizers] },
    JSON_WHOLE,
  )
  const { definition } = load(text)
  const names = definition!.authorizers.map(({ Name }) => Name)
  assert.deepEqual(names, ['people', 'people-2'])
  assert.equal(definition!.routes[0]!.AuthorizerId, definition!.authorizers[1]!.AuthorizerId)
})
