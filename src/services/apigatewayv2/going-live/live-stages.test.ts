import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { CreateRouteRequest, CreateStageRequest } from '@aws-sdk/client-apigatewayv2'
import type { ServiceError } from '../../../aws/service-error.ts'
import { limitsOf } from '../../../domain/limits.ts'
import type { Operation, WriteContext } from '../../service.ts'
import { apiOperations } from '../api.ts'
import { deploymentOperations } from '../deployment.ts'
import { integrationOperations } from '../integration.ts'
import type { ApiRecord } from '../records.ts'
import { routeOperations } from '../route.ts'
import { stageOperations } from '../stage.ts'
import { tagOperations } from '../tags.ts'
import { LiveCalls } from './live-calls.fake.ts'
import { apiGatewayV2Stages } from './live-stages.ts'

/** Within a batch that is under way. */
function runWrite<Input, Output>(
  operation: Operation<Input, Output>,
  input: Input,
  context: WriteContext,
): Promise<Output> {
  assert(operation.kind === 'write')
  return operation.run(input, context)
}

let live: LiveCalls
let ApiId: string
let Target: string

beforeEach(async () => {
  live = new LiveCalls()
  ApiId = (await live.call(apiOperations.CreateApi, { Name: 'pets', ProtocolType: 'HTTP' })).ApiId!
  Target = await addIntegration()
})

async function addIntegration(IntegrationUri = 'https://pets.example'): Promise<string> {
  const { IntegrationId } = await live.call(integrationOperations.CreateIntegration, {
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri,
    PayloadFormatVersion: '1.0',
  })
  return `integrations/${IntegrationId}`
}

function addRoute(RouteKey = 'GET /pets', request: Partial<CreateRouteRequest> = {}) {
  return live.call(routeOperations.CreateRoute, { ApiId, RouteKey, Target, ...request })
}

function addStage(StageName: string, request: Partial<CreateStageRequest> = {}) {
  return live.call(stageOperations.CreateStage, { ApiId, StageName, ...request })
}

function stage(StageName: string) {
  return live.call(stageOperations.GetStage, { ApiId, StageName })
}

async function deployments() {
  const { Items } = await live.call(deploymentOperations.GetDeployments, { ApiId })
  return Items!
}

function served(stageName: string) {
  return live.served.get(`${ApiId}/${stageName}`)
}

async function refuses(attempt: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(attempt, (error: ServiceError) => {
    assert.equal(error.code, 'BadRequestException', error.message)
    assert.match(error.message, message)
    return true
  })
}

