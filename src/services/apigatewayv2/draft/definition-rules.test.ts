/** An import is no way around a rule, and no way to serve a guarded route open. */

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { LiveCalls } from '../going-live/live-calls.fake.ts'
import { importExportOperations } from '../import-export.ts'
import { stageOperations } from '../stage.ts'

const LAMBDA = 'arn:aws:lambda:eu-central-1:123456789012:function:pets'
const ROLE = 'arn:aws:iam::123456789012:role/caller'
const { ImportApi, ReimportApi } = importExportOperations
const { CreateStage } = stageOperations

const integration = { type: 'http_proxy', httpMethod: 'GET', uri: 'https://pets.example' }

let live: LiveCalls
let ApiId: string

beforeEach(async () => {
  live = new LiveCalls()
  ApiId = (await live.call(ImportApi, { Body: definition({}) })).ApiId!
})

function definition(operation: object, more: object = {}): string {
  const get = { responses: {}, 'x-amazon-apigateway-integration': integration, ...operation }
  return JSON.stringify({
    openapi: '3.0.1',
    info: { title: 'pets', version: '1' },
    paths: { '/pets': { get } },
    ...more,
  })
}

function reimport(Body: string) {
  return live.call(ReimportApi, { ApiId, Body })
}

async function serve(): Promise<string> {
  await live.call(CreateStage, { ApiId, StageName: 'test', AutoDeploy: true })
  return served()!.deploymentId
}

function served() {
  return live.served.get(`${ApiId}/test`)
}

describe('a definition', () => {
  const USERS = {
    type: 'oauth2',
    'x-amazon-apigateway-authorizer': {
      type: 'jwt',
      identitySource: '$request.header.Authorization',
      jwtConfiguration: { issuer: 'https://issuer.example', audience: ['pets'] },
    },
  }
  const components = { securitySchemes: { users: USERS } }

  const guard = () => {
    const authorization = served()?.routes[0]?.authorization
    return authorization?.authorizationType === 'JWT' ? authorization.scopes : undefined
  }

  test('that guards a route is served with the guard, or not at all', async () => {
    await serve()
    assert.equal(guard(), undefined)
    await reimport(definition({}, { components, security: [{ users: [] }] }))
    assert.deepEqual(guard(), [])
    await reimport(definition({ security: [{ users: ['read'] }] }, { components }))
    assert.deepEqual(guard(), ['read'])
    const before = served()?.deploymentId
    await live.refuses(
      reimport(definition({ security: [{ users: [] }, {}] }, { components })),
      /optional/,
    )
    await live.refuses(reimport(definition({ security: [{ user: [] }] }, { components })), /user/)
    const signed = { 'x-amazon-apigateway-auth': { type: 'CUSTOM' } }
    await live.refuses(reimport(definition(signed)), /CUSTOM/)
    assert.equal(served()?.deploymentId, before)
  })

  test('that opens a route opens it', async () => {
    await reimport(definition({ security: [{ users: [] }] }, { components }))
    await serve()
    assert.deepEqual(guard(), [])
    await reimport(definition({}))
    assert.equal(guard(), undefined)
    assert.deepEqual(
      served()?.routes.map(({ routeKey }) => routeKey),
      ['GET /pets'],
    )
  })

  const WRONG: [string, object, object, RegExp][] = [
    [
      'a scope that no token has',
      { security: [{ users: ['s'.repeat(65)] }] },
      { components },
      /body:1: error: .*scope/,
    ],
    [
      'credentials that are no role',
      {
        'x-amazon-apigateway-integration': {
          ...integration,
          type: 'aws_proxy',
          httpMethod: 'POST',
          uri: LAMBDA,
          credentials: 'me',
        },
      },
      {},
      /body:1: error: Invalid CredentialsArn/,
    ],
    [
      'an action without its parameters',
      {
        'x-amazon-apigateway-integration': {
          type: 'aws_proxy',
          integrationSubtype: 'SQS-SendMessage',
          credentials: ROLE,
          payloadFormatVersion: '1.0',
        },
      },
      {},
      /SQS-SendMessage needs the request parameter QueueUrl/,
    ],
    [
      'a VPC link that is not there',
      {
        'x-amazon-apigateway-integration': {
          ...integration,
          connectionType: 'VPC_LINK',
          connectionId: 'abc123',
          uri: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/a/50dc6c495c0c9188/0467ef3c8400ae65',
        },
      },
      {},
      /Invalid VpcLink identifier specified abc123/,
    ],
    [
      'a function whose results are kept for nobody',
      {},
      {
        components: {
          securitySchemes: {
            users: {
              type: 'apiKey',
              in: 'header',
              name: 'a',
              'x-amazon-apigateway-authorizer': {
                type: 'request',
                authorizerPayloadFormatVersion: '2.0',
                authorizerUri: `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${LAMBDA}/invocations`,
                authorizerCredentials: 'me',
              },
            },
          },
        },
      },
      /authorizer users: error: Invalid AuthorizerCredentialsArn/,
    ],
    [
      'a model that is no name',
      {},
      { components: { 'x-postern-models': { 'a b': { schema: '{}' } } } },
      /their names are letters and digits/,
    ],
    [
      'a model that is no object',
      {},
      { components: { 'x-postern-models': { A: { schema: 'true' } } } },
      /model A: error: .*JSON object/,
    ],
  ]
  for (const [name, operation, more, message] of WRONG) {
    test(`is as strict as single calls: ${name}`, async () => {
      await live.refuses(reimport(definition(operation, more)), message)
      await live.refuses(live.call(ImportApi, { Body: definition(operation, more) }), message)
    })
  }

  test('has no more models than an API may have', async () => {
    const schemas = Array.from({ length: 60 }, (_, i) => [`M${i}`, { type: 'object' }])
    const described = { More: { schema: '{}' } }
    const more = {
      components: { schemas: Object.fromEntries(schemas), 'x-postern-models': described },
    }
    await live.refuses(reimport(definition({}, more)), /60 of them already/)
  })
})
