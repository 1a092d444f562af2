/**
 * A load balancer made with AWS's own command line answers for an HTTP API: load balancer, target group, listener, rule,
 * targets, health, and an integration that names the listener. Then the same API over a service of Cloud Map, and over a
 * group whose targets Kubernetes tells.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as apis from '@aws-sdk/client-apigatewayv2'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import * as map from '@aws-sdk/client-servicediscovery'
import { startKubernetes } from '../harness/kubernetes-api.ts'
import type { Echo } from '../harness/origin.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const PATIENCE_MS = 20_000

function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port)
}

function settings({ endpoint }: TestServer) {
  const { url, region, accessKeyId, secretAccessKey } = endpoint
  return { endpoint: url, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 }
}

/** Tries until it holds: checks of targets and discovery take their time. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what} has not come`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** An HTTP API whose every route leads to an ARN; resolves to how to lead it elsewhere, too. */
async function apiOver(t: TestContext, server: TestServer, arn: string) {
  const client = sdkClient(server.endpoint)
  t.after(() => client.destroy())
  const link = { Name: 'direct', SubnetIds: ['subnet-1'] }
  const { VpcLinkId } = await client.send(new apis.CreateVpcLinkCommand(link))
  const api = { Name: 'shop', ProtocolType: 'HTTP' } as const
  const { ApiId } = await client.send(new apis.CreateApiCommand(api))
  const { IntegrationId } = await client.send(
    new apis.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'ANY',
      IntegrationUri: arn,
      ConnectionType: 'VPC_LINK',
      ConnectionId: VpcLinkId,
      PayloadFormatVersion: '1.0',
    }),
  )
  const Target = `integrations/${IntegrationId}`
  await client.send(new apis.CreateRouteCommand({ ApiId, RouteKey: '$default', Target }))
  await client.send(new apis.CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }))
  return {
    apiId: ApiId!,
    leadTo: (IntegrationUri: string) =>
      client.send(new apis.UpdateIntegrationCommand({ ApiId, IntegrationId, IntegrationUri })),
  }
}

test('s00501 aws elbv2 makes what answers for an API', { timeout: 120_000 }, async (t) => {
  const [blue, green] = await Promise.all([
    startPatientEcho(t, 'blue'),
    startPatientEcho(t, 'green'),
  ])
  const server = await startServer(t)
  const cli = new AwsCli(server.endpoint)
  const aws = <T>(...words: string[]) => cli.call<T>('elbv2', ...words)
  const { LoadBalancers } = await aws<elb.CreateLoadBalancerOutput>(
    'create-load-balancer',
    ...['--name', 'inside', '--scheme', 'internal', '--subnets', 'subnet-1', 'subnet-2'],
  )
  const loadBalancer = LoadBalancers![0]!.LoadBalancerArn!
  const groupOf = async (name: string, port: number): Promise<string> => {
    const { TargetGroups } = await aws<elb.CreateTargetGroupOutput>(
      'create-target-group',
      ...['--name', name, '--protocol', 'HTTP', '--port', String(port), '--target-type', 'ip'],
      ...['--health-check-interval-seconds', '5', '--health-check-timeout-seconds', '2'],
      ...['--healthy-threshold-count', '2'],
    )
    const arn = TargetGroups![0]!.TargetGroupArn!
    await aws('register-targets', '--target-group-arn', arn, '--targets', 'Id=127.0.0.1')
    return arn
  }
  const [blues, greens] = [
    await groupOf('blue', portOf(blue)),
    await groupOf('green', portOf(green)),
  ]
  const { Listeners } = await aws<elb.CreateListenerOutput>(
    'create-listener',
    ...['--load-balancer-arn', loadBalancer, '--protocol', 'HTTP', '--port', '80'],
    ...['--default-actions', `Type=forward,TargetGroupArn=${blues}`],
  )
  const listener = Listeners![0]!.ListenerArn!
  await aws(
    'create-rule',
    ...['--listener-arn', listener, '--priority', '10'],
    ...['--conditions', 'Field=path-pattern,Values=/green/*'],
    ...['--actions', `Type=forward,TargetGroupArn=${greens}`],
  )
  await aws('wait', 'load-balancer-available', '--load-balancer-arns', loadBalancer)
  const { apiId, leadTo } = await apiOver(t, server, listener)
  const stateOf = async (arn: string) => {
    const { TargetHealthDescriptions } = await aws<elb.DescribeTargetHealthOutput>(
      ...['describe-target-health', '--target-group-arn', arn],
    )
    return TargetHealthDescriptions![0]!.TargetHealth!.State
  }
  for (const arn of [blues, greens]) {
    await until('health', async () => (await stateOf(arn)) === 'healthy')
  }
  const origin = async (target: string) => {
    const { status, json } = await server.ask({ apiId, target })
    assert.equal(status, 200)
    return (json as Echo).origin
  }
  assert.equal(await origin('/items/7'), 'blue')
  assert.equal(await origin('/green/7'), 'green')

  const swapped = `Type=forward,TargetGroupArn=${greens}`
  await aws('modify-listener', '--listener-arn', listener, '--default-actions', swapped)
  assert.equal(await origin('/items/7'), 'green', 'live when the call returns')

  const said = await cli.refused(
    'elbv2',
    ...['create-listener', '--load-balancer-arn', loadBalancer, '--protocol', 'HTTP'],
    ...['--port', '80', '--default-actions', swapped],
  )
  assert.match(said, /\(DuplicateListener\)/)
  const used = await cli.refused('elbv2', 'delete-target-group', '--target-group-arn', greens)
  assert.match(used, /\(ResourceInUse\)/)

  await t.test('a service of Cloud Map is a listener, too', () =>
    overCloudMap(t, { server, apiId, leadTo }),
  )
})

