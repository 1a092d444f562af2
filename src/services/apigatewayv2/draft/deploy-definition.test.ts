import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import { apiOperations } from '../api.ts'
import { deploymentOperations } from '../deployment.ts'
import { LiveCalls } from '../going-live/live-calls.fake.ts'
import { routeOperations } from '../route.ts'
import { stageOperations } from '../stage.ts'
import { type DefinitionDeployment, deployDefinition } from './deploy-definition.ts'

const DEFINITION: HttpApiDefinition = {
  api: { Name: 'pets' },
  routes: [
    {
      RouteId: 'r1',
      RouteKey: 'GET /pets',
      Target: 'integrations/i1',
      AuthorizationType: 'NONE',
      ApiKeyRequired: false,
    },
  ],
  integrations: [
    {
      IntegrationId: 'i1',
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'ANY',
      IntegrationUri: 'https://pets.example',
    },
  ],
  authorizers: [],
  models: [],
  sources: { r1: 'pets.yaml:3' },
}

let live: LiveCalls

beforeEach(() => {
  live = new LiveCalls()
})

function deploy(changes: Partial<DefinitionDeployment> = {}) {
  return live.batch((context) =>
    deployDefinition(context, {
      definition: DEFINITION,
      stageSettings: { StageName: '$default', StageVariables: {} },
      stageName: '$default',
      ...changes,
    }),
  )
}

function stage(ApiId: string, StageName = '$default') {
  return live.call(stageOperations.GetStage, { ApiId, StageName })
}

async function deployments(ApiId: string) {
  return (await live.call(deploymentOperations.GetDeployments, { ApiId })).Items!
}

test('a first deployment makes the API and its stage, and is live', async () => {
  const done = await deploy({ apiId: 'petspets01' })
  const { apiId, deploymentId } = done
  assert.deepEqual(done, {
    apiId: 'petspets01',
    stageName: '$default',
    deploymentId,
    created: true,
  })
  const document = live.served.get('petspets01/$default')
  assert.equal(document?.deploymentId, deploymentId)
  assert.equal(document?.routes[0]?.source, 'pets.yaml:3')
  const { AutoDeploy, LastDeploymentStatusMessage } = await stage(apiId)
  assert.equal(AutoDeploy, true)
  assert.match(LastDeploymentStatusMessage ?? '', new RegExp(deploymentId))
  assert.equal((await deployments(apiId)).length, 1)
})

test('the same once more changes nothing', async () => {
  const first = await deploy()
  const { revision } = live.calls.store
  const second = await deploy()
  assert.deepEqual(second, { ...first, created: false })
  assert.deepEqual(live.last, { live: [], gone: [] })
  assert.equal(live.calls.store.revision, revision)
})

test('a change is one new deployment', async () => {
  const first = await deploy()
  const [route] = DEFINITION.routes
  const definition = { ...DEFINITION, routes: [{ ...route!, RouteKey: 'GET /toys' }] }
  const second = await deploy({ definition })
  assert.notEqual(second.deploymentId, first.deploymentId)
  assert.equal((await deployments(first.apiId)).length, 2)
  assert.equal(live.served.get(`${first.apiId}/$default`)?.routes[0]?.routeKey, 'GET /toys')
})

test('what other means have changed is put right again', async () => {
  const { apiId, deploymentId } = await deploy()
  const routes = await live.call(routeOperations.GetRoutes, { ApiId: apiId })
  const [{ RouteId } = {}] = routes.Items!
  await live.call(routeOperations.UpdateRoute, { ApiId: apiId, RouteId, RouteKey: 'GET /other' })
  const again = await deploy()
  assert.notEqual(again.deploymentId, deploymentId)
  assert.equal(live.served.get(`${apiId}/$default`)?.routes[0]?.routeKey, 'GET /pets')
})

describe('the stage', () => {
  test('of another name does not deploy by itself', async () => {
    const { apiId } = await deploy({ stageName: 'test' })
    assert.notEqual((await stage(apiId, 'test')).AutoDeploy, true)
    assert.ok(live.served.has(`${apiId}/test`))
  })

  test('that exists keeps what the definition does not speak of', async () => {
    const { apiId } = await deploy()
    const AccessLogSettings = { Format: '$context.requestId' }
    await live.call(stageOperations.UpdateStage, {
      ApiId: apiId,
      StageName: '$default',
      AutoDeploy: false,
      AccessLogSettings,
      StageVariables: { old: 'x' },
      DefaultRouteSettings: { DetailedMetricsEnabled: true },
    })
    await deploy({
      stageSettings: { StageName: '$default', StageVariables: { host: 'a.example' } },
    })
    const after = await stage(apiId)
    assert.equal(after.AutoDeploy, false)
    assert.deepEqual(after.AccessLogSettings, AccessLogSettings)
    assert.deepEqual(after.StageVariables, { host: 'a.example' })
    assert.deepEqual(after.DefaultRouteSettings, { DetailedMetricsEnabled: false })
  })
})

describe('the API', () => {
  test('is found by its name', async () => {
    const { apiId } = await deploy()
    assert.equal((await deploy({ apiName: 'pets' })).apiId, apiId)
    const other = await deploy({ apiName: 'toys' })
    assert.equal(other.created, true)
    assert.equal(live.served.get(`${other.apiId}/$default`)?.apiName, 'toys')
  })

  test('is not guessed among several of one name', async () => {
    for (let i = 0; i < 2; i++) {
      await live.call(apiOperations.CreateApi, { Name: 'pets', ProtocolType: 'HTTP' })
    }
    await assert.rejects(deploy(), {
      code: 'ConflictException',
      message: /2 APIs have the name pets/,
    })
  })

  test('does not take an id that another account has', async () => {
    await live.calls.store.write(async (transaction) => {
      const records = transaction.in({ accountId: '999999999999', region: 'eu-west-1' })
      await records.put({ kind: 'api', parent: '', id: 'petspets01' }, { ApiId: 'petspets01' })
    })
    await assert.rejects(deploy({ apiId: 'petspets01' }), { code: 'ConflictException' })
  })
})

test('a definition that cannot be served changes nothing', async () => {
  const [route] = DEFINITION.routes
  const wrong = { ...DEFINITION, routes: [{ ...route!, AuthorizationType: 'CUSTOM' as const }] }
  await assert.rejects(deploy({ definition: wrong }), {
    code: 'BadRequestException',
    message: /route GET \/pets: .*CUSTOM/,
  })
  await assert.rejects(deploy({ definition: { ...DEFINITION, routes: [] } }), {
    message: /no routes exist/,
  })
  assert.equal(live.calls.store.revision, 0)
})
