import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { CreateStageRequest, UpdateStageRequest } from '@aws-sdk/client-apigatewayv2'
import type { ServiceError } from '../../aws/service-error.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { apiMappingOperations } from './api-mapping.ts'
import { deploymentOperations } from './deployment.ts'
import { domainNameOperations } from './domain-name.ts'
import { integrationOperations } from './integration.ts'
import { routeOperations } from './route.ts'
import { stageOperations } from './stage.ts'

const { CreateStage, DeleteStage, GetStage, GetStages, UpdateStage } = stageOperations
const LOG_GROUP = 'arn:aws:logs:eu-central-1:123456789012:log-group:calls'
const FORMAT = '{"id":"$context.requestId"}'

let calls: ServiceCalls
let ApiId: string
let DeploymentId: string

/** An API with one route and one deployment. */
beforeEach(async () => {
  calls = new ServiceCalls()
  ApiId = (await calls.call(apiOperations.CreateApi, { Name: 'pets', ProtocolType: 'HTTP' })).ApiId!
  const { IntegrationId } = await calls.call(integrationOperations.CreateIntegration, {
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: 'https://pets.example',
    PayloadFormatVersion: '1.0',
  })
  const Target = `integrations/${IntegrationId}`
  await calls.call(routeOperations.CreateRoute, { ApiId, RouteKey: 'GET /pets', Target })
  const deployment = await calls.call(deploymentOperations.CreateDeployment, { ApiId })
  DeploymentId = deployment.DeploymentId!
})

function create(request: Partial<CreateStageRequest> = {}) {
  return calls.call(CreateStage, { ApiId, StageName: 'test', ...request })
}

function update(request: Partial<UpdateStageRequest>) {
  return calls.call(UpdateStage, { ApiId, StageName: 'test', ...request })
}

function stage() {
  return calls.call(GetStage, { ApiId, StageName: 'test' })
}

async function refuses(
  attempt: Promise<unknown>,
  code: ServiceError['code'],
  message: RegExp,
): Promise<void> {
  await assert.rejects(attempt, (error: ServiceError) => {
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    return true
  })
}

test('a plain stage answers with the defaults of AWS', async () => {
  const made = await create()
  assert.deepEqual(made, {
    CreatedDate: calls.now,
    DefaultRouteSettings: { DetailedMetricsEnabled: false },
    LastUpdatedDate: calls.now,
    RouteSettings: {},
    StageName: 'test',
    StageVariables: {},
    Tags: {},
  })
  assert.deepEqual(await stage(), made)
})

test('everything that is given is kept', async () => {
  const made = await create({
    AccessLogSettings: { DestinationArn: `${LOG_GROUP}:*`, Format: FORMAT },
    AutoDeploy: false,
    DefaultRouteSettings: { ThrottlingRateLimit: 5 },
    DeploymentId,
    Description: 'for tests',
    RouteSettings: { 'GET /pets': { DetailedMetricsEnabled: true } },
    StageVariables: { host: 'pets.example' },
    Tags: { team: 'pets' },
  })
  assert.deepEqual(made, {
    AccessLogSettings: { DestinationArn: LOG_GROUP, Format: FORMAT },
    AutoDeploy: false,
    CreatedDate: calls.now,
    DefaultRouteSettings: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 5 },
    DeploymentId,
    Description: 'for tests',
    LastUpdatedDate: calls.now,
    RouteSettings: { 'GET /pets': { DetailedMetricsEnabled: true } },
    StageName: 'test',
    StageVariables: { host: 'pets.example' },
    Tags: { team: 'pets' },
  })
})

