import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateRouteRequest, UpdateRouteRequest } from '@aws-sdk/client-apigatewayv2'
import fc from 'fast-check'
import { ServiceError } from '../../aws/service-error.ts'
import { limitsOf } from '../../domain/limits.ts'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { authorizerOperations } from './authorizer.ts'
import { integrationOperations } from './integration.ts'
import { routeOperations } from './route.ts'
import { requestsOf } from './route-key.ts'

const { CreateRoute, GetRoute, GetRoutes, UpdateRoute, DeleteRoute } = routeOperations
const LAMBDA =
  'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:auth/invocations'

/** An API with one integration, a JWT authorizer and a REQUEST authorizer. */
async function shop() {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(apiOperations.CreateApi, {
    Name: 'shop',
    ProtocolType: 'HTTP',
  })
  const { IntegrationId } = await calls.call(integrationOperations.CreateIntegration, {
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: 'http://origin.example',
  })
  const jwt = await calls.call(authorizerOperations.CreateAuthorizer, {
    ApiId,
    Name: 'tokens',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['shop'] },
  })
  const request = await calls.call(authorizerOperations.CreateAuthorizer, {
    ApiId,
    Name: 'function',
    AuthorizerType: 'REQUEST',
    AuthorizerUri: LAMBDA,
    AuthorizerPayloadFormatVersion: '2.0',
    IdentitySource: undefined,
  })
  const ids = { jwtId: jwt.AuthorizerId!, requestId: request.AuthorizerId! }
  return { calls, ApiId: ApiId!, Target: `integrations/${IntegrationId}`, ...ids }
}

test('a new route answers with exactly the members that AWS has', async () => {
  const { calls, ApiId, Target } = await shop()
  const route = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets', Target })
  assert.match(route.RouteId!, /^[a-z0-9]{7}$/)
  assert.deepEqual(route, {
    ApiKeyRequired: false,
    AuthorizationType: 'NONE',
    RouteId: route.RouteId,
    RouteKey: 'GET /pets',
    Target,
  })
  assert.deepEqual(await calls.call(GetRoute, { ApiId, RouteId: route.RouteId }), route)
})

test('a route may be without a target, and with an operation name', async () => {
  const { calls, ApiId } = await shop()
  const route = await calls.call(CreateRoute, { ApiId, RouteKey: '$default', OperationName: 'all' })
  assert.equal(route.Target, undefined)
  assert.equal(route.OperationName, 'all')
})

const REFUSED: readonly [Partial<CreateRouteRequest>, string, RegExp][] = [
  [{ RouteKey: 'GET pets' }, 'BadRequestException', /not formatted properly/],
  [{ RouteKey: 'GET /taken' }, 'ConflictException', /already exists for this API/],
  [{ RouteKey: 'GET /taken/' }, 'ConflictException', /takes the same requests/],
  [{ Target: 'integrations/nothere' }, 'BadRequestException', /Invalid Integration identifier/],
  [{ Target: 'http://origin.example' }, 'BadRequestException', /Invalid target/],
  [{ ApiKeyRequired: true }, 'BadRequestException', /ApiKeyRequired is not supported/],
  [{ ModelSelectionExpression: '$x' }, 'BadRequestException', /ModelSelectionExpression/],
  [{ RequestModels: { a: 'b' } }, 'BadRequestException', /RequestModels/],
  [{ RequestParameters: { a: { Required: true } } }, 'BadRequestException', /RequestParameters/],
  [{ RouteResponseSelectionExpression: '$default' }, 'BadRequestException', /RouteResponse/],
  [{ AuthorizationType: 'JWT' }, 'BadRequestException', /requires a valid JWT authorizer/],
  [{ AuthorizationType: 'CUSTOM' }, 'BadRequestException', /requires a valid authorizer/],
  [{ AuthorizationScopes: ['read'] }, 'BadRequestException', /scopes are for .* JWT/],
  [{ AuthorizerId: 'abc123' }, 'BadRequestException', /NONE has no authorizer/],
  [{ ApiId: 'nothere' }, 'NotFoundException', /Invalid API identifier specified/],
]

