/** Ways around the gate that somebody could try: a stage never serves less than its definition asks for. */

import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type {
  CreateRouteRequest,
  UpdateIntegrationRequest,
  UpdateRouteRequest,
  UpdateStageRequest,
} from '@aws-sdk/client-apigatewayv2'
import { REST_JSON } from '../../../aws/rest-json.ts'
import { limitsOf } from '../../../domain/limits.ts'
import { apiOperations } from '../api.ts'
import { authorizerOperations } from '../authorizer.ts'
import { deploymentOperations } from '../deployment.ts'
import { integrationOperations } from '../integration.ts'
import { routeOperations } from '../route.ts'
import { readApiGatewayV2Model } from '../service-model.ts'
import { stageOperations } from '../stage.ts'
import { vpcLinkOperations } from '../vpc-link.ts'
import { LiveCalls } from './live-calls.fake.ts'
import { apiGatewayV2Stages } from './live-stages.ts'

const LAMBDA = 'arn:aws:lambda:eu-central-1:123456789012:function:pets'
const ROLE = 'arn:aws:iam::123456789012:role/caller'
const { CreateDeployment, DeleteDeployment, GetDeployments } = deploymentOperations
const { CreateStage, DeleteStage, GetStage, UpdateStage } = stageOperations

let live: LiveCalls
let ApiId: string
let IntegrationId: string
let AuthorizerId: string
let RouteId: string

beforeEach(async () => {
  live = new LiveCalls()
  ApiId = (await live.call(apiOperations.CreateApi, { Name: 'pets', ProtocolType: 'HTTP' })).ApiId!
  const integration = await live.call(integrationOperations.CreateIntegration, {
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: 'https://pets.example',
    PayloadFormatVersion: '1.0',
  })
  IntegrationId = integration.IntegrationId!
  const authorizer = await live.call(authorizerOperations.CreateAuthorizer, {
    ApiId,
    Name: 'users',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['pets'] },
  })
  AuthorizerId = authorizer.AuthorizerId!
  RouteId = (await addRoute('GET /pets')).RouteId!
})

function addRoute(RouteKey: string, request: Partial<CreateRouteRequest> = {}) {
  const Target = `integrations/${IntegrationId}`
  return live.call(routeOperations.CreateRoute, { ApiId, RouteKey, Target, ...request })
}

function changeRoute(patch: Partial<UpdateRouteRequest>) {
  return live.call(routeOperations.UpdateRoute, { ApiId, RouteId, ...patch })
}

function changeIntegration(patch: Partial<UpdateIntegrationRequest>) {
  return live.call(integrationOperations.UpdateIntegration, { ApiId, IntegrationId, ...patch })
}

function changeStage(patch: Partial<UpdateStageRequest>) {
  return live.call(UpdateStage, { ApiId, StageName: 'test', ...patch })
}

/** A stage `test` that serves the draft: by itself, or the deployment that is made here. */
async function serve(AutoDeploy: boolean): Promise<string> {
  const deployment = AutoDeploy ? {} : await live.call(CreateDeployment, { ApiId })
  const { DeploymentId } = deployment
  const stage = { ApiId, StageName: 'test', AutoDeploy }
  await live.call(CreateStage, DeploymentId === undefined ? stage : { ...stage, DeploymentId })
  return served()!.deploymentId
}

function served(stageName = 'test') {
  return live.served.get(`${ApiId}/${stageName}`)
}

function refuses(...parts: Parameters<LiveCalls['refuses']>) {
  return live.refuses(...parts)
}

/** Texts that JSON can say and the types of the SDK cannot. */
const untyped = (value: string) => value as never

