import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateAuthorizerRequest } from '@aws-sdk/client-apigatewayv2'
import { limitsOf } from '../../domain/limits.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { authorizerOperations } from './authorizer.ts'
import { routeOperations } from './route.ts'

const { CreateAuthorizer, GetAuthorizer, GetAuthorizers, UpdateAuthorizer, DeleteAuthorizer } =
  authorizerOperations
const URI =
  'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:auth/invocations'

type Members = Omit<CreateAuthorizerRequest, 'ApiId'>

const JWT: Members = {
  Name: 'tokens',
  AuthorizerType: 'JWT',
  IdentitySource: ['$request.header.Authorization'],
  JwtConfiguration: { Issuer: 'https://issuer.example/pool', Audience: ['shop'] },
}
const REQUEST: Members = {
  Name: 'function',
  AuthorizerType: 'REQUEST',
  AuthorizerUri: URI,
  AuthorizerPayloadFormatVersion: '2.0',
  EnableSimpleResponses: true,
  IdentitySource: [
    '$request.header.X',
    '$request.querystring.y',
    '$context.path',
    '$stageVariables.z',
  ],
  AuthorizerResultTtlInSeconds: 300,
}

async function shop() {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(apiOperations.CreateApi, {
    Name: 'shop',
    ProtocolType: 'HTTP',
  })
  return { calls, ApiId: ApiId! }
}

for (const members of [JWT, REQUEST]) {
  test(`a new ${members.AuthorizerType} authorizer answers with what was said and its id`, async () => {
    const { calls, ApiId } = await shop()
    const { AuthorizerId, ...said } = await calls.call(CreateAuthorizer, { ApiId, ...members })
    assert.match(AuthorizerId!, /^[a-z0-9]{6}$/)
    assert.deepEqual(said, members)
    const read = await calls.call(GetAuthorizer, { ApiId, AuthorizerId })
    assert.deepEqual(read, { AuthorizerId, ...members })
    assert.deepEqual((await calls.call(GetAuthorizers, { ApiId })).Items, [read])
  })
}

const REFUSED: readonly [Members, RegExp][] = [
  [{ ...JWT, IdentitySource: [] }, /exactly one identity source/],
  [{ ...JWT, IdentitySource: ['$request.header.a', '$request.header.b'] }, /exactly one/],
  [{ ...JWT, IdentitySource: ['Authorization'] }, /Invalid identity source/],
  [{ ...JWT, IdentitySource: ['route.request.header.Auth'] }, /Invalid identity source/],
  [{ ...JWT, IdentitySource: ['$request.header.a b'] }, /Invalid identity source/],
  [{ ...JWT, JwtConfiguration: undefined }, /Issuer is required/],
  [{ ...JWT, JwtConfiguration: { Issuer: 'issuer.example' } }, /Invalid issuer/],
  [{ ...JWT, JwtConfiguration: { Issuer: 'ftp://issuer.example' } }, /Invalid issuer/],
  [{ ...JWT, JwtConfiguration: { Issuer: 'https://issuer.example?x' } }, /Invalid issuer/],
  [{ ...JWT, AuthorizerUri: URI }, /AuthorizerUri is for REQUEST authorizers/],
  [{ ...JWT, EnableSimpleResponses: true }, /EnableSimpleResponses is for REQUEST/],
  [{ ...JWT, AuthorizerResultTtlInSeconds: 5 }, /is for REQUEST authorizers/],
  [{ ...REQUEST, AuthorizerUri: undefined }, /AuthorizerUri is required/],
  [{ ...REQUEST, AuthorizerUri: 'https://auth.example' }, /Invalid authorizer URI/],
  [{ ...REQUEST, AuthorizerPayloadFormatVersion: undefined }, /PayloadFormatVersion is required/],
  [
    { ...REQUEST, AuthorizerPayloadFormatVersion: '1.0' },
    /needs AuthorizerPayloadFormatVersion 2.0/,
  ],
  [{ ...REQUEST, IdentitySource: [] }, /At least one identity source/],
  [{ ...REQUEST, IdentitySource: ['$request.body.x'] }, /Invalid identity source/],
  [{ ...REQUEST, IdentitySource: ['$context.pathh'] }, /Did you mean/],
  [{ ...REQUEST, AuthorizerResultTtlInSeconds: 3601 }, /from 0 to 3600/],
  [{ ...REQUEST, JwtConfiguration: { Issuer: 'https://issuer.example' } }, /JwtConfiguration/],
  [{ ...REQUEST, IdentityValidationExpression: '.*' }, /IdentityValidationExpression/],
  [{ ...REQUEST, AuthorizerCredentialsArn: 'role' }, /ARN of an IAM role/],
]

