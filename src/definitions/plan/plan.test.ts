import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HttpApiDefinition, StageSettings } from '../../domain/http-api-definition.ts'
import { httpApiDefinitions } from '../open-api/http-api-definition.fake.ts'
import { type Plan, planChanges } from './plan.ts'

const STAGE: StageSettings = { StageName: '$default', StageVariables: { host: 'a' } }
const SAME = { before: STAGE, after: STAGE }

const BEFORE: HttpApiDefinition = {
  api: { Name: 'orders', DisableExecuteApiEndpoint: false, Tags: {} },
  routes: [
    { RouteId: 'r1', RouteKey: 'GET /orders/{id}', Target: 'integrations/i1' },
    { RouteId: 'r2', RouteKey: 'DELETE /orders/{id}', Target: 'integrations/i1' },
    {
      RouteId: 'r3',
      RouteKey: '$default',
      Target: 'integrations/i2',
      AuthorizationType: 'JWT',
      AuthorizerId: 'a1',
    },
  ],
  integrations: [
    {
      IntegrationId: 'i1',
      IntegrationUri: 'http://orders/{id}',
      IntegrationMethod: 'ANY',
      RequestParameters: { 'append:header.a': '1' },
    },
    { IntegrationId: 'i2', IntegrationUri: 'http://site', IntegrationMethod: 'ANY' },
  ],
  authorizers: [
    {
      AuthorizerId: 'a1',
      Name: 'people',
      AuthorizerType: 'JWT',
      JwtConfiguration: { Issuer: 'https://one' },
    },
  ],
  models: [{ ModelId: 'm1', Name: 'Order', Schema: '{}' }],
  sources: { r1: 'api.yaml:4' },
}

function withRoute(index: number, members: object): HttpApiDefinition {
  const routes = BEFORE.routes.map((route, i) => (i === index ? { ...route, ...members } : route))
  return { ...BEFORE, routes }
}

const NOTHING: Plan = {
  isEmpty: true,
  addedRoutes: [],
  removedRoutes: [],
  changedRoutes: [],
  api: [],
  stage: [],
  resources: [],
}

const FIRST = { routeKey: 'GET /orders/{id}', target: 'http://orders/{id}', source: 'api.yaml:4' }
const SECOND = { routeKey: 'DELETE /orders/{id}', target: 'http://orders/{id}' }
const DEFAULT = { routeKey: '$default', target: 'http://site' }

const CASES: [name: string, after: HttpApiDefinition, expected: Partial<Plan>][] = [
  ['a route that goes', { ...BEFORE, routes: BEFORE.routes.slice(1) }, { removedRoutes: [FIRST] }],
  [
    'a new route without a target',
    { ...BEFORE, routes: [...BEFORE.routes, { RouteKey: 'POST /a' }] },
    { addedRoutes: [{ routeKey: 'POST /a' }] },
  ],
  [
    'an integration that two routes share',
    {
      ...BEFORE,
      integrations: [
        { IntegrationId: 'i1', IntegrationUri: 'http://new/{id}', IntegrationMethod: 'ANY' },
        BEFORE.integrations[1]!,
      ],
    },
    {
      changedRoutes: [SECOND, FIRST].map((route) => ({
        ...route,
        target: 'http://new/{id}',
        changes: [
          {
            member: 'Integration.IntegrationUri',
            before: 'http://orders/{id}',
            after: 'http://new/{id}',
          },
          { member: 'Integration.RequestParameters.append:header.a', before: '1' },
        ],
      })),
    },
  ],
  [
    'an authorizer with another issuer',
    {
      ...BEFORE,
      authorizers: [{ ...BEFORE.authorizers[0]!, JwtConfiguration: { Issuer: 'https://two' } }],
    },
    {
      changedRoutes: [
        {
          ...DEFAULT,
          changes: [
            {
              member: 'Authorizer.JwtConfiguration.Issuer',
              before: 'https://one',
              after: 'https://two',
            },
          ],
        },
      ],
    },
  ],
  [
    'a route that is opened, and its authorizer left behind',
    withRoute(2, { AuthorizationType: 'NONE', AuthorizerId: undefined }),
    {
      changedRoutes: [
        {
          ...DEFAULT,
          changes: [
            { member: 'AuthorizationType', before: 'JWT' },
            { member: 'Authorizer.AuthorizerType', before: 'JWT' },
            { member: 'Authorizer.JwtConfiguration.Issuer', before: 'https://one' },
            { member: 'Authorizer.Name', before: 'people' },
          ],
        },
      ],
      resources: [
        {
          member: 'Authorizer people',
          after: {
            Name: 'people',
            AuthorizerType: 'JWT',
            JwtConfiguration: { Issuer: 'https://one' },
          },
        },
      ],
    },
  ],
  [
    'members with their defaults',
    withRoute(0, { ApiKeyRequired: false, AuthorizationType: 'NONE' }),
    {},
  ],
  [
    'a target that is not there',
    withRoute(0, { Target: 'integrations/gone' }),
    {
      changedRoutes: [
        {
          routeKey: FIRST.routeKey,
          source: FIRST.source,
          changes: [
            { member: 'Integration.IntegrationMethod', before: 'ANY' },
            { member: 'Integration.IntegrationUri', before: 'http://orders/{id}' },
            { member: 'Integration.RequestParameters.append:header.a', before: '1' },
            { member: 'Target', after: 'integrations/gone' },
          ],
        },
      ],
    },
  ],
  [
    'settings of the API',
    {
      ...BEFORE,
      api: {
        Name: 'orders',
        DisableExecuteApiEndpoint: true,
        Tags: { team: 'shop' },
        CorsConfiguration: { AllowCredentials: false, AllowOrigins: ['*'] },
      },
    },
    {
      api: [
        { member: 'CorsConfiguration.AllowCredentials', after: false },
        { member: 'CorsConfiguration.AllowOrigins', after: ['*'] },
        { member: 'DisableExecuteApiEndpoint', after: true },
        { member: 'Tags.team', after: 'shop' },
      ],
    },
  ],
  [
    'a model',
    { ...BEFORE, models: [{ ModelId: 'm9', Name: 'Order', Schema: '{"type":"object"}' }] },
    { resources: [{ member: 'Model Order.Schema', before: '{}', after: '{"type":"object"}' }] },
  ],
  [
    'a second integration to a place, without a route',
    { ...BEFORE, integrations: [...BEFORE.integrations, { IntegrationUri: 'http://site' }] },
    {
      resources: [{ member: 'Integration http://site', after: { IntegrationUri: 'http://site' } }],
    },
  ],
]