describe('a stage that deploys by itself', () => {
  test('follows every change, with one deployment for all such stages', async () => {
    await addStage('$default', { AutoDeploy: true })
    await addStage('next', { AutoDeploy: true })
    await addStage('manual')
    assert.equal(live.served.size, 0)
    const { RouteId } = await addRoute()
    const [deployment, ...more] = await deployments()
    assert.equal(more.length, 0)
    assert.equal(deployment?.AutoDeployed, true)
    assert.equal(
      deployment.Description,
      'Automatic deployment triggered by changes to the Api configuration',
    )
    assert.equal(live.last.live.length, 2)
    assert.deepEqual(served('$default')?.routes, [
      { routeKey: 'GET /pets', integrationId: Target.slice('integrations/'.length) },
    ])
    assert.equal(served('next')?.deploymentId, deployment.DeploymentId)
    const { LastDeploymentStatusMessage: message } = await stage('next')
    assert.equal(
      message,
      `Successfully deployed stage with deployment ID '${deployment.DeploymentId}'`,
    )
    await live.call(routeOperations.UpdateRoute, { ApiId, RouteId, RouteKey: 'GET /cats' })
    assert.equal(served('$default')?.routes[0]?.routeKey, 'GET /cats')
    assert.equal(served('$default')?.revision, 2)
    assert.equal((await deployments()).length, 2)
    assert.equal(served('manual'), undefined)
  })

  test('makes one deployment for a batch', async () => {
    await addStage('$default', { AutoDeploy: true })
    await live.batch(async (context) => {
      for (const RouteKey of ['GET /a', 'GET /b', 'GET /c']) {
        await routeOperations.CreateRoute.run({ ApiId, RouteKey, Target }, context as never)
      }
    })
    assert.equal((await deployments()).length, 1)
    assert.equal(served('$default')?.routes.length, 3)
  })

  test('keeps what it serves while the draft is incomplete, and says so', async () => {
    await addStage('$default', { AutoDeploy: true })
    assert.match(
      (await stage('$default')).LastDeploymentStatusMessage ?? '',
      /^Deployment attempt failed: .*no routes exist/,
    )
    await addRoute()
    const before = served('$default')
    const { RouteId } = await addRoute('GET /loose', { Target: undefined })
    assert.deepEqual(live.last.live, [])
    assert.equal(served('$default'), before)
    const { LastDeploymentStatusMessage: failed, DeploymentId } = await stage('$default')
    assert.match(failed ?? '', /^Deployment attempt failed: .*no target: GET \/loose/)
    assert.equal(DeploymentId, before?.deploymentId)
    await live.call(routeOperations.UpdateRoute, { ApiId, RouteId, Target })
    assert.equal(served('$default')?.routes.length, 2)
    await live.call(routeOperations.DeleteRoute, { ApiId, RouteId })
    assert.equal(served('$default')?.routes.length, 1)
    assert.match((await stage('$default')).LastDeploymentStatusMessage ?? '', /^Successfully/)
  })

  test('takes the current deployment of another instead of making one more', async () => {
    await addRoute()
    await addStage('one', { AutoDeploy: true })
    await addStage('two', { AutoDeploy: true })
    assert.equal((await deployments()).length, 1)
    assert.equal((await stage('two')).DeploymentId, (await stage('one')).DeploymentId)
  })

  test('begins to follow when it is turned on', async () => {
    await addRoute()
    await live.call(deploymentOperations.CreateDeployment, { ApiId })
    const [{ DeploymentId } = {}] = await deployments()
    await addStage('test', { DeploymentId })
    await addRoute('GET /toys')
    assert.equal(served('test')?.routes.length, 1)
    await live.call(stageOperations.UpdateStage, { ApiId, StageName: 'test', AutoDeploy: true })
    assert.equal(served('test')?.routes.length, 2)
  })

  test('follows CORS and the endpoint, but neither names nor tags', async () => {
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    const CorsConfiguration = { AllowOrigins: ['https://shop.example'] }
    await live.call(apiOperations.UpdateApi, { ApiId, CorsConfiguration })
    assert.deepEqual(served('$default')?.corsConfiguration?.allowOrigins, ['https://shop.example'])
    await live.call(apiOperations.UpdateApi, { ApiId, DisableExecuteApiEndpoint: true })
    assert.equal(served('$default')?.disableExecuteApiEndpoint, true)
    const count = (await deployments()).length
    await live.call(apiOperations.UpdateApi, { ApiId, Name: 'toys', Description: 'for children' })
    assert.equal((await deployments()).length, count)
    assert.equal(served('$default')?.apiName, 'toys')
  })
})

describe('what cannot be served', () => {
  test('the call that would make it live fails, and changes nothing', async () => {
    const guard = await live.unenforced(ApiId)
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    const before = served('$default')
    const wrong = addRoute('GET /iam', guard)
    await refuses(wrong, /route GET \/iam: .*CUSTOM/)
    const { Items } = await live.call(routeOperations.GetRoutes, { ApiId })
    assert.equal(Items?.length, 1)
    assert.equal(served('$default'), before)
  })

  test('an integration counts once a route leads to it', async () => {
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    const { IntegrationId } = await live.call(integrationOperations.CreateIntegration, {
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: 'arn:aws:lambda:eu-central-1:123456789012:function:pets',
      PayloadFormatVersion: '2.0',
    })
    const wrong = addRoute('GET /lambda', { Target: `integrations/${IntegrationId}` })
    await refuses(wrong, /route GET \/lambda: .*AWS_PROXY/)
  })

  test('is stored as long as no stage serves it', async () => {
    await addRoute('GET /iam', await live.unenforced(ApiId))
    const made = await live.call(deploymentOperations.CreateDeployment, { ApiId })
    await addStage('test')
    const { DeploymentId } = made
    await refuses(
      live.call(stageOperations.UpdateStage, { ApiId, StageName: 'test', DeploymentId }),
      /Stage test of API .* cannot be served: route GET \/iam: .*CUSTOM/,
    )
    await refuses(
      live.call(deploymentOperations.CreateDeployment, { ApiId, StageName: 'test' }),
      /CUSTOM/,
    )
    assert.equal((await stage('test')).DeploymentId, undefined)
    assert.equal((await deployments()).length, 1)
  })

  test('a setting of the stage refuses the call that asks for it', async () => {
    await addRoute()
    const RouteSettings = { 'GET /pets': { DetailedMetricsEnabled: true } }
    await refuses(addStage('$default', { AutoDeploy: true, RouteSettings }), /whole stage/)
    await addStage('$default', { AutoDeploy: true })
    await refuses(
      live.call(stageOperations.UpdateStage, { ApiId, StageName: '$default', RouteSettings }),
      /stage \$default: route GET \/pets: detailed metrics/,
    )
    assert.equal(served('$default')?.revision, 1)
  })

  test('many reasons are counted', async () => {
    const guard = await live.unenforced(ApiId)
    for (let i = 0; i < 30; i++) await addRoute(`GET /${i}`, guard)
    await refuses(addStage('$default', { AutoDeploy: true }), /and 10 more reasons$/)
  })
})

