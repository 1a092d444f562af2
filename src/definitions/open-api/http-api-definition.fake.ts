/**
 * Any HTTP API that the management API would store: for property tests of whatever takes a definition.
 *
 * Resources have the members and defaults that CreateApi, CreateIntegration, CreateRoute, CreateAuthorizer and
 * CreateModel give them, and everything that a route names is there.
 */

import type { Authorizer, Cors, Model, Route } from '@aws-sdk/client-apigatewayv2'
import fc from 'fast-check'
import type {
  ApiSettings,
  DefinedIntegration,
  HttpApiDefinition,
} from '../../domain/http-api-definition.ts'
import { shapeOf } from './route-path.ts'

const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:'
const INVOCATION = 'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/'

const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,8}$/)
const text = fc.string({ minLength: 1, maxLength: 40 })
const host = fc.constantFrom('a.example', 'b.example:8080', '${stageVariables.host}', '[::1]:81')
const tag = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9 _.:/=+@-]{0,12}$/)

/** A record of which each member may be absent. */
function some<T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(members, { requiredKeys: [] })
}

function list<T>(item: fc.Arbitrary<T>, most = 3): fc.Arbitrary<T[]> {
  return fc.uniqueArray(item, { minLength: 1, maxLength: most })
}

function mapOf<T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>) {
  const named = fc.tuple(key, value)
  const entries = fc.uniqueArray(named, { minLength: 1, maxLength: 3, selector: ([name]) => name })
  return entries.map((each): Record<string, T> => Object.fromEntries(each))
}

const cors: fc.Arbitrary<Cors> = fc
  .tuple(
    some<Cors>({
      AllowHeaders: list(fc.constantFrom('content-type', 'x-a', '*')),
      AllowMethods: list(fc.constantFrom('GET', 'POST', '*')),
      AllowOrigins: list(fc.constantFrom('https://a.example', 'http://localhost:5173')),
      ExposeHeaders: list(fc.constantFrom('date', 'x-b')),
      MaxAge: fc.integer({ min: -1, max: 86_400 }),
    }),
    fc.boolean(),
  )
  .map(([configuration, AllowCredentials]) => ({ AllowCredentials, ...configuration }))

const api: fc.Arbitrary<ApiSettings> = fc
  .tuple(
    fc.record({
      DisableExecuteApiEndpoint: fc.boolean(),
      Name: text,
      Tags: fc.oneof(fc.constant({}), mapOf(tag, fc.oneof(tag, fc.constant('')))),
    }),
    some<Omit<ApiSettings, 'Name'>>({ CorsConfiguration: cors, Description: text, Version: text }),
  )
  .map(([settings, more]) => ({ ...settings, ...more }))

const requestRule = fc.constantFrom(
  ['append:header.x-call', '$context.requestId'],
  ['overwrite:querystring.a', '$stageVariables.channel'],
  ['overwrite:path', '/fixed'],
  ['remove:header.cookie', "''"],
)
const requestRules = fc
  .uniqueArray(requestRule, { minLength: 1, maxLength: 3 })
  .map((rules): Record<string, string> => Object.fromEntries(rules))
const responseRules = mapOf(
  fc.constantFrom('200', '404', '503'),
  mapOf(fc.constantFrom('overwrite:header.x-a', 'append:header.x-b'), fc.constantFrom('a', 'b')),
)

const common: fc.Arbitrary<DefinedIntegration> = some<DefinedIntegration>({
  Description: text,
  RequestParameters: requestRules,
  ResponseParameters: responseRules,
})
const always = fc.record({
  IntegrationMethod: fc.constantFrom('ANY', 'GET', 'POST'),
  PayloadFormatVersion: fc.constant('1.0'),
  TimeoutInMillis: fc.integer({ min: 50, max: 30_000 }),
})
const tls = some<DefinedIntegration>({
  TlsConfig: some({
    InsecureSkipVerification: fc.boolean(),
    ClientCertificateId: fc.constantFrom('abc123', 'arn:aws:acm:eu-west-1:1:certificate/x'),
    ServerNameToVerify: fc.constant('orders.internal.example'),
  }),
})

const internet: fc.Arbitrary<DefinedIntegration> = fc
  .tuple(host, fc.webPath(), fc.boolean())
  .map(([authority, path, secure]) => ({
    ConnectionType: 'INTERNET',
    IntegrationType: 'HTTP_PROXY',
    IntegrationUri: `${secure ? 'https' : 'http'}://${authority}${path}`,
  }))