for (const [members, code, message] of REFUSED) {
  test(`CreateRoute refuses ${JSON.stringify(members)}`, async () => {
    const { calls, ApiId } = await shop()
    await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /taken' })
    const before = calls.store.revision
    const request = { ApiId, RouteKey: 'GET /pets', ...members }
    await assert.rejects(calls.call(CreateRoute, request), { code, message })
    assert.equal(calls.store.revision, before)
  })
}

test('the authorizer of a route must be there and of the right type', async () => {
  const { calls, ApiId, jwtId, requestId } = await shop()
  const route = (AuthorizationType: 'JWT' | 'CUSTOM', AuthorizerId: string) =>
    calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets', AuthorizationType, AuthorizerId })
  await assert.rejects(route('JWT', requestId), /requires a valid JWT authorizer/)
  await assert.rejects(route('CUSTOM', jwtId), /requires a valid authorizer/)
  assert.equal((await route('CUSTOM', requestId)).AuthorizerId, requestId)
})

test('a change to NONE lets go of the authorizer and its scopes', async () => {
  const { calls, ApiId, jwtId } = await shop()
  const { RouteId } = await calls.call(CreateRoute, {
    ApiId,
    RouteKey: 'GET /pets',
    AuthorizationType: 'JWT',
    AuthorizerId: jwtId,
    AuthorizationScopes: ['read', 'write'],
  })
  const opened = await calls.call(UpdateRoute, { ApiId, RouteId, AuthorizationType: 'NONE' })
  assert.equal(opened.AuthorizerId, undefined)
  assert.equal(opened.AuthorizationScopes, undefined)
})

test('a route has at most ten scopes', async () => {
  const { calls, ApiId, jwtId } = await shop()
  const AuthorizationScopes = Array.from({ length: 11 }, (_, i) => `scope${i}`)
  const jwt = { ApiId, AuthorizationType: 'JWT', AuthorizerId: jwtId } as const
  const eleven = calls.call(CreateRoute, { ...jwt, RouteKey: 'GET /a', AuthorizationScopes })
  await assert.rejects(eleven, { code: 'BadRequestException', message: /at most 10/ })
  const ten = { ...jwt, RouteKey: 'GET /b', AuthorizationScopes: AuthorizationScopes.slice(1) }
  assert.equal((await calls.call(CreateRoute, ten)).AuthorizationScopes!.length, 10)
})

test('an update changes what it names: the key, the target, and away with the target', async () => {
  const { calls, ApiId, Target } = await shop()
  const { RouteId } = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets' })
  const update = (patch: Partial<UpdateRouteRequest>) =>
    calls.call(UpdateRoute, { ApiId, RouteId, ...patch })
  assert.equal((await update({ Target })).Target, Target)
  const renamed = await update({ RouteKey: 'GET /cats' })
  assert.equal(renamed.RouteKey, 'GET /cats')
  assert.equal(renamed.Target, Target)
  assert.equal((await update({ Target: '' })).Target, undefined)
  assert.equal((await update({ RouteKey: 'GET /cats' })).RouteKey, 'GET /cats')
})

test('a key cannot be changed to one that is taken', async () => {
  const { calls, ApiId } = await shop()
  await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets/{id}' })
  const { RouteId } = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /cats' })
  const update = calls.call(UpdateRoute, { ApiId, RouteId, RouteKey: 'GET /pets/{name}' })
  await assert.rejects(update, { code: 'ConflictException' })
})

test('a key may be changed to one that takes the same requests', async () => {
  const { calls, ApiId } = await shop()
  const { RouteId } = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets/{id}' })
  const RouteKey = 'GET /pets/{name}'
  assert.equal((await calls.call(UpdateRoute, { ApiId, RouteId, RouteKey })).RouteKey, RouteKey)
})

test('the key of a managed route stays, its other members change', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(apiOperations.CreateApi, {
    Name: 'shop',
    ProtocolType: 'HTTP',
    Target: 'http://origin.example',
  })
  const [route] = (await calls.call(GetRoutes, { ApiId })).Items!
  const { RouteId } = route!
  const rename = calls.call(UpdateRoute, { ApiId, RouteId, RouteKey: 'GET /' })
  await assert.rejects(rename, { code: 'BadRequestException', message: /managed route/ })
  const named = await calls.call(UpdateRoute, { ApiId, RouteId, OperationName: 'all' })
  assert.deepEqual(named, { ...route, OperationName: 'all' })
})