describe('a new stage is refused for', () => {
  const BAD = 'BadRequestException'
  const GONE = 'NotFoundException'
  const cases: [string, () => Partial<CreateStageRequest>, ServiceError['code'], RegExp][] = [
    ['no API', () => ({ ApiId: 'nothere000' }), GONE, /API identifier .*nothere000/],
    ['no deployment', () => ({ DeploymentId: 'gone00' }), GONE, /Deployment identifier .*gone00/],
    ['two masters', () => ({ AutoDeploy: true, DeploymentId }), BAD, /while AutoDeploy is on/],
    ['a client certificate', () => ({ ClientCertificateId: 'abc' }), BAD, /WebSocket/],
    ['a variable name', () => ({ StageVariables: { 'a-b': 'x' } }), BAD, /"a-b"/],
    [
      'a variable value',
      () => ({ StageVariables: { a: 'x y' } }),
      BAD,
      /stage variable a is empty/,
    ],
    ['a long variable', () => ({ StageVariables: { a: 'x'.repeat(513) } }), BAD, /512 bytes/],
    [
      'many variables',
      () => ({
        StageVariables: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`v${i}`, 'x'])),
      }),
      BAD,
      /at most 100 stage variables, not 101/,
    ],
    [
      'settings of an unknown route',
      () => ({ RouteSettings: { 'GET /nope': {} } }),
      GONE,
      /Unable to find Route by key GET \/nope within the provided RouteSettings/,
    ],
    [
      'execution logs',
      () => ({ DefaultRouteSettings: { LoggingLevel: 'INFO' } }),
      BAD,
      /not supported on protocolType HTTP/,
    ],
    [
      'data traces',
      () => ({ RouteSettings: { 'GET /pets': { DataTraceEnabled: true } } }),
      BAD,
      /not supported on protocolType HTTP/,
    ],
    [
      'a negative burst',
      () => ({ DefaultRouteSettings: { ThrottlingBurstLimit: -1 } }),
      BAD,
      /negative/,
    ],
    [
      'a negative rate',
      () => ({ DefaultRouteSettings: { ThrottlingRateLimit: -0.1 } }),
      BAD,
      /negative/,
    ],
    [
      'a rate that is no number',
      () => ({ DefaultRouteSettings: { ThrottlingRateLimit: Number.NaN } }),
      BAD,
      /negative/,
    ],
    [
      'a log without format',
      () => ({ AccessLogSettings: { DestinationArn: LOG_GROUP } }),
      BAD,
      /need a Format/,
    ],
    [
      'a log to nowhere',
      () => ({ AccessLogSettings: { DestinationArn: 'calls', Format: FORMAT } }),
      BAD,
      /Invalid ARN/,
    ],
    [
      'an unknown variable in a log',
      () => ({ AccessLogSettings: { Format: '$context.requestId $context.nope' } }),
      BAD,
      /context\.nope/,
    ],
    ['reserved tags', () => ({ Tags: { 'aws:x': 'y' } }), BAD, /aws:/],
  ]
  for (const [name, request, code, message] of cases) {
    test(name, async () => {
      await refuses(create(request()), code, message)
      await refuses(stage(), 'NotFoundException', /Stage identifier/)
    })
  }

  test('a name that is taken', async () => {
    await create()
    await refuses(create(), 'ConflictException', /Stage already exists/)
  })

  test('the quota', async () => {
    for (let i = 0; i < 10; i++) await create({ StageName: `s${i}` })
    await refuses(create(), 'TooManyRequestsException', /stages for this API/)
  })
})

test('an update leaves alone what it does not name', async () => {
  const made = await create({
    DeploymentId,
    Description: 'one',
    StageVariables: { a: '1', b: '2' },
    AccessLogSettings: { Format: FORMAT },
    Tags: { team: 'pets' },
  })
  calls.now = new Date('2026-11-23T00:00:00.000Z')
  const updated = await update({ StageVariables: { b: '', c: '3' } })
  assert.deepEqual(updated, {
    ...made,
    StageVariables: { a: '1', c: '3' },
    LastUpdatedDate: calls.now,
  })
})

test('settings of routes are put beside the others, those of all routes are replaced', async () => {
  await calls.call(routeOperations.CreateRoute, { ApiId, RouteKey: 'GET /toys' })
  await create({
    DefaultRouteSettings: { ThrottlingRateLimit: 5 },
    RouteSettings: { 'GET /pets': { ThrottlingRateLimit: 1 } },
  })
  const updated = await update({
    DefaultRouteSettings: { DetailedMetricsEnabled: true },
    RouteSettings: { 'GET /toys': { ThrottlingRateLimit: 2 } },
  })
  assert.deepEqual(updated.DefaultRouteSettings, { DetailedMetricsEnabled: true })
  assert.deepEqual(updated.RouteSettings, {
    'GET /pets': { ThrottlingRateLimit: 1 },
    'GET /toys': { ThrottlingRateLimit: 2 },
  })
})