const privateNetwork: fc.Arbitrary<DefinedIntegration> = fc
  .tuple(
    word,
    fc.constantFrom(
      'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/lb/1/2',
      'arn:aws:servicediscovery:eu-central-1:123456789012:service/srv-1?stage=prod',
    ),
  )
  .map(([ConnectionId, IntegrationUri]) => ({
    ConnectionId,
    ConnectionType: 'VPC_LINK',
    IntegrationType: 'HTTP_PROXY',
    IntegrationUri,
  }))
const lambda: fc.Arbitrary<DefinedIntegration> = fc
  .tuple(word, fc.boolean(), fc.constantFrom('1.0', '2.0'))
  .map(([name, invocation, PayloadFormatVersion]) => ({
    ConnectionType: 'INTERNET',
    IntegrationMethod: 'POST',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: invocation
      ? `${INVOCATION}${FUNCTION}${name}/invocations`
      : `${FUNCTION}${name}:\${stageVariables.alias}`,
    PayloadFormatVersion,
  }))
const ACTIONS: [subtype: string, parameters: Record<string, string>][] = [
  ['SQS-SendMessage', { QueueUrl: 'https://queue', MessageBody: '$request.body.a' }],
  ['StepFunctions-StopExecution', { ExecutionArn: '$request.path.execution', Cause: 'a b' }],
]
const action: fc.Arbitrary<DefinedIntegration> = fc
  .tuple(fc.constantFrom(...ACTIONS), fc.option(responseRules))
  .map(([[IntegrationSubtype, RequestParameters], rules]) => ({
    ConnectionType: 'INTERNET',
    CredentialsArn: 'arn:aws:iam::123456789012:role/gateway',
    IntegrationSubtype,
    IntegrationType: 'AWS_PROXY',
    PayloadFormatVersion: '1.0',
    RequestParameters,
    ...(rules === null ? {} : { ResponseParameters: rules }),
    TimeoutInMillis: 30_000,
  }))

/** Without its id. */
const integration: fc.Arbitrary<DefinedIntegration> = fc.oneof(
  fc.tuple(common, always, tls, internet).map(merged),
  fc.tuple(common, always, tls, privateNetwork).map(merged),
  fc.tuple(common, always, fc.constant({}), lambda).map(merged),
  action,
)

function merged(parts: readonly DefinedIntegration[]): DefinedIntegration {
  return Object.assign({}, ...parts) as DefinedIntegration
}

const source = fc.constantFrom('$request.header.Authorization', '$request.querystring.token')
const jwt: fc.Arbitrary<Authorizer> = fc.record({
  AuthorizerType: fc.constant('JWT' as const),
  IdentitySource: list(source, 1),
  JwtConfiguration: fc.record({
    Audience: list(word),
    Issuer: fc.webUrl({ validSchemes: ['https'] }),
  }),
  Name: fc.constant(undefined),
})
const request: fc.Arbitrary<Authorizer> = fc
  .tuple(
    fc.record({
      AuthorizerPayloadFormatVersion: fc.constantFrom('1.0', '2.0'),
      AuthorizerType: fc.constant('REQUEST' as const),
      AuthorizerUri: word.map((name) => `${INVOCATION}${FUNCTION}${name}/invocations`),
      IdentitySource: list(source, 2),
      Name: fc.constant(undefined),
    }),
    some({
      AuthorizerCredentialsArn: fc.constant('arn:aws:iam::123456789012:role/authorizer'),
      AuthorizerResultTtlInSeconds: fc.integer({ min: 0, max: 3600 }),
      EnableSimpleResponses: fc.boolean(),
    }),
  )
  .map(([authorizer, { EnableSimpleResponses, ...more }]) => {
    const isSimple = authorizer.AuthorizerPayloadFormatVersion === '2.0' && EnableSimpleResponses
    return { ...authorizer, ...more, ...(isSimple ? { EnableSimpleResponses: true } : {}) }
  })