test('an update forgets where a definition had the route', async () => {
  const { calls, ApiId } = await shop()
  const { RouteId } = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets' })
  const key = { kind: 'route', parent: ApiId, id: RouteId! }
  await calls.write(async ({ records }) => {
    const { body } = (await records.get(key))!
    await records.put(key, { ...body, source: 'shop.yaml:12' })
  })
  assert.equal('source' in (await calls.call(GetRoute, { ApiId, RouteId })), false)
  await calls.call(UpdateRoute, { ApiId, RouteId, OperationName: 'pets' })
  const record = await calls.store.read((reader) => reader.in(TEST_SCOPE).get(key))
  assert.equal('source' in record!.body, false)
})

test('deleted routes are gone, and unknown ones are not found', async () => {
  const { calls, ApiId } = await shop()
  const { RouteId } = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets' })
  await calls.call(DeleteRoute, { ApiId, RouteId })
  const missing = {
    code: 'NotFoundException',
    message: `Invalid Route identifier specified ${RouteId}`,
  }
  await assert.rejects(calls.call(GetRoute, { ApiId, RouteId }), missing)
  await assert.rejects(calls.call(UpdateRoute, { ApiId, RouteId }), missing)
  await assert.rejects(calls.call(DeleteRoute, { ApiId, RouteId }), missing)
})

test('routes of HTTP APIs have no request parameters to delete', async () => {
  const { calls, ApiId } = await shop()
  const { RouteId } = await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /pets' })
  const request = { ApiId, RouteId, RequestParameterKey: 'route.request.header.x' }
  const deletion = calls.call(routeOperations.DeleteRouteRequestParameter, request)
  await assert.rejects(deletion, { code: 'NotFoundException', message: /WebSocket/ })
})

test('there are as many routes as the quota allows', async () => {
  const { calls, ApiId } = await shop()
  calls.settings = { ...calls.settings, limits: limitsOf('aws', { routesPerApi: 2 }) }
  await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /a' })
  await calls.call(CreateRoute, { ApiId, RouteKey: 'GET /b' })
  await assert.rejects(calls.call(CreateRoute, { ApiId, RouteKey: 'GET /c' }), {
    code: 'TooManyRequestsException',
    message: /Maximum number of Routes for this API has been reached/,
  })
})

const method = fc.constantFrom('GET', 'ANY')
const segment = fc.constantFrom('a', '{x}', '{y}', '{z+}')
const routeKey = fc
  .tuple(method, fc.array(segment, { maxLength: 2 }))
  .map(([name, segments]) => `${name} /${segments.join('/')}`)
const step = fc.oneof(
  fc.record({ create: routeKey }),
  fc.record({ rename: fc.nat(8), to: routeKey }),
  fc.record({ remove: fc.nat(8) }),
)

test('whatever is created, renamed and deleted: no two routes take the same requests', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { calls, ApiId } = await shop()
      const routes = async () => (await calls.call(GetRoutes, { ApiId })).Items!
      for (const each of steps) {
        const known = await routes()
        const nth = (i: number) => known[i % Math.max(known.length, 1)]?.RouteId ?? 'none'
        const call =
          'create' in each
            ? calls.call(CreateRoute, { ApiId, RouteKey: each.create })
            : 'rename' in each
              ? calls.call(UpdateRoute, { ApiId, RouteId: nth(each.rename), RouteKey: each.to })
              : calls.call(DeleteRoute, { ApiId, RouteId: nth(each.remove) })
        await (call as Promise<object>).catch((error: unknown) => {
          assert.ok(error instanceof ServiceError, String(error))
        })
        const shapes = (await routes()).map(({ RouteKey }) => requestsOf(RouteKey!))
        assert.equal(new Set(shapes).size, shapes.length)
      }
    }),
    { numRuns: 60 },
  )
})