test('settings of one route are taken away by its key', async () => {
  await create({ RouteSettings: { 'GET /pets': { ThrottlingRateLimit: 1 } } })
  const request = { ApiId, StageName: 'test', RouteKey: 'GET /pets' }
  await calls.call(stageOperations.DeleteRouteSettings, request)
  assert.deepEqual((await stage()).RouteSettings, {})
  await refuses(
    calls.call(stageOperations.DeleteRouteSettings, request),
    'NotFoundException',
    /GET \/pets/,
  )
})

test('an access log is changed in parts, and taken away in two ways', async () => {
  await create({ AccessLogSettings: { DestinationArn: LOG_GROUP, Format: FORMAT } })
  const clf = '$context.requestId $context.status'
  const changed = await update({ AccessLogSettings: { Format: clf } })
  assert.deepEqual(changed.AccessLogSettings, { DestinationArn: LOG_GROUP, Format: clf })
  const removed = await update({ AccessLogSettings: {} })
  assert.equal(removed.AccessLogSettings, undefined)
  await update({ AccessLogSettings: { Format: clf } })
  await calls.call(stageOperations.DeleteAccessLogSettings, { ApiId, StageName: 'test' })
  assert.equal((await stage()).AccessLogSettings, undefined)
})

test('a format may end in a line feed and is kept as it is written', async () => {
  const made = await create({ AccessLogSettings: { Format: `${FORMAT}\n` } })
  assert.equal(made.AccessLogSettings?.Format, `${FORMAT}\n`)
})

test('a stage that deploys by itself is not pointed by hand', async () => {
  await create({ AutoDeploy: true })
  await refuses(update({ DeploymentId }), 'BadRequestException', /while AutoDeploy is on/)
  const updated = await update({ DeploymentId, AutoDeploy: false })
  assert.equal(updated.DeploymentId, DeploymentId)
  await refuses(update({ DeploymentId: 'gone00' }), 'NotFoundException', /gone00/)
  assert.equal((await update({ AutoDeploy: true, DeploymentId })).AutoDeploy, true)
})

test('a description is taken away by an empty one', async () => {
  await create({ Description: 'one' })
  assert.equal('Description' in (await update({ Description: '' })), false)
})

test('stages are listed in pages', async () => {
  for (const StageName of ['a', 'b', 'c']) await create({ StageName })
  const first = await calls.call(GetStages, { ApiId, MaxResults: '2' })
  const NextToken = first.NextToken!
  const second = await calls.call(GetStages, { ApiId, MaxResults: '2', NextToken })
  const names = [...first.Items!, ...second.Items!].map(({ StageName }) => StageName)
  assert.deepEqual(names, ['a', 'b', 'c'])
  assert.equal(second.NextToken, undefined)
})

test('a stage is deleted once', async () => {
  await create()
  await calls.call(DeleteStage, { ApiId, StageName: 'test' })
  await refuses(calls.call(DeleteStage, { ApiId, StageName: 'test' }), 'NotFoundException', /test/)
})

test('a stage that a domain name leads to is not deleted', async () => {
  await create()
  await calls.call(domainNameOperations.CreateDomainName, {
    DomainName: 'api.example.localhost',
    DomainNameConfigurations: [{ EndpointType: 'REGIONAL' }],
  })
  const mapping = { DomainName: 'api.example.localhost', ApiId, Stage: 'test' }
  await calls.call(apiMappingOperations.CreateApiMapping, mapping)
  const deletion = calls.call(DeleteStage, { ApiId, StageName: 'test' })
  await refuses(deletion, 'BadRequestException', /api\.example\.localhost/)
})

test('the cache of authorizers is reset for a stage that exists', async () => {
  await create()
  const { ResetAuthorizersCache } = stageOperations
  assert.deepEqual(await calls.call(ResetAuthorizersCache, { ApiId, StageName: 'test' }), {})
  await refuses(
    calls.call(ResetAuthorizersCache, { ApiId, StageName: 'gone' }),
    'NotFoundException',
    /Stage identifier .*gone/,
  )
})
