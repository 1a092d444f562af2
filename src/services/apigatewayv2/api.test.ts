import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateApiRequest, UpdateApiRequest } from '@aws-sdk/client-apigatewayv2'
import { limitsOf } from '../../domain/limits.ts'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { integrationOperations } from './integration.ts'
import { routeOperations } from './route.ts'
import { stageOperations } from './stage.ts'

const HTTP = { Name: 'shop', ProtocolType: 'HTTP' } as const
const { CreateApi, GetApi, GetApis, UpdateApi, DeleteApi, DeleteCorsConfiguration } = apiOperations

test('a new HTTP API answers with exactly the members that AWS has', async () => {
  const calls = new ServiceCalls()
  const { ApiId, ...api } = await calls.call(CreateApi, HTTP)
  assert.match(ApiId!, /^[a-z0-9]{10}$/)
  assert.deepEqual(api, {
    ApiEndpoint: `http://${ApiId}.execute-api.eu-central-1.localhost:8080`,
    ApiKeySelectionExpression: '$request.header.x-api-key',
    CreatedDate: new Date('2026-11-22T12:34:56.000Z'),
    DisableExecuteApiEndpoint: false,
    IpAddressType: 'ipv4',
    Name: 'shop',
    ProtocolType: 'HTTP',
    RouteSelectionExpression: '$request.method $request.path',
    Tags: {},
  })
  assert.deepEqual(await calls.call(GetApi, { ApiId }), { ApiId, ...api })
})

const REFUSED: readonly [CreateApiRequest, RegExp][] = [
  [{ Name: 'chat', ProtocolType: 'WEBSOCKET' }, /WebSocket APIs are not supported yet/],
  [{ ...HTTP, RouteSelectionExpression: '$request.body.action' }, /Invalid route selection/],
  [{ ...HTTP, ApiKeySelectionExpression: '$request.header.key' }, /Invalid API key selection/],
  [{ ...HTTP, DisableSchemaValidation: true }, /not supported for HTTP APIs/],
  [{ ...HTTP, RouteKey: 'GET /' }, /needs a Target/],
  [{ ...HTTP, Tags: { 'aws:owner': 'me' } }, /reserved/],
  [{ ...HTTP, CorsConfiguration: { AllowOrigins: ['shop.example'] } }, /is not an origin/],
  [{ ...HTTP, Target: 'shop.example' }, /Invalid HTTP endpoint specified for URI/],
  [{ ...HTTP, Target: 'arn:aws:sqs:eu-central-1:1:q' }, /Lambda function/],
  [{ ...HTTP, Target: 'http://origin.example', RouteKey: 'GET' }, /not formatted properly/],
]

for (const [request, message] of REFUSED) {
  test(`CreateApi refuses ${JSON.stringify(request)} and leaves nothing behind`, async () => {
    const calls = new ServiceCalls()
    await assert.rejects(calls.call(CreateApi, request), { code: 'BadRequestException', message })
    assert.equal(calls.store.revision, 0)
  })
}

test('both spellings of the route selection expression are taken and kept', async () => {
  const calls = new ServiceCalls()
  const RouteSelectionExpression = '${request.method} ${request.path}'
  const api = await calls.call(CreateApi, { ...HTTP, RouteSelectionExpression })
  assert.equal(api.RouteSelectionExpression, RouteSelectionExpression)
})