const model: fc.Arbitrary<Model> = fc
  .tuple(
    fc.record({
      ContentType: fc.constantFrom('application/json', 'application/xml'),
      Name: fc.stringMatching(/^[A-Za-z0-9]{1,10}$/),
      Schema: fc
        .oneof(
          fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
          fc.record({ $ref: word.map((name) => `#/components/schemas/${name}`) }),
          fc.constantFrom(
            { $ref: 'https://apigateway.amazonaws.com/restapis/a/models/B' },
            { 'x-postern-security': 'origin' },
            true,
          ),
        )
        .map((schema) => JSON.stringify(schema)),
    }),
    some({ Description: text }),
  )
  .map(([described, more]) => ({ ...described, ...more }))

const segment = fc.oneof(
  fc.stringMatching(/^[a-z0-9_-]{1,6}$/),
  fc.stringMatching(/^[a-z]{1,4}$/).map((name) => `{${name}}`),
)
const path = fc
  .tuple(fc.uniqueArray(segment, { maxLength: 4 }), fc.constantFrom('', '', '/{proxy+}'))
  .map(([segments, rest]) => `/${segments.join('/')}${rest}`.replace('//', '/'))
const routeKey = fc.oneof(
  { weight: 1, arbitrary: fc.constant('$default') },
  {
    weight: 9,
    arbitrary: fc
      .tuple(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'ANY'), path)
      .map(([method, at]) => `${method} ${at}`),
  },
)
const routeKeys = fc.uniqueArray(routeKey, {
  maxLength: 8,
  selector: (key) => `${key.split(' ')[0]} ${shapeOf(key.split(' ')[1] ?? '')}`,
})

interface Parts {
  readonly api: ApiSettings
  readonly integrations: readonly DefinedIntegration[]
  readonly authorizers: readonly Authorizer[]
  readonly models: readonly Model[]
  readonly keys: readonly string[]
  /** Which integration, authorizer and name each route has. */
  readonly choices: readonly (readonly [number, number, string, readonly string[]])[]
}

export const httpApiDefinitions: fc.Arbitrary<HttpApiDefinition> = fc
  .record<Parts>({
    api,
    integrations: fc.array(integration, { maxLength: 4 }),
    authorizers: fc.array(fc.oneof(jwt, request), { maxLength: 3 }),
    models: fc.uniqueArray(model, { maxLength: 3, selector: ({ Name }) => Name }),
    keys: routeKeys,
    choices: fc.array(fc.tuple(fc.nat(5), fc.nat(5), text, fc.uniqueArray(word)), {
      minLength: 8,
      maxLength: 8,
    }),
  })
  // Objects with the prototype that those of a store have.
  .map((parts) => structuredClone(definitionOf(parts)))

function definitionOf({ api, keys, choices, ...parts }: Parts): HttpApiDefinition {
  const authorizers = parts.authorizers.map((each, i) => ({
    ...each,
    AuthorizerId: `auth${i}00`,
    Name: i === 0 ? 'sigv4' : `authorizer ${i}`,
  }))
  const integrations = parts.integrations.map((each, i) => ({
    ...each,
    IntegrationId: `int${i}000`,
  }))
  const models = parts.models.map((each, i) => ({ ...each, ModelId: `model${i}0` }))
  const routes = keys.map((RouteKey, i): Route => {
    const [target, authorizer, name, scopes] = choices[i]!
    const { IntegrationId } = integrations[target] ?? {}
    return {
      ApiKeyRequired: false,
      ...authorizationOf(authorizers[authorizer], authorizer, scopes),
      RouteId: `route${i}0`,
      RouteKey,
      ...(target % 2 === 0 ? { OperationName: name } : {}),
      ...(IntegrationId === undefined ? {} : { Target: `integrations/${IntegrationId}` }),
    }
  })
  return { api, routes, integrations, authorizers, models, sources: {} }
}

function authorizationOf(
  authorizer: Authorizer | undefined,
  choice: number,
  scopes: readonly string[],
): Omit<Route, 'RouteKey'> {
  if (authorizer === undefined) return { AuthorizationType: choice === 5 ? 'AWS_IAM' : 'NONE' }
  const { AuthorizerId } = authorizer
  if (authorizer.AuthorizerType === 'REQUEST') return { AuthorizationType: 'CUSTOM', AuthorizerId }
  const some = scopes.length === 0 ? {} : { AuthorizationScopes: [...scopes] }
  return { ...some, AuthorizationType: 'JWT', AuthorizerId }
}