describe('limits', () => {
  const limits = () => {
    const { throttle, routes } = served('$default')!
    return [throttle, ...routes.map((route) => route.throttle)]
  }
  const update = (request: Partial<CreateStageRequest>) =>
    live.call(stageOperations.UpdateStage, { ApiId, StageName: '$default', ...request })

  test('go live with the call that sets them, and go with the one that takes them away', async () => {
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    assert.deepEqual(limits(), [undefined, undefined])
    const DefaultRouteSettings = { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5 }
    await update({ DefaultRouteSettings })
    assert.deepEqual(limits(), [{ ratePerSecond: 10, burst: 5 }, undefined])
    assert.equal(served('$default')?.revision, 2)
    await update({ RouteSettings: { 'GET /pets': { ThrottlingRateLimit: 0.5 } } })
    assert.deepEqual(limits(), [
      { ratePerSecond: 10, burst: 5 },
      { ratePerSecond: 0.5, burst: 5 },
    ])
    const RouteKey = 'GET /pets'
    await live.call(stageOperations.DeleteRouteSettings, {
      ...{ ApiId, StageName: '$default', RouteKey },
    })
    assert.deepEqual(limits(), [{ ratePerSecond: 10, burst: 5 }, undefined])
  })
})

describe('a document is returned when it changes', () => {
  beforeEach(async () => {
    await addRoute()
    const { DeploymentId } = await live.call(deploymentOperations.CreateDeployment, { ApiId })
    await addStage('test', { DeploymentId })
    await addStage('other', { DeploymentId })
    live.last = { live: [], gone: [] }
  })

  test('new stages with a deployment are live at once', () => {
    assert.deepEqual([served('test')?.revision, served('other')?.revision], [1, 1])
  })

  test('settings of one stage change that one', async () => {
    const StageVariables = { host: 'a.example' }
    await live.call(stageOperations.UpdateStage, { ApiId, StageName: 'test', StageVariables })
    const names = live.last.live.map(({ stageName, revision }) => [stageName, revision])
    assert.deepEqual(names, [['test', 2]])
    assert.deepEqual(served('test')?.stageVariables, StageVariables)
  })

  test('the draft changes nothing', async () => {
    await addRoute('GET /toys')
    assert.deepEqual(live.last, { live: [], gone: [] })
  })

  test('tags and descriptions change nothing', async () => {
    const ResourceArn = `arn:aws:apigateway:eu-central-1::/apis/${ApiId}/stages/test`
    await live.call(tagOperations.TagResource, { ResourceArn, Tags: { team: 'pets' } })
    const patch = { ApiId, StageName: 'test', Description: 'for tests' }
    await live.call(stageOperations.UpdateStage, patch)
    assert.deepEqual(live.last, { live: [], gone: [] })
    assert.equal(served('test')?.revision, 1)
  })

  test('a rollback is a stage that points back', async () => {
    const before = served('test')!
    await addRoute('GET /toys')
    await live.call(deploymentOperations.CreateDeployment, { ApiId, StageName: 'test' })
    assert.equal(served('test')?.routes.length, 2)
    const DeploymentId = before.deploymentId
    await live.call(stageOperations.UpdateStage, { ApiId, StageName: 'test', DeploymentId })
    assert.deepEqual(served('test'), { ...before, revision: 3 })
  })

  test('a deleted stage is gone', async () => {
    await live.call(stageOperations.DeleteStage, { ApiId, StageName: 'test' })
    assert.deepEqual(live.last, { live: [], gone: [{ apiId: ApiId, stageName: 'test' }] })
  })

  test('a stage that was never served is not gone', async () => {
    await addStage('empty')
    await live.call(stageOperations.DeleteStage, { ApiId, StageName: 'empty' })
    assert.deepEqual(live.last, { live: [], gone: [] })
  })

  test('a stage that is made again in the same batch gets a revision that it has not had', async () => {
    const { DeploymentId } = await stage('test')
    await live.batch(async (context) => {
      const name = { ApiId, StageName: 'test' }
      await stageOperations.DeleteStage.run(name, context as never)
      await stageOperations.CreateStage.run({ ...name, DeploymentId }, context as never)
      const StageVariables = { a: 'b' }
      await stageOperations.UpdateStage.run({ ...name, StageVariables }, context as never)
    })
    assert.equal(served('test')?.revision, 2)
  })

  test('all stages of a deleted API are gone', async () => {
    await live.call(apiOperations.DeleteApi, { ApiId })
    assert.deepEqual(live.last.gone.map(({ stageName }) => stageName).toSorted(), ['other', 'test'])
    assert.equal(live.served.size, 0)
  })
})