describe('a guard', () => {
  test('comes to a served route only where it is enforced', async () => {
    await serve(true)
    await refuses(changeRoute(await live.unenforced(ApiId)), /CUSTOM/)
    await refuses(changeRoute({ ApiKeyRequired: true }), /ApiKeyRequired is not supported/)
    await refuses(changeRoute({ AuthorizationScopes: ['read'] }), /scopes are for .* JWT/)
    await changeRoute({ AuthorizationType: 'JWT', AuthorizerId, AuthorizationScopes: ['read'] })
    const [route] = served()!.routes
    assert.deepEqual(route?.authorization, {
      authorizationType: 'JWT',
      authorizerId: AuthorizerId,
      scopes: ['read'],
    })
    assert.ok(served()!.authorizers?.[AuthorizerId])
  })

  test('whose type was taken away by other means is not served open', async () => {
    await changeRoute({ AuthorizationType: 'JWT', AuthorizerId, AuthorizationScopes: ['read'] })
    const write = live.batch(async ({ records }) => {
      const key = { kind: 'route', parent: ApiId, id: RouteId }
      const { body } = (await records.get(key))!
      await records.put(key, { ...body, AuthorizationType: 'NONE' })
    })
    await write
    await refuses(serve(true), /names an authorizer or scopes/)
  })

  test('that the draft has is in the next deployment, and that one is not served', async () => {
    const open = await serve(false)
    await changeRoute(await live.unenforced(ApiId))
    const { DeploymentId } = await live.call(CreateDeployment, { ApiId })
    await refuses(changeStage({ DeploymentId }), /CUSTOM/)
    await refuses(changeStage({ AutoDeploy: true }), /CUSTOM/)
    await refuses(live.call(CreateDeployment, { ApiId, StageName: 'test' }), /CUSTOM/)
    await refuses(live.call(CreateStage, { ApiId, StageName: 'other', DeploymentId }), /CUSTOM/)
    assert.equal(served()?.deploymentId, open)
  })

  test('cannot be taken from under a route', async () => {
    await changeRoute({ AuthorizationType: 'JWT', AuthorizerId })
    const gone = live.call(authorizerOperations.DeleteAuthorizer, { ApiId, AuthorizerId })
    await refuses(gone, /GET \/pets/, 'ConflictException')
    await refuses(changeRoute({ AuthorizerId: '' }), /valid JWT authorizer/)
    await refuses(changeRoute({ AuthorizerId: 'other1' }), /valid JWT authorizer/)
    await refuses(changeRoute({ AuthorizationType: 'CUSTOM' }), /requires a valid authorizer/)
    const { AuthorizationType } = await live.call(routeOperations.GetRoute, { ApiId, RouteId })
    assert.equal(AuthorizationType, 'JWT')
  })

  for (const type of ['', 'none', 'None', 'NONE ', 'jwt', 'constructor', '__proto__']) {
    test(`of the type "${type}" is none`, async () => {
      await changeRoute({ AuthorizationType: 'AWS_IAM' })
      const patch = { AuthorizationType: untyped(type) }
      await refuses(changeRoute(patch), /Invalid authorization type/)
      await refuses(addRoute('GET /toys', patch), /Invalid authorization type/)
      const input = { ApiId, RouteId, ...patch }
      const model = readApiGatewayV2Model()
      const request = REST_JSON.encodeRequest(model, 'UpdateRoute', input)
      const labels = { ApiId, RouteId }
      const decode = () => REST_JSON.decodeRequest(model, 'UpdateRoute', { request, labels })
      assert.throws(decode, { code: 'BadRequestException', message: /enum value set/ })
    })
  }

  test('goes when the draft is opened on purpose, and with it all that belongs to it', async () => {
    await changeRoute({ AuthorizationType: 'JWT', AuthorizerId, AuthorizationScopes: ['read'] })
    const opened = await changeRoute({ AuthorizationType: 'NONE' })
    assert.deepEqual(
      Object.keys(opened).filter((name) => /Authorizer|Scopes/.test(name)),
      [],
    )
    await serve(true)
    assert.equal(served()?.routes.length, 1)
  })
})

describe('an integration under a served route', () => {
  test('does not become what is not called', async () => {
    await serve(true)
    const toFunction = {
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: LAMBDA,
      PayloadFormatVersion: '2.0',
    } as const
    await refuses(changeIntegration(toFunction), /AWS_PROXY/)
    await refuses(changeIntegration({ CredentialsArn: ROLE }), /CredentialsArn/)
  })

  test('goes over a VPC link from the call on that says so', async () => {
    await serve(true)
    const { VpcLinkId } = await live.call(vpcLinkOperations.CreateVpcLink, {
      Name: 'link',
      SubnetIds: ['subnet-1'],
    })
    const listener = `arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/a/50dc6c495c0c9188/0467ef3c8400ae65`
    const toLink = { ConnectionType: 'VPC_LINK', ConnectionId: VpcLinkId, IntegrationUri: listener }
    await changeIntegration(toLink as never)
    const { integrationUri, vpcLinkId, listenerArn } = served()!.integrations[IntegrationId]!
    // The stage stands in front of the path.
    assert.match(integrationUri, /^http:\/\/a(?:\/\w+)?$/)
    assert.deepEqual([vpcLinkId, listenerArn], [VpcLinkId, listener])
  })

  test('is not deleted, and a deployment keeps its own', async () => {
    await serve(false)
    const gone = () => live.call(integrationOperations.DeleteIntegration, { ApiId, IntegrationId })
    await refuses(gone(), /referenced by the following Routes/, 'ConflictException')
    await live.call(routeOperations.DeleteRoute, { ApiId, RouteId })
    await gone()
    assert.equal(served()?.integrations[IntegrationId]?.integrationUri, 'https://pets.example')
    const { live: again } = await live.calls.store.read((reader) => live.stages.all(reader))
    assert.deepEqual(again, [served()])
  })

  test('does not lose the server name that it verifies by an update of something else', async () => {
    await changeIntegration({ TlsConfig: { ServerNameToVerify: 'pets.internal' } })
    await serve(true)
    await changeIntegration({ TimeoutInMillis: 1_000 })
    const { tlsConfig, timeoutInMillis } = served()!.integrations[IntegrationId]!
    assert.deepEqual(tlsConfig, { serverNameToVerify: 'pets.internal' })
    assert.equal(timeoutInMillis, 1_000)
    await refuses(changeIntegration({ TlsConfig: { ServerNameToVerify: 'a b' } }), /host name/)
  })

  const RESERVED: [string, UpdateIntegrationRequest['ResponseParameters']][] = [
    ['content-length', { 200: { 'overwrite:header.content-length': "'0'" } }],
    ['transfer-encoding', { 200: { 'remove:header.transfer-encoding': "''" } }],
    ['connection', { 200: { 'append:header.connection': "'close'" } }],
  ]
  for (const [name, ResponseParameters] of RESERVED) {
    test(`does not map the reserved header ${name}`, async () => {
      await serve(true)
      await refuses(changeIntegration({ ResponseParameters } as never), /mapping expression/)
    })
  }

  for (const header of ['authorization', 'via', 'x-forwarded-for', 'content-length', 'x-amzn-a']) {
    test(`does not map the reserved header ${header} of a request`, async () => {
      await serve(true)
      const RequestParameters = { [`overwrite:header.${header}`]: "'a'" }
      await refuses(changeIntegration({ RequestParameters }), /mapping expression/)
    })
  }
})