interface MapScene {
  readonly server: TestServer
  readonly apiId: string
  readonly leadTo: (arn: string) => Promise<unknown>
}

async function overCloudMap(t: TestContext, { server, apiId, leadTo }: MapScene): Promise<void> {
  const orders = await startPatientEcho(t, 'orders')
  const client = new map.ServiceDiscoveryClient({ ...settings(server), disableHostPrefix: true })
  t.after(() => client.destroy())
  const { OperationId } = await client.send(new map.CreateHttpNamespaceCommand({ Name: 'shop' }))
  const { Operation } = await client.send(
    new map.GetOperationCommand({ OperationId: OperationId! }),
  )
  const NamespaceId = Operation!.Targets!.NAMESPACE!
  const wish = { Name: 'orders', NamespaceId }
  const { Service } = await client.send(new map.CreateServiceCommand(wish))
  const Attributes = { AWS_INSTANCE_IPV4: '127.0.0.1', AWS_INSTANCE_PORT: String(portOf(orders)) }
  const instance = { ServiceId: Service!.Id!, InstanceId: 'one' }
  await client.send(new map.RegisterInstanceCommand({ ...instance, Attributes }))
  await leadTo(Service!.Arn!)
  const found = await server.ask({ apiId, target: '/orders/7' })
  assert.deepEqual([found.status, (found.json as Echo).origin], [200, 'orders'])
  await client.send(new map.DeregisterInstanceCommand(instance))
  const { status } = await server.ask({ apiId, target: '/orders/7' })
  assert.equal(status, 503, 'nobody is left')
}

test('s00501 targets that Kubernetes tells come and go without a deployment', {
  timeout: 120_000,
}, async (t) => {
  const kubernetes = await startKubernetes(t)
  const [one, two] = await Promise.all([startPatientEcho(t, 'one'), startPatientEcho(t, 'two')])
  kubernetes.put('shop-1', 'shop', ['127.0.0.1'], portOf(one))
  const flags = [
    '--kubernetes-api',
    kubernetes.url,
    '--kubernetes-credentials',
    kubernetes.credentials,
  ]
  const server = await startServer(t, undefined, ...flags)
  const client = new elb.ElasticLoadBalancingV2Client(settings(server))
  t.after(() => client.destroy())
  const { LoadBalancers } = await client.send(new elb.CreateLoadBalancerCommand({ Name: 'inside' }))
  const { TargetGroups } = await client.send(
    new elb.CreateTargetGroupCommand({
      Name: 'shop',
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
    }),
  )
  const TargetGroupArn = TargetGroups![0]!.TargetGroupArn!
  const Attributes = [{ Key: 'postern.discovery', Value: 'kubernetes:prod/shop:http' }]
  await client.send(new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  const { Listeners } = await client.send(
    new elb.CreateListenerCommand({
      LoadBalancerArn: LoadBalancers![0]!.LoadBalancerArn!,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  )
  const { apiId } = await apiOver(t, server, Listeners![0]!.ListenerArn!)
  const answers = async (name: string) => {
    const { status, json } = await server.ask({ apiId, target: '/' })
    return status === 200 && (json as Echo).origin === name
  }
  await until('the first target', () => answers('one'))
  kubernetes.put('shop-1', 'shop', ['127.0.0.1'], portOf(two))
  await until('the second target', () => answers('two'))
  const { TargetHealthDescriptions } = await client.send(
    new elb.DescribeTargetHealthCommand({ TargetGroupArn }),
  )
  assert.deepEqual(
    TargetHealthDescriptions!.map(({ Target }) => Target),
    [{ Id: '127.0.0.1', Port: portOf(two) }],
  )
})