test('quick create to an address makes a managed proxy, a default route and a stage', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(CreateApi, { ...HTTP, Target: 'https://origin.example/v1' })
  const [integration] = (await calls.call(integrationOperations.GetIntegrations, { ApiId })).Items!
  const [route] = (await calls.call(routeOperations.GetRoutes, { ApiId })).Items!
  const [stage] = (await calls.call(stageOperations.GetStages, { ApiId })).Items!
  const { IntegrationId } = integration!
  assert.deepEqual(integration, {
    ApiGatewayManaged: true,
    ConnectionType: 'INTERNET',
    IntegrationId,
    IntegrationMethod: 'ANY',
    IntegrationType: 'HTTP_PROXY',
    IntegrationUri: 'https://origin.example/v1',
    PayloadFormatVersion: '1.0',
    TimeoutInMillis: 30_000,
  })
  assert.deepEqual(route, {
    ApiGatewayManaged: true,
    ApiKeyRequired: false,
    AuthorizationType: 'NONE',
    RouteId: route!.RouteId,
    RouteKey: '$default',
    Target: `integrations/${IntegrationId}`,
  })
  assert.equal(stage!.StageName, '$default')
  assert.equal(stage!.AutoDeploy, true)
  assert.equal(stage!.ApiGatewayManaged, true)
})

test('quick create to a function makes a Lambda integration in format 2.0', async () => {
  const calls = new ServiceCalls()
  const Target = 'arn:aws:lambda:eu-central-1:123456789012:function:orders'
  const CredentialsArn = 'arn:aws:iam::123456789012:role/gateway'
  const request = { ...HTTP, Target, RouteKey: 'GET /orders', CredentialsArn }
  const { ApiId } = await calls.call(CreateApi, request)
  const [integration] = (await calls.call(integrationOperations.GetIntegrations, { ApiId })).Items!
  assert.equal(integration!.IntegrationType, 'AWS_PROXY')
  assert.equal(integration!.PayloadFormatVersion, '2.0')
  assert.equal(integration!.IntegrationUri, Target)
  assert.equal(integration!.CredentialsArn, CredentialsArn)
  const [route] = (await calls.call(routeOperations.GetRoutes, { ApiId })).Items!
  assert.equal(route!.RouteKey, 'GET /orders')
})

test('what quick create has made changes through UpdateApi', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(CreateApi, { ...HTTP, Target: 'http://one.example' })
  await calls.call(UpdateApi, { ApiId, Target: 'http://two.example', RouteKey: 'ANY /{proxy+}' })
  const [integration] = (await calls.call(integrationOperations.GetIntegrations, { ApiId })).Items!
  const [route] = (await calls.call(routeOperations.GetRoutes, { ApiId })).Items!
  assert.equal(integration!.IntegrationUri, 'http://two.example')
  assert.equal(integration!.IntegrationMethod, 'ANY')
  assert.equal(route!.RouteKey, 'ANY /{proxy+}')
  const function_ = 'arn:aws:lambda:eu-central-1:123456789012:function:orders'
  await calls.call(UpdateApi, { ApiId, Target: function_ })
  const [turned] = (await calls.call(integrationOperations.GetIntegrations, { ApiId })).Items!
  assert.equal(turned!.IntegrationType, 'AWS_PROXY')
  assert.equal(turned!.IntegrationMethod, 'POST')
})

test('an API that was not made by quick create has no target to change', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(CreateApi, HTTP)
  const update = calls.call(UpdateApi, { ApiId, Target: 'http://two.example' })
  await assert.rejects(update, { code: 'BadRequestException', message: /no managed integration/ })
})

test('an update leaves alone what it does not name and takes away what it empties', async () => {
  const calls = new ServiceCalls()
  const settings = { Description: 'old', Version: '1', Tags: { team: 'shop' } }
  const { ApiId, ...before } = await calls.call(CreateApi, { ...HTTP, ...settings })
  const request: UpdateApiRequest = { ApiId, Description: '', DisableExecuteApiEndpoint: true }
  const after = await calls.call(UpdateApi, request)
  const { Description: _, ...kept } = before
  assert.deepEqual(after, { ApiId, ...kept, DisableExecuteApiEndpoint: true })
  assert.deepEqual(await calls.call(GetApi, { ApiId }), after)
})