test('old automatic deployments are removed, but never one that a stage points to', async () => {
  const limits = { ...limitsOf('aws'), automaticDeploymentsPerApi: 3 }
  Object.assign(live, { stages: apiGatewayV2Stages({ limits }) })
  await addRoute()
  await addStage('$default', { AutoDeploy: true })
  const { DeploymentId: first } = await stage('$default')
  await addStage('pinned', { DeploymentId: first })
  const made = await live.call(deploymentOperations.CreateDeployment, { ApiId })
  for (let i = 0; i < 6; i++) await addRoute(`GET /${i}`)
  const kept = await deployments()
  const automatic = kept.filter(({ AutoDeployed }) => AutoDeployed === true)
  assert.deepEqual(
    kept.slice(0, 2).map(({ DeploymentId }) => DeploymentId),
    [first, made.DeploymentId],
  )
  assert.equal(automatic.length, 4)
  assert.equal(automatic.at(-1)?.DeploymentId, (await stage('$default')).DeploymentId)
})

describe('at start', () => {
  test('everything that has a deployment is served as it was', async () => {
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    await addStage('empty')
    const { live: documents, refused } = await live.calls.store.read((reader) =>
      live.stages.all(reader),
    )
    assert.deepEqual(documents, [served('$default')])
    assert.deepEqual(refused, [])
  })

  test('what these settings do not allow is refused by name, the rest is served', async () => {
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    await addStage('slow', { AutoDeploy: true, StageVariables: { a: 'b' } })
    const limits = { ...limitsOf('aws'), integrationTimeoutMaxMs: 1_000 }
    const strict = apiGatewayV2Stages({ limits })
    const { live: documents, refused } = await live.calls.store.read((reader) => strict.all(reader))
    assert.deepEqual(documents, [])
    assert.deepEqual(
      refused.map(({ stageName }) => stageName),
      ['$default', 'slow'],
    )
    assert.match(refused[0]?.reasons[0] ?? '', /route GET \/pets: TimeoutInMillis/)
    assert.deepEqual(refused[0]?.scope, live.calls.scope)
  })
})

describe('one batch', () => {
  test('that deletes a stage and makes one of its name that has nothing to serve ends the old one', async () => {
    await addRoute()
    await addStage('prod', { AutoDeploy: true })
    assert.ok(served('prod'))
    await live.batch(async (context) => {
      const stage = { ApiId, StageName: 'prod' }
      await runWrite(stageOperations.DeleteStage, stage, context)
      await runWrite(stageOperations.CreateStage, stage, context)
    })
    assert.equal(served('prod'), undefined)
  })
})

describe('an API whose file is not named', () => {
  const park = (parked: boolean) =>
    live.batch(async ({ records }) => {
      const key = { kind: 'api', parent: '', id: ApiId }
      const { body } = (await records.get<ApiRecord>(key))!
      const source = { file: 'a.yaml', digest: 'd', deploymentId: 'x' }
      await records.put(key, { ...body, source: parked ? { ...source, parked } : source })
    })

  test('is not served, whatever is done to it, until the file is named again', async () => {
    await addRoute()
    await addStage('$default', { AutoDeploy: true })
    await park(true)
    assert.equal(served('$default'), undefined)
    await addRoute('GET /more')
    assert.equal(served('$default'), undefined)
    const { Warnings } = await live.call(apiOperations.GetApi, { ApiId })
    assert.match(Warnings?.[0] ?? '', /^Not served: .*a\.yaml/)
    await park(false)
    assert.deepEqual(
      served('$default')?.routes.map(({ routeKey }) => routeKey),
      ['GET /pets', 'GET /more'],
    )
    assert.equal((await live.call(apiOperations.GetApi, { ApiId })).Warnings, undefined)
  })
})
