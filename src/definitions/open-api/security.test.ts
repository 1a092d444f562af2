import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importWith, toldBy } from './imported.fake.ts'

const INVOCATION =
  'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:check/invocations'
const JWT = {
  type: 'jwt',
  identitySource: '$request.header.Authorization',
  jwtConfiguration: { issuer: 'https://issuer.example', audience: ['shop'] },
}
const REQUEST = {
  type: 'request',
  authorizerUri: INVOCATION,
  authorizerPayloadFormatVersion: '2.0',
  identitySource: '$request.header.Authorization, $request.querystring.token',
  authorizerResultTtlInSeconds: 60,
  enableSimpleResponses: true,
  authorizerCredentials: 'arn:aws:iam::${AWS::AccountId}:role/check',
}

function scheme(authorizer: object): object {
  return { type: 'oauth2', flows: {}, 'x-amazon-apigateway-authorizer': authorizer }
}

const SCHEMES = {
  jwt: scheme(JWT),
  fn: scheme(REQUEST),
  iam: { type: 'apiKey', 'x-amazon-apigateway-authtype': 'awsSigv4' },
  key: { type: 'apiKey', in: 'header', name: 'x-key' },
}

function imported(operation: object, members: object = {}) {
  const components = { securitySchemes: SCHEMES }
  return importWith({ components, paths: { '/a': { get: operation } }, ...members })
}

test('authorizers have the members of CreateAuthorizer', () => {
  const { definition, problems } = imported({})
  assert.deepEqual(problems, [])
  const [jwt, fn] = definition!.authorizers.map(({ AuthorizerId: _, ...rest }) => rest)
  assert.deepEqual(jwt, {
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Audience: ['shop'], Issuer: 'https://issuer.example' },
    Name: 'jwt',
  })
  assert.deepEqual(fn, {
    AuthorizerCredentialsArn: 'arn:aws:iam::123456789012:role/check',
    AuthorizerPayloadFormatVersion: '2.0',
    AuthorizerResultTtlInSeconds: 60,
    AuthorizerType: 'REQUEST',
    AuthorizerUri: INVOCATION,
    EnableSimpleResponses: true,
    IdentitySource: ['$request.header.Authorization', '$request.querystring.token'],
    Name: 'fn',
  })
  assert.equal(definition!.authorizers.length, 2)
})

test('a scheme of OpenID Connect says who the issuer is', () => {
  const { issuer: _, ...jwtConfiguration } = JWT.jwtConfiguration
  const { definition } = importWith({
    components: {
      securitySchemes: {
        people: {
          type: 'openIdConnect',
          openIdConnectUrl: 'https://people.example/.well-known/openid-configuration',
          'x-amazon-apigateway-authorizer': { ...JWT, jwtConfiguration },
        },
      },
    },
  })
  const [people] = definition!.authorizers
  assert.equal(people!.JwtConfiguration!.Issuer, 'https://people.example')
})

type Members = Readonly<Record<string, unknown>>
const ORIGIN = { 'x-postern-security': 'origin' }
const ROUTES: [name: string, operation: object, root: object, expected: Members][] = [
  ['nothing is said', {}, {}, { AuthorizationType: 'NONE' }],
  [
    'JWT with scopes',
    { security: [{ jwt: ['read', 'write'] }] },
    {},
    { AuthorizationType: 'JWT', AuthorizationScopes: ['read', 'write'], authorizer: 'jwt' },
  ],
  ['a function', { security: [{ fn: [] }] }, {}, { AuthorizationType: 'CUSTOM', authorizer: 'fn' }],
  ['IAM', { security: [{ iam: [] }] }, {}, { AuthorizationType: 'AWS_IAM' }],
  [
    'IAM by the older extension',
    { 'x-amazon-apigateway-auth': { type: 'aws_iam' } },
    {},
    { AuthorizationType: 'AWS_IAM' },
  ],
  [
    'what the root requires is inherited',
    {},
    { security: [{ jwt: [] }] },
    { AuthorizationType: 'JWT', authorizer: 'jwt' },
  ],
  [
    'and can be lifted',
    { security: [] },
    { security: [{ jwt: [] }] },
    { AuthorizationType: 'NONE' },
  ],
  [
    'the word of the author does not lift what the gateway checks',
    ORIGIN,
    { security: [{ jwt: [] }] },
    { AuthorizationType: 'JWT', authorizer: 'jwt' },
  ],
  [
    'the origin checks a key besides',
    { security: [{ jwt: [], key: [] }], ...ORIGIN },
    {},
    { AuthorizationType: 'JWT', authorizer: 'jwt' },
  ],
  [
    'the origin checks a key',
    { security: [{ key: [] }], ...ORIGIN },
    {},
    { AuthorizationType: 'NONE' },
  ],
]