test('CORS is replaced as a whole, and deleted', async () => {
  const calls = new ServiceCalls()
  const first = { AllowOrigins: ['https://shop.example'], AllowMethods: ['get'], MaxAge: 60 }
  const { ApiId, CorsConfiguration } = await calls.call(CreateApi, {
    ...HTTP,
    CorsConfiguration: first,
  })
  assert.deepEqual(CorsConfiguration, { AllowCredentials: false, ...first, AllowMethods: ['GET'] })
  const second = { AllowOrigins: ['*'] }
  const updated = await calls.call(UpdateApi, { ApiId, CorsConfiguration: second })
  assert.deepEqual(updated.CorsConfiguration, { AllowCredentials: false, ...second })
  await calls.call(DeleteCorsConfiguration, { ApiId })
  assert.equal((await calls.call(GetApi, { ApiId })).CorsConfiguration, undefined)
})

test('deleting an API deletes everything below it, and nothing beside it', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(CreateApi, { ...HTTP, Target: 'http://one.example' })
  const other = await calls.call(CreateApi, { ...HTTP, Target: 'http://two.example' })
  await calls.call(DeleteApi, { ApiId })
  await calls.store.read(async (reader) => {
    for (const kind of ['route', 'integration', 'stage', 'api']) {
      const parent = kind === 'api' ? '' : ApiId!
      const { records } = await reader.in(TEST_SCOPE).list(kind, parent)
      assert.equal(records.length, kind === 'api' ? 1 : 0, kind)
    }
  })
  assert.equal(
    (await calls.call(routeOperations.GetRoutes, { ApiId: other.ApiId })).Items!.length,
    1,
  )
  const missing = {
    code: 'NotFoundException',
    message: `Invalid API identifier specified 123456789012:${ApiId}`,
  }
  await assert.rejects(calls.call(GetApi, { ApiId }), missing)
  await assert.rejects(calls.call(DeleteApi, { ApiId }), missing)
})

test('an API that a domain name leads to cannot be deleted', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(CreateApi, HTTP)
  await calls.write(async ({ records }) => {
    await records.put({ kind: 'domain-name', parent: '', id: 'api.example' }, {})
    const key = { kind: 'api-mapping', parent: 'api.example', id: 'a1b2c3' }
    await records.put(key, { ApiId, Stage: '$default' })
  })
  await assert.rejects(calls.call(DeleteApi, { ApiId }), {
    code: 'BadRequestException',
    message: /Please remove all API mappings/,
  })
  assert.equal((await calls.call(GetApi, { ApiId })).ApiId, ApiId)
})

test('APIs are listed page by page, each once', async () => {
  const calls = new ServiceCalls()
  const made: string[] = []
  for (let i = 0; i < 5; i++) made.push((await calls.call(CreateApi, HTTP)).ApiId!)
  const seen: string[] = []
  let NextToken: string | undefined
  do {
    const page = await calls.call(GetApis, { MaxResults: '2', NextToken })
    assert.ok(page.Items!.length <= 2)
    seen.push(...page.Items!.map(({ ApiId }) => ApiId!))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  assert.deepEqual(seen, made)
})

for (const request of [
  { MaxResults: '0' },
  { MaxResults: '501' },
  { MaxResults: 'ten' },
  { MaxResults: '-1' },
  { NextToken: 'made up' },
]) {
  test(`GetApis refuses ${JSON.stringify(request)}`, async () => {
    await assert.rejects(new ServiceCalls().call(GetApis, request), { code: 'BadRequestException' })
  })
}

test('the last API that the quota allows is made, the next is not', async () => {
  const calls = new ServiceCalls()
  calls.settings = { ...calls.settings, limits: limitsOf('aws', { apisPerRegion: 2 }) }
  await calls.call(CreateApi, HTTP)
  await calls.call(CreateApi, HTTP)
  const third = calls.call(CreateApi, HTTP)
  await assert.rejects(third, {
    code: 'TooManyRequestsException',
    message: /Maximum number of APIs/,
  })
})
