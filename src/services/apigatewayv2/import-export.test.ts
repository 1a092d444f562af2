import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { ExportApiRequest } from '@aws-sdk/client-apigatewayv2'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { authorizerOperations } from './authorizer.ts'
import { deploymentOperations } from './deployment.ts'
import { importExportOperations } from './import-export.ts'
import { integrationOperations } from './integration.ts'
import { routeOperations } from './route.ts'
import { stageOperations } from './stage.ts'

const { ExportApi, ImportApi, ReimportApi } = importExportOperations
const NO_SUCH_API = 'nothere000'

function proxy(uri: string, more: object = {}) {
  return {
    'x-amazon-apigateway-integration': {
      type: 'http_proxy',
      httpMethod: 'GET',
      uri,
      payloadFormatVersion: '1.0',
    },
    responses: { default: { description: 'x' } },
    ...more,
  }
}

const OPEN_API = {
  openapi: '3.0.1',
  info: { title: 'pets', version: '2', description: 'all of them' },
  servers: [{ url: 'https://pets.example/v1/shop' }],
  'x-amazon-apigateway-cors': { allowOrigins: ['https://shop.example'] },
  paths: {
    '/pets': { get: proxy('https://pets.example/pets') },
    '/users': { get: proxy('https://pets.example/users', { security: [{ users: ['read'] }] }) },
  },
  components: {
    securitySchemes: {
      users: {
        type: 'oauth2',
        'x-amazon-apigateway-authorizer': {
          type: 'jwt',
          identitySource: '$request.header.Authorization',
          jwtConfiguration: { audience: ['pets'], issuer: 'https://issuer.example' },
        },
      },
      staff: {
        type: 'apiKey',
        name: 'Authorization',
        in: 'header',
        'x-amazon-apigateway-authorizer': {
          type: 'request',
          identitySource: '$request.header.Authorization',
          authorizerPayloadFormatVersion: '2.0',
          authorizerUri:
            'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:f/invocations',
        },
      },
    },
  },
}

const Body = JSON.stringify(OPEN_API)
let calls: ServiceCalls

beforeEach(() => {
  calls = new ServiceCalls()
})

async function routeKeys(ApiId: string | undefined): Promise<(string | undefined)[]> {
  const { Items } = await calls.call(routeOperations.GetRoutes, { ApiId })
  return Items!.map(({ RouteKey }) => RouteKey)
}

async function exported(ApiId: string | undefined, request: Partial<ExportApiRequest> = {}) {
  const { body } = await calls.call(ExportApi, {
    ApiId,
    Specification: 'OAS30',
    OutputType: 'JSON',
    ...request,
  })
  return Buffer.from(body!).toString()
}