for (const [name, operation, root, expected] of ROUTES) {
  test(`authorization: ${name}`, () => {
    const { definition, problems } = imported(operation, root)
    assert.deepEqual(problems, [])
    const { RouteId: _id, RouteKey: _key, AuthorizerId, ...route } = definition!.routes[0]!
    const named = definition!.authorizers.find((each) => each.AuthorizerId === AuthorizerId)
    const { authorizer, ...members } = expected
    assert.deepEqual(route, { ApiKeyRequired: false, ...members })
    assert.equal(named?.Name, authorizer)
  })
}

const PLACE = '/paths/~1a/get'
const REFUSED: [name: string, operation: object, told: string[]][] = [
  ['a key', { security: [{ key: [] }] }, [`error security-unenforced ${PLACE}/security`]],
  [
    'a key and a token',
    { security: [{ key: [], jwt: [] }] },
    [`error security-unenforced ${PLACE}/security`],
  ],
  [
    'a token or nothing',
    { security: [{ jwt: [] }, {}] },
    [`error authorizer-several ${PLACE}/security`],
  ],
  [
    'a token or a key that the origin checks',
    { security: [{ jwt: [] }, { key: [] }], ...ORIGIN },
    [`error authorizer-several ${PLACE}/security`],
  ],
  [
    'two authorizers',
    { security: [{ jwt: [], fn: [] }] },
    [`error authorizer-several ${PLACE}/security`],
  ],
  [
    'a token and IAM',
    { security: [{ jwt: [] }], 'x-amazon-apigateway-auth': { type: 'AWS_IAM' } },
    [`error authorizer-several ${PLACE}`],
  ],
  [
    'scopes of a function',
    { security: [{ fn: ['read'] }] },
    [`error authorizer-scopes ${PLACE}/security/0/fn`],
  ],
]

for (const [name, operation, told] of REFUSED) {
  test(`refused: ${name}`, () => {
    const result = imported(operation)
    assert.deepEqual(toldBy(result), told)
    assert.equal(result.definition, undefined)
  })
}

const MARK = '/components/securitySchemes/s/x-amazon-apigateway-authorizer'
const WRONG: [authorizer: object, told: string[]][] = [
  [{}, [`error authorizer-type ${MARK}`]],
  [{ ...JWT, type: 'cognito_user_pools' }, [`error authorizer-type ${MARK}/type`]],
  [{ ...JWT, jwtConfiguration: {} }, [`error authorizer-issuer ${MARK}/jwtConfiguration`]],
  [
    { ...JWT, identitySource: '$request.header.a,$request.header.b' },
    [`error authorizer-identity-source ${MARK}/identitySource`],
  ],
  [{ ...REQUEST, authorizerUri: undefined }, [`error authorizer-uri ${MARK}`]],
  [
    { ...REQUEST, authorizerPayloadFormatVersion: 3 },
    [`error authorizer-payload-format ${MARK}/authorizerPayloadFormatVersion`],
  ],
  [
    { ...REQUEST, authorizerResultTtlInSeconds: 3601 },
    [`error authorizer-ttl ${MARK}/authorizerResultTtlInSeconds`],
  ],
  [
    { ...REQUEST, identitySource: undefined },
    [`error authorizer-ttl ${MARK}/authorizerResultTtlInSeconds`],
  ],
  [{ ...REQUEST, providerARNs: [] }, [`error authorizer-member-unknown ${MARK}/providerARNs`]],
  [
    { ...JWT, enableSimpleResponses: true },
    [`error authorizer-member-unknown ${MARK}/enableSimpleResponses`],
  ],
  [{ ...REQUEST, authorizerUri: 'http://check' }, [`error authorizer-uri ${MARK}/authorizerUri`]],
  [
    { ...REQUEST, identitySource: 'header.a' },
    [`error authorizer-identity-source ${MARK}/identitySource`],
  ],
  [
    { ...REQUEST, authorizerPayloadFormatVersion: '1.0' },
    [`error authorizer-simple-responses ${MARK}/enableSimpleResponses`],
  ],
  [
    { ...JWT, jwtConfiguration: { issuer: 'ftp://a', audience: ['b'] } },
    [`error authorizer-issuer ${MARK}/jwtConfiguration`],
  ],
]

for (const [authorizer, told] of WRONG) {
  test(`refused: ${told.join(', ')}`, () => {
    const components = { securitySchemes: { s: scheme(authorizer) } }
    const paths = { '/a': { get: { security: [{ s: [] }] } } }
    const result = importWith({ components, paths })
    assert.deepEqual(toldBy(result), told)
    assert.equal(result.definition, undefined)
  })
}

test('limits of scopes, audiences and authorizers', () => {
  const paths = { '/a': { get: { security: [{ jwt: ['a', 'b'] }] } } }
  const limits = { scopesPerRoute: 1, audiencesPerAuthorizer: 0, authorizersPerApi: 1 }
  const result = importWith({ components: { securitySchemes: SCHEMES }, paths }, { limits })
  assert.deepEqual(toldBy(result).sort(), [
    'error authorizer-audiences /components/securitySchemes/jwt/x-amazon-apigateway-authorizer/jwtConfiguration',
    'error authorizer-scopes /paths/~1a/get/security/0/jwt',
    'error authorizers-too-many /components/securitySchemes',
  ])
})