describe('a stage', () => {
  const METERED = { DetailedMetricsEnabled: true }

  test('with settings that are not done is stored and serves nothing', async () => {
    const settings = { 'GET /pets': METERED }
    await live.call(CreateStage, { ApiId, StageName: 'test', RouteSettings: settings })
    const { DeploymentId } = await live.call(CreateDeployment, { ApiId })
    await refuses(changeStage({ DeploymentId }), /GET \/pets: detailed metrics/)
    await refuses(changeStage({ AutoDeploy: true }), /detailed metrics/)
    assert.equal(served(), undefined)
    await live.call(stageOperations.DeleteRouteSettings, {
      ApiId,
      StageName: 'test',
      RouteKey: 'GET /pets',
    })
    await changeStage({ DeploymentId })
    assert.equal(served()?.deploymentId, DeploymentId)
  })

  test('that is served does not get settings that are not done', async () => {
    await serve(false)
    await refuses(changeStage({ RouteSettings: { 'GET /pets': METERED } }), /detailed metrics/)
    await refuses(changeStage({ ClientCertificateId: 'abc123' }), /WebSocket/)
  })

  const FORMATS: [string, RegExp][] = [
    ['$context.nothing', /nothing/],
    ['$context.requestId\n$context.status', /access log format/],
    ['x'.repeat(4_000), /access log format/],
  ]
  for (const [Format, message] of FORMATS) {
    test(`is not served with the access log ${JSON.stringify(Format.slice(0, 40))}`, async () => {
      await serve(false)
      await refuses(changeStage({ AccessLogSettings: { Format } }), message)
    })
  }

  describe('with variables in an address', () => {
    const StageVariables = { host: 'a.example', path: 'v1' }

    beforeEach(async () => {
      await changeIntegration({
        IntegrationUri: 'http://${stageVariables.host}/${stageVariables.path}',
      })
    })

    test('is not served without them', async () => {
      const { DeploymentId } = await live.call(CreateDeployment, { ApiId })
      const stage = { ApiId, StageName: 'test', DeploymentId }
      await refuses(live.call(CreateStage, stage), /stage variable host.*Add it to the stage/)
      await live.call(CreateStage, { ...stage, StageVariables })
      assert.deepEqual(served()?.stageVariables, StageVariables)
    })

    test('keeps serving the old ones when a change would leave one out', async () => {
      await live.call(CreateStage, { ApiId, StageName: 'test', AutoDeploy: true, StageVariables })
      await refuses(changeStage({ StageVariables: { path: '' } }), /stage variable path/)
      await refuses(
        changeStage({ StageVariables: { host: 'a.example/#' } }),
        /integration URI|host/,
      )
      await refuses(changeStage({ StageVariables: { host: 'user:pw@a' } }), /stage variable host/)
      await refuses(changeStage({ StageVariables: { host: 'a.example:99999' } }), /host/)
      const { StageVariables: kept } = await live.call(GetStage, { ApiId, StageName: 'test' })
      assert.deepEqual(kept, StageVariables)
    })

    test('may name another host on purpose', async () => {
      await live.call(CreateStage, { ApiId, StageName: 'test', AutoDeploy: true, StageVariables })
      await changeStage({ StageVariables: { host: 'b.example' } })
      assert.deepEqual(served()?.stageVariables, { host: 'b.example', path: 'v1' })
      assert.equal(served()?.revision, 2)
    })
  })

  test('that was rolled back says nothing of the deployment that it left, and catches up', async () => {
    const first = await serve(true)
    await addRoute('GET /toys')
    const status = async () =>
      (await live.call(GetStage, { ApiId, StageName: 'test' })).LastDeploymentStatusMessage
    assert.match((await status()) ?? '', /Successfully deployed/)
    const { LastDeploymentStatusMessage } = await changeStage({
      AutoDeploy: false,
      DeploymentId: first,
    })
    assert.equal(LastDeploymentStatusMessage, undefined)
    assert.equal(await status(), undefined)
    assert.equal(served()?.routes.length, 1)
    await addRoute('GET /cats')
    assert.equal(served()?.routes.length, 1)
    await changeStage({ AutoDeploy: true })
    assert.equal(served()?.routes.length, 3)
    assert.match((await status()) ?? '', new RegExp(served()!.deploymentId))
  })

  test('is not rolled back to what this server does not allow any more', async () => {
    const first = await serve(false)
    await changeIntegration({ TimeoutInMillis: 1_000 })
    await live.call(CreateDeployment, { ApiId, StageName: 'test' })
    const limits = { ...limitsOf('aws'), integrationTimeoutMaxMs: 2_000 }
    Object.assign(live, { stages: apiGatewayV2Stages({ limits }) })
    await refuses(changeStage({ DeploymentId: first }), /TimeoutInMillis is 30000/)
    assert.equal(served()?.integrations[IntegrationId]?.timeoutInMillis, 1_000)
  })

  test('is made once, and its deployment stays as long as it points there', async () => {
    const DeploymentId = await serve(false)
    await refuses(
      live.call(CreateStage, { ApiId, StageName: 'test' }),
      /exists/,
      'ConflictException',
    )
    await refuses(live.call(DeleteDeployment, { ApiId, DeploymentId }), /Active stages/)
    await live.call(DeleteStage, { ApiId, StageName: 'test' })
    assert.equal(served(), undefined)
    await live.call(DeleteDeployment, { ApiId, DeploymentId })
    const again = live.call(CreateStage, { ApiId, StageName: 'test', DeploymentId })
    await refuses(again, /Deployment identifier/, 'NotFoundException')
  })

  test('does not take the deployment of another API', async () => {
    const other = await live.call(apiOperations.CreateApi, {
      Name: 'open',
      ProtocolType: 'HTTP',
      Target: 'https://open.example',
    })
    const { Items } = await live.call(GetDeployments, { ApiId: other.ApiId })
    await serve(false)
    await refuses(
      changeStage({ DeploymentId: Items![0]!.DeploymentId }),
      /identifier/,
      'NotFoundException',
    )
  })

  test('$default may be deleted, and is gone', async () => {
    await live.call(CreateStage, { ApiId, StageName: '$default', AutoDeploy: true })
    assert.ok(served('$default'))
    await live.call(DeleteStage, { ApiId, StageName: '$default' })
    assert.equal(served('$default'), undefined)
  })
})