describe('ImportApi', () => {
  test('makes an API of a definition, with what cannot be served yet', async () => {
    const Guarded = Body.replace('"security":[{"users":["read"]}]', '"security":[{"staff":[]}]')
    const made = await calls.call(ImportApi, { Body: Guarded })
    const { ApiId, ApiEndpoint } = made
    assert.match(ApiId!, /^[a-z0-9]{10}$/)
    assert.equal(made.Name, 'pets')
    assert.equal(made.Version, '2')
    assert.equal(made.Description, 'all of them')
    assert.equal(made.ProtocolType, 'HTTP')
    assert.deepEqual(made.CorsConfiguration?.AllowOrigins, ['https://shop.example'])
    assert.equal(ApiEndpoint, `http://${ApiId}.execute-api.eu-central-1.localhost:8080`)
    assert.equal(made.Warnings, undefined)
    assert.deepEqual(await routeKeys(ApiId), ['GET /pets', 'GET /users'])
    const { Items: authorizers } = await calls.call(authorizerOperations.GetAuthorizers, { ApiId })
    assert.equal(authorizers?.[0]?.Name, 'users')
    const info = made.ImportInfo?.join('\n') ?? ''
    assert.match(info, /no stage can serve it yet: route GET \/users: .*CUSTOM/)
    assert.doesNotMatch(info, /GET \/pets/)
    const { ImportInfo } = await calls.call(ImportApi, { Body })
    assert.equal(ImportInfo, undefined, 'tokens are checked')
  })

  test('resources are like those that single calls make', async () => {
    const { ApiId } = await calls.call(ImportApi, { Body })
    const { Items } = await calls.call(integrationOperations.GetIntegrations, { ApiId })
    const [{ IntegrationId, ...imported } = {}] = Items!
    const created = await calls.call(integrationOperations.CreateIntegration, {
      ApiId,
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'GET',
      IntegrationUri: 'https://pets.example/pets',
      PayloadFormatVersion: '1.0',
    })
    assert.deepEqual({ ...imported, IntegrationId: created.IntegrationId }, created)
    const { Items: routes } = await calls.call(routeOperations.GetRoutes, { ApiId })
    const Target = `integrations/${IntegrationId}`
    const route = await calls.call(routeOperations.CreateRoute, {
      ApiId,
      RouteKey: 'GET /x',
      Target,
    })
    const { RouteId, RouteKey } = route
    assert.deepEqual({ ...routes![0], RouteId, RouteKey }, route)
  })

  const bases: [string | undefined, string[]][] = [
    [undefined, ['GET /pets', 'GET /users']],
    ['ignore', ['GET /pets', 'GET /users']],
    ['prepend', ['GET /v1/shop/pets', 'GET /v1/shop/users']],
    ['split', ['GET /shop/pets', 'GET /shop/users']],
  ]
  for (const [Basepath, expected] of bases) {
    test(`base path ${Basepath}`, async () => {
      const { ApiId } = await calls.call(ImportApi, { Body, Basepath })
      assert.deepEqual(await routeKeys(ApiId), expected)
    })
  }

  test('tells about settings that only a stage has', async () => {
    const text = JSON.stringify({ ...OPEN_API, 'x-postern-stage-variables': { a: 'b' } })
    const { ImportInfo } = await calls.call(ImportApi, { Body: text })
    assert.match(ImportInfo?.[0] ?? '', /CreateStage/)
  })

  const wrong: [string, string, RegExp][] = [
    ['text that is no definition', 'pets', /Invalid OpenAPI input\.\nbody/],
    ['an integration without uri', Body.replaceAll('"uri"', '"url"'), /body:1:\d+: error: .*uri/],
  ]
  for (const [name, text, message] of wrong) {
    test(`refuses ${name}`, async () => {
      const attempt = calls.call(ImportApi, { Body: text })
      await assert.rejects(attempt, { code: 'BadRequestException', message })
      assert.equal(calls.store.revision, 0)
    })
  }

  test('refuses a base path that is no mode', async () => {
    await assert.rejects(calls.call(ImportApi, { Body, Basepath: 'drop' }), {
      code: 'BadRequestException',
      message: /drop/,
    })
  })

  test('warns, or fails on warnings', async () => {
    const cors = {
      allowOrigins: ['https://a.example'],
      allowMethods: ['*'],
      allowCredentials: true,
    }
    const text = JSON.stringify({ ...OPEN_API, 'x-amazon-apigateway-cors': cors })
    await assert.rejects(calls.call(ImportApi, { Body: text, FailOnWarnings: true }), {
      code: 'BadRequestException',
      message: /Warnings found during import:\nbody:1:\d+: warning: .*allowMethods/,
    })
    assert.equal(calls.store.revision, 0)
    const { Warnings } = await calls.call(ImportApi, { Body: text })
    assert.equal(Warnings?.length, 1)
  })
})