for (const [name, after, expected] of CASES) {
  test(name, () => {
    const isEmpty = Object.keys(expected).length === 0
    assert.deepEqual(planChanges(BEFORE, after, SAME), { ...NOTHING, ...expected, isEmpty })
  })
}

test('variables and settings of the stage', () => {
  const after = {
    StageName: '$default',
    StageVariables: { host: 'b', port: '1' },
    DefaultRouteSettings: { DetailedMetricsEnabled: true },
  }
  assert.deepEqual(planChanges(BEFORE, BEFORE, { before: STAGE, after }).stage, [
    { member: 'DefaultRouteSettings.DetailedMetricsEnabled', after: true },
    { member: 'StageVariables.host', before: 'a', after: 'b' },
    { member: 'StageVariables.port', after: '1' },
  ])
})

test('a new API and stage: everything is new', () => {
  const plan = planChanges(undefined, BEFORE, { before: undefined, after: STAGE })
  assert.deepEqual(plan.addedRoutes, [DEFAULT, SECOND, FIRST])
  assert.deepEqual(plan.api, [{ member: 'Name', after: 'orders' }])
  assert.deepEqual(plan.stage, [
    { member: 'StageName', after: '$default' },
    { member: 'StageVariables.host', after: 'a' },
  ])
  assert.equal(plan.isEmpty, false)
})

/** The same API from another store. */
function renamed(definition: HttpApiDefinition): HttpApiDefinition {
  const { routes, integrations, authorizers, models } = definition
  return {
    ...definition,
    routes: routes.toReversed().map((route) => ({
      ...route,
      RouteId: `x${route.RouteId}`,
      ...(route.Target && { Target: route.Target.replace('/', '/x') }),
      ...(route.AuthorizerId && { AuthorizerId: `x${route.AuthorizerId}` }),
    })),
    integrations: integrations.toReversed().map((each) => ({
      ...each,
      IntegrationId: `x${each.IntegrationId}`,
    })),
    authorizers: authorizers
      .toReversed()
      .map((each) => ({ ...each, AuthorizerId: `x${each.AuthorizerId}` })),
    models: models.toReversed().map((each) => ({ ...each, ModelId: `x${each.ModelId}` })),
  }
}

test('ids and order are no change, and every plan can be written as JSON', () => {
  fc.assert(
    fc.property(httpApiDefinitions, httpApiDefinitions, (definition, other) => {
      assert.deepEqual(planChanges(definition, renamed(definition), SAME), NOTHING)
      const plan = planChanges(definition, other, SAME)
      assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
      const keys = other.routes.map(({ RouteKey }) => RouteKey)
      const kept = definition.routes.filter(({ RouteKey }) => keys.includes(RouteKey))
      assert.equal(plan.addedRoutes.length, keys.length - kept.length)
      assert.equal(plan.removedRoutes.length, definition.routes.length - kept.length)
    }),
    { numRuns: 100 },
  )
})