describe('an API', () => {
  test('that is deleted takes its stages along, and none comes back at a start', async () => {
    await serve(true)
    await live.call(CreateStage, { ApiId, StageName: '$default', AutoDeploy: true })
    await live.call(apiOperations.DeleteApi, { ApiId })
    assert.equal(live.served.size, 0)
    const all = await live.calls.store.read((reader) => live.stages.all(reader))
    assert.deepEqual(all, { live: [], refused: [] })
  })

  test('of quick create with credentials is not half made', async () => {
    const quick = { Name: 'quick', ProtocolType: 'HTTP' } as const
    const made = (more: object) => live.call(apiOperations.CreateApi, { ...quick, ...more })
    const Target = 'https://pets.example'
    await refuses(made({ Target, CredentialsArn: ROLE }), /CredentialsArn/)
    await refuses(made({ Target: LAMBDA }), /AWS_PROXY/)
    await refuses(made({ CredentialsArn: ROLE }), /also needs a Target/)
    const { Items } = await live.call(apiOperations.GetApis, {})
    assert.equal(Items?.length, 1)
    const { ApiId: id } = await made({ Target })
    const change = { ApiId: id, CredentialsArn: ROLE }
    await refuses(live.call(apiOperations.UpdateApi, change), /CredentialsArn/)
  })

  test('does not send credentials to every origin', async () => {
    await serve(true)
    const CorsConfiguration = { AllowOrigins: ['*'], AllowCredentials: true }
    await refuses(live.call(apiOperations.UpdateApi, { ApiId, CorsConfiguration }), /origin '\*'/)
  })
})