describe('ReimportApi', () => {
  test('replaces the draft and leaves stages alone', async () => {
    const { ApiId } = await calls.call(ImportApi, { Body })
    const before = await calls.call(routeOperations.GetRoutes, { ApiId })
    await calls.call(stageOperations.CreateStage, { ApiId, StageName: 'test' })
    const { '/pets': pets } = OPEN_API.paths
    const paths = { '/pets': pets, '/toys': { get: proxy('https://toys.example') } }
    const info = { title: 'toys', version: '3' }
    const text = JSON.stringify({ ...OPEN_API, info, paths })
    const { Name, Description } = await calls.call(ReimportApi, { ApiId, Body: text })
    assert.deepEqual([Name, Description], ['toys', undefined])
    assert.deepEqual(await routeKeys(ApiId), ['GET /pets', 'GET /toys'])
    const after = await calls.call(routeOperations.GetRoutes, { ApiId })
    assert.deepEqual(after.Items?.[0], before.Items?.[0])
    const { Items: stages } = await calls.call(stageOperations.GetStages, { ApiId })
    assert.equal(stages?.length, 1)
  })

  test('changes nothing when the definition is wrong, or the API is not there', async () => {
    const { ApiId } = await calls.call(ImportApi, { Body })
    const { revision } = calls.store
    await assert.rejects(calls.call(ReimportApi, { ApiId, Body: '{}' }), {
      code: 'BadRequestException',
    })
    await assert.rejects(calls.call(ReimportApi, { ApiId: NO_SUCH_API, Body }), {
      code: 'NotFoundException',
    })
    assert.equal(calls.store.revision, revision)
  })
})

describe('ExportApi', () => {
  for (const OutputType of ['JSON', 'YAML']) {
    test(`${OutputType} that is imported again gives the same export`, async () => {
      const { ApiId } = await calls.call(ImportApi, { Body })
      const request = { ApiId, Specification: 'OAS30', OutputType }
      const { contentType } = await calls.call(ExportApi, request)
      assert.equal(contentType, `application/${OutputType.toLowerCase()}`)
      const text = await exported(ApiId, { OutputType })
      const copy = await calls.call(ImportApi, { Body: text })
      assert.notEqual(copy.ApiId, ApiId)
      const again = await exported(copy.ApiId, { OutputType })
      assert.equal(again.replaceAll(copy.ApiId!, ApiId!), text)
    })
  }

  test('exports the draft, or what a stage serves', async () => {
    const { ApiId } = await calls.call(ImportApi, { Body })
    const { DeploymentId } = await calls.call(deploymentOperations.CreateDeployment, { ApiId })
    await calls.call(stageOperations.CreateStage, { ApiId, StageName: 'test', DeploymentId })
    const { Items } = await calls.call(routeOperations.GetRoutes, { ApiId })
    await calls.call(routeOperations.DeleteRoute, { ApiId, RouteId: Items![0]!.RouteId })
    const pathsOf = (text: string) => Object.keys(JSON.parse(text).paths)
    assert.deepEqual(pathsOf(await exported(ApiId)), ['/users'])
    assert.deepEqual(pathsOf(await exported(ApiId, { StageName: 'test' })), ['/pets', '/users'])
  })

  test('leaves extensions out', async () => {
    const { ApiId } = await calls.call(ImportApi, { Body })
    assert.match(await exported(ApiId), /x-amazon-apigateway-integration/)
    assert.doesNotMatch(await exported(ApiId, { IncludeExtensions: false }), /x-amazon/)
  })

  const wrong: [string, Partial<ExportApiRequest>, string, RegExp][] = [
    ['another specification', { Specification: 'OAS2' }, 'BadRequestException', /OAS30/],
    ['another form', { OutputType: 'XML' }, 'BadRequestException', /JSON or YAML/],
    ['another version', { ExportVersion: '2.0' }, 'BadRequestException', /1\.0/],
    ['an API that is not there', { ApiId: NO_SUCH_API }, 'NotFoundException', /API identifier/],
    ['a stage that is not there', { StageName: 'gone' }, 'NotFoundException', /Stage identifier/],
    ['a stage that serves nothing', { StageName: 'empty' }, 'BadRequestException', /no deployment/],
  ]
  for (const [name, request, code, message] of wrong) {
    test(`refuses ${name}`, async () => {
      const { ApiId } = await calls.call(apiOperations.CreateApi, {
        Name: 'pets',
        ProtocolType: 'HTTP',
      })
      await calls.call(stageOperations.CreateStage, { ApiId, StageName: 'empty' })
      await assert.rejects(exported(ApiId, request), { code, message })
    })
  }
})
