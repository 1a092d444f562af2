import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { ServiceError } from '../../aws/service-error.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { deploymentOperations } from './deployment.ts'
import { integrationOperations } from './integration.ts'
import { routeOperations } from './route.ts'
import { stageOperations } from './stage.ts'

const { CreateDeployment, DeleteDeployment, GetDeployment, GetDeployments, UpdateDeployment } =
  deploymentOperations

let calls: ServiceCalls
let ApiId: string

beforeEach(async () => {
  calls = new ServiceCalls()
  ApiId = (await calls.call(apiOperations.CreateApi, { Name: 'pets', ProtocolType: 'HTTP' })).ApiId!
})

async function addRoute(RouteKey = 'GET /pets'): Promise<void> {
  const { IntegrationId } = await calls.call(integrationOperations.CreateIntegration, {
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: 'https://pets.example',
    PayloadFormatVersion: '1.0',
  })
  const Target = `integrations/${IntegrationId}`
  await calls.call(routeOperations.CreateRoute, { ApiId, RouteKey, Target })
}

function stage(StageName: string) {
  return calls.call(stageOperations.GetStage, { ApiId, StageName })
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

test('a deployment freezes the draft', async () => {
  await addRoute()
  const made = await calls.call(CreateDeployment, { ApiId, Description: 'first' })
  const { DeploymentId } = made
  assert.match(DeploymentId ?? '', /^[a-z0-9]{6}$/)
  assert.deepEqual(made, {
    AutoDeployed: false,
    CreatedDate: calls.now,
    DeploymentId,
    DeploymentStatus: 'DEPLOYED',
    Description: 'first',
  })
  assert.deepEqual(await calls.call(GetDeployment, { ApiId, DeploymentId }), made)
  await addRoute('GET /toys')
  const key = { kind: 'deployment-definition', parent: ApiId, id: DeploymentId! }
  const frozen = await calls.write(({ records }) => records.get<{ routes: unknown[] }>(key))
  assert.equal(frozen?.body.routes.length, 1)
})

test('an API without routes, or with a route that leads nowhere, is not deployed', async () => {
  await refuses(calls.call(CreateDeployment, { ApiId }), 'BadRequestException', /no routes exist/)
  await addRoute()
  await calls.call(routeOperations.CreateRoute, { ApiId, RouteKey: 'GET /loose' })
  await refuses(
    calls.call(CreateDeployment, { ApiId }),
    'BadRequestException',
    /no target: GET \/loose$/,
  )
  assert.deepEqual((await calls.call(GetDeployments, { ApiId })).Items, [])
})

test('a stage that is named is pointed to it', async () => {
  await addRoute()
  await calls.call(stageOperations.CreateStage, { ApiId, StageName: 'test' })
  calls.now = new Date('2026-11-23T00:00:00.000Z')
  const made = await calls.call(CreateDeployment, { ApiId, StageName: 'test' })
  assert.equal((await stage('test')).DeploymentId, made.DeploymentId)
  assert.deepEqual((await stage('test')).LastUpdatedDate, calls.now)
})

test('a stage that is not there, or deploys by itself, is not pointed to anything', async () => {
  await addRoute()
  await calls.call(stageOperations.CreateStage, { ApiId, StageName: 'auto', AutoDeploy: true })
  const [auto, gone] = ['auto', 'gone'].map((StageName) =>
    calls.call(CreateDeployment, { ApiId, StageName }),
  )
  await refuses(auto!, 'BadRequestException', /auto has AutoDeploy on/)
  await refuses(gone!, 'NotFoundException', /Stage identifier .*gone/)
  assert.deepEqual((await calls.call(GetDeployments, { ApiId })).Items, [])
})

test('the description is all that changes', async () => {
  await addRoute()
  const made = await calls.call(CreateDeployment, { ApiId, Description: 'first' })
  const { DeploymentId } = made
  const updated = await calls.call(UpdateDeployment, { ApiId, DeploymentId, Description: 'other' })
  assert.deepEqual(updated, { ...made, Description: 'other' })
  assert.deepEqual(await calls.call(UpdateDeployment, { ApiId, DeploymentId }), updated)
  const bare = await calls.call(UpdateDeployment, { ApiId, DeploymentId, Description: '' })
  assert.equal('Description' in bare, false)
})

test('deployments are listed in the order in which they were made', async () => {
  await addRoute()
  const made: (string | undefined)[] = []
  for (let i = 0; i < 3; i++) {
    made.push((await calls.call(CreateDeployment, { ApiId })).DeploymentId)
  }
  const first = await calls.call(GetDeployments, { ApiId, MaxResults: '2' })
  const second = await calls.call(GetDeployments, { ApiId, NextToken: first.NextToken })
  const listed = [...first.Items!, ...second.Items!].map(({ DeploymentId }) => DeploymentId)
  assert.deepEqual(listed, made)
})

test('a deployment that a stage serves is not deleted', async () => {
  await addRoute()
  await calls.call(stageOperations.CreateStage, { ApiId, StageName: 'test' })
  const { DeploymentId } = await calls.call(CreateDeployment, { ApiId, StageName: 'test' })
  await refuses(
    calls.call(DeleteDeployment, { ApiId, DeploymentId }),
    'BadRequestException',
    /^Active stages pointing to this deployment must be moved or deleted$/,
  )
  await calls.call(stageOperations.DeleteStage, { ApiId, StageName: 'test' })
  await calls.call(DeleteDeployment, { ApiId, DeploymentId })
  await refuses(
    calls.call(GetDeployment, { ApiId, DeploymentId }),
    'NotFoundException',
    /Deployment identifier/,
  )
  const left = await calls.write(({ records }) => records.children(ApiId))
  assert.equal(left.filter(({ kind }) => kind.startsWith('deployment')).length, 0)
})