for (const [members, message] of REFUSED) {
  test(`CreateAuthorizer refuses ${JSON.stringify(members)}: ${message.source}`, async () => {
    const { calls, ApiId } = await shop()
    const created = calls.call(CreateAuthorizer, { ApiId, ...members })
    await assert.rejects(created, { code: 'BadRequestException', message })
  })
}

test('names of authorizers are unique within their API', async () => {
  const { calls, ApiId } = await shop()
  await calls.call(CreateAuthorizer, { ApiId, ...JWT })
  const twin = calls.call(CreateAuthorizer, { ApiId, ...JWT })
  await assert.rejects(twin, { code: 'ConflictException', message: /name must be unique/ })
  const { AuthorizerId } = await calls.call(CreateAuthorizer, { ApiId, ...REQUEST })
  const renamed = calls.call(UpdateAuthorizer, { ApiId, AuthorizerId, Name: 'tokens' })
  await assert.rejects(renamed, { code: 'ConflictException' })
})

test('an update is checked together with what it leaves alone', async () => {
  const { calls, ApiId } = await shop()
  const { AuthorizerId } = await calls.call(CreateAuthorizer, { ApiId, ...REQUEST })
  const ids = { ApiId, AuthorizerId }
  const sourceless = calls.call(UpdateAuthorizer, { ...ids, IdentitySource: [] })
  await assert.rejects(sourceless, /At least one identity source/)
  const patch = { IdentitySource: [], AuthorizerResultTtlInSeconds: 0 }
  const updated = await calls.call(UpdateAuthorizer, { ...ids, ...patch })
  assert.deepEqual(updated, { AuthorizerId, ...REQUEST, ...patch })
})

test('an authorizer that a route uses is neither deleted nor turned into another type', async () => {
  const { calls, ApiId } = await shop()
  const { AuthorizerId } = await calls.call(CreateAuthorizer, { ApiId, ...JWT })
  const RouteKey = 'POST /pdf'
  const route = { ApiId, RouteKey, AuthorizationType: 'JWT', AuthorizerId } as const
  const { RouteId } = await calls.call(routeOperations.CreateRoute, route)
  const used = {
    code: 'ConflictException',
    message: "Cannot delete authorizer 'tokens', is referenced in route: POST /pdf",
  }
  await assert.rejects(calls.call(DeleteAuthorizer, { ApiId, AuthorizerId }), used)
  const turned = calls.call(UpdateAuthorizer, { ApiId, AuthorizerId, AuthorizerType: 'REQUEST' })
  await assert.rejects(turned, { code: 'ConflictException' })
  await calls.call(routeOperations.DeleteRoute, { ApiId, RouteId })
  await calls.call(DeleteAuthorizer, { ApiId, AuthorizerId })
  await assert.rejects(calls.call(GetAuthorizer, { ApiId, AuthorizerId }), {
    code: 'NotFoundException',
    message: `Invalid Authorizer identifier specified ${AuthorizerId}`,
  })
})

test('quotas: authorizers of an API, audiences of an authorizer', async () => {
  const { calls, ApiId } = await shop()
  const limits = limitsOf('aws', { authorizersPerApi: 1, audiencesPerAuthorizer: 1 })
  calls.settings = { ...calls.settings, limits }
  const two = { Issuer: 'https://issuer.example', Audience: ['a', 'b'] }
  const crowd = calls.call(CreateAuthorizer, { ApiId, ...JWT, JwtConfiguration: two })
  await assert.rejects(crowd, { code: 'BadRequestException', message: /at most 1 audiences/ })
  await calls.call(CreateAuthorizer, { ApiId, ...JWT })
  const second = calls.call(CreateAuthorizer, { ApiId, ...REQUEST })
  await assert.rejects(second, { code: 'TooManyRequestsException' })
})
