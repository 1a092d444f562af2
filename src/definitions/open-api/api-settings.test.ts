import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importWith, toldBy } from './imported.fake.ts'

test('an API has the members that CreateApi gives it', () => {
  const { definition, stage, apiId } = importWith({})
  assert.deepEqual(definition!.api, { DisableExecuteApiEndpoint: false, Name: 'T', Tags: {} })
  assert.deepEqual(stage, { StageName: '$default', StageVariables: {} })
  assert.equal(apiId, undefined)
})

test('what the definition says about API and stage', () => {
  const { definition, stage, apiId } = importWith({
    info: { title: 'Orders', version: 1.5, description: 'All of them.' },
    servers: [
      {
        url: 'https://a.example',
        'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
      },
    ],
    tags: [{ name: 'team', 'x-amazon-apigateway-tag-value': 'shop' }, { name: 'plain' }],
    'x-amazon-apigateway-cors': { allowOrigins: ['https://shop.example'], maxAge: 0 },
    'x-postern-api-id': 'abcdefghij',
    'x-postern-stage': 'beta',
    'x-postern-stage-variables': { host: 'a' },
    'x-postern-detailed-metrics': true,
  })
  assert.deepEqual(definition!.api, {
    CorsConfiguration: {
      AllowCredentials: false,
      AllowOrigins: ['https://shop.example'],
      MaxAge: 0,
    },
    Description: 'All of them.',
    DisableExecuteApiEndpoint: true,
    Name: 'Orders',
    Tags: { team: 'shop', plain: '' },
    Version: '1.5',
  })
  assert.deepEqual(stage, {
    StageName: 'beta',
    StageVariables: { host: 'a' },
    DefaultRouteSettings: { DetailedMetricsEnabled: true },
  })
  assert.equal(apiId, 'abcdefghij')
})

test('tags that only describe are left out where an API cannot have them; those with a value are not', () => {
  const names = ['aws:a', 'a'.repeat(129), 'a?b', ...Array.from({ length: 60 }, (_, i) => `t${i}`)]
  const plain = names.map((name) => ({ name }))
  const { definition, problems } = importWith({ tags: plain })
  assert.deepEqual(problems, [])
  assert.equal(Object.keys(definition!.api.Tags!).length, 50)
  const valued = plain.slice(0, 3).map((tag) => ({ ...tag, 'x-amazon-apigateway-tag-value': 'v' }))
  assert.deepEqual(
    toldBy(importWith({ tags: valued })),
    [0, 1, 2].map((i) => `error tag-invalid /tags/${i}`),
  )
})

test('long texts are told where AWS is the measure', () => {
  const info = { title: 'T', description: 'a'.repeat(1025), version: 'b'.repeat(65) }
  assert.deepEqual(toldBy(importWith({ info })), [])
  assert.deepEqual(toldBy(importWith({ info }, { profile: 'aws' })).sort(), [
    'warning info-too-long /info/description',
    'warning info-too-long /info/version',
  ])
})

test('ids follow from the definition, and are those of no other resource', () => {
  const members = {
    paths: { '/a': { get: {}, put: {} } },
    components: { schemas: { A: {}, B: {} } },
  }
  const { definition } = importWith(members, { target: 'http://a' })
  assert.deepEqual(importWith(members, { target: 'http://a' }).definition, definition)
  const { routes, integrations, models } = definition!
  const ids = [
    ...routes.map(({ RouteId }) => RouteId),
    ...integrations.map(({ IntegrationId }) => IntegrationId),
    ...models.map(({ ModelId }) => ModelId),
  ]
  assert.equal(new Set(ids).size, 6)
})
