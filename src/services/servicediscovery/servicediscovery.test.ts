/** Cloud Map as its official client sees it, and what workers get of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as map from '@aws-sdk/client-servicediscovery'
import { sdkSettings } from '../sdk-calls.fake.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { serviceDocumentsOf } from './service-document.ts'
import { serviceDiscovery } from './servicediscovery.ts'

type Client = Pick<map.ServiceDiscoveryClient, 'send'>

class MapSetup {
  readonly calls = new ServiceCalls()
  readonly client = new map.ServiceDiscoveryClient({
    ...sdkSettings(serviceDiscovery(), this.calls),
    disableHostPrefix: true,
  })
  readonly send = this.client.send.bind(this.client) as Client['send']

  async namespace(Name = 'shop.local'): Promise<string> {
    const { OperationId } = await this.send(new map.CreateHttpNamespaceCommand({ Name }))
    const { Operation } = await this.send(
      new map.GetOperationCommand({ OperationId: OperationId! }),
    )
    assert.equal(Operation!.Status, 'SUCCESS')
    return Operation!.Targets!.NAMESPACE!
  }

  async service(NamespaceId: string, Name = 'orders', more: object = {}): Promise<map.Service> {
    const command = new map.CreateServiceCommand({ NamespaceId, Name, ...more })
    return (await this.send(command)).Service!
  }

  register(ServiceId: string, InstanceId: string, Attributes: Record<string, string>) {
    return this.send(new map.RegisterInstanceCommand({ ServiceId, InstanceId, Attributes }))
  }

  async discovered(more: object = {}): Promise<string[]> {
    const names = { NamespaceName: 'shop.local', ServiceName: 'orders' }
    const found = await this.send(new map.DiscoverInstancesCommand({ ...names, ...more }))
    return found.Instances!.map(({ InstanceId }) => InstanceId!)
  }

  documents() {
    return this.calls.store.read((reader) => serviceDocumentsOf(reader))
  }
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (thrown) {
    return (thrown as Error).name
  }
  return 'nothing refused'
}

test('a namespace and a service are shown as they were made, counted, and kept while in use', async () => {
  const setup = new MapSetup()
  const Id = await setup.namespace()
  const made = await setup.service(Id, 'orders', { Tags: [{ Key: 'team', Value: 'a' }] })
  assert.match(
    made.Arn!,
    /^arn:aws:servicediscovery:eu-central-1:123456789012:service\/srv-[0-9a-f]{16}$/,
  )
  assert.deepEqual([made.Type, made.NamespaceId, made.InstanceCount], ['HTTP', Id, 0])
  assert.deepEqual(made.CreateDate, setup.calls.now)
  const { Namespace } = await setup.send(new map.GetNamespaceCommand({ Id }))
  assert.deepEqual([Namespace!.Name, Namespace!.ServiceCount], ['shop.local', 1])
  const { Tags } = await setup.send(new map.ListTagsForResourceCommand({ ResourceARN: made.Arn! }))
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'a' }])
  await setup.register(made.Id!, 'i-1', { AWS_INSTANCE_IPV4: '10.0.0.1' })
  const cases: (readonly [Promise<unknown>, string])[] = [
    [setup.namespace(), 'NamespaceAlreadyExists'],
    [setup.service(Id), 'ServiceAlreadyExists'],
    [setup.service('ns-0'), 'NamespaceNotFound'],
    [setup.service(Id, 'two words'), 'InvalidInput'],
    [setup.service(Id, 'a', { HealthCheckConfig: { Type: 'HTTP' } }), 'InvalidInput'],
    [setup.send(new map.DeleteNamespaceCommand({ Id })), 'ResourceInUse'],
    [setup.send(new map.DeleteServiceCommand({ Id: made.Id! })), 'ResourceInUse'],
    [setup.send(new map.GetServiceCommand({ Id: 'srv-0' })), 'ServiceNotFound'],
    [setup.send(new map.GetOperationCommand({ OperationId: 'x' })), 'OperationNotFound'],
    [setup.send(new map.CreatePublicDnsNamespaceCommand({ Name: 'shop.example' })), 'InvalidInput'],
  ]
  for (const [work, name] of cases) assert.equal(await refusal(work), name)
  const gone = { ServiceId: made.Id!, InstanceId: 'i-1' }
  await setup.send(new map.DeregisterInstanceCommand(gone))
  await setup.send(new map.DeleteServiceCommand({ Id: made.Id! }))
  await setup.send(new map.DeleteNamespaceCommand({ Id }))
  assert.deepEqual((await setup.send(new map.ListNamespacesCommand({}))).Namespaces, [])
})

test('instances are discovered by attributes and health', async () => {
  const setup = new MapSetup()
  const { Id } = await setup.service(await setup.namespace(), 'orders', {
    HealthCheckCustomConfig: { FailureThreshold: 1 },
  })
  await setup.register(Id!, 'one', { AWS_INSTANCE_IPV4: '10.0.0.1', stage: 'prod' })
  await setup.register(Id!, 'two', { AWS_INSTANCE_IPV4: '10.0.0.2', stage: 'beta' })
  assert.deepEqual(await setup.discovered(), ['one', 'two'])
  assert.deepEqual(await setup.discovered({ QueryParameters: { stage: 'beta' } }), ['two'])
  assert.deepEqual(await setup.discovered({ OptionalParameters: { stage: 'none' } }), [
    'one',
    'two',
  ])
  const say = (InstanceId: string, Status: map.CustomHealthStatus) =>
    setup.send(
      new map.UpdateInstanceCustomHealthStatusCommand({ ServiceId: Id!, InstanceId, Status }),
    )
  await say('one', 'UNHEALTHY')
  assert.deepEqual(await setup.discovered(), ['two'])
  assert.deepEqual(await setup.discovered({ HealthStatus: 'UNHEALTHY' }), ['one'])
  const { Status } = await setup.send(new map.GetInstancesHealthStatusCommand({ ServiceId: Id! }))
  assert.deepEqual(Status, { one: 'UNHEALTHY', two: 'HEALTHY' })
  await say('two', 'UNHEALTHY')
  assert.deepEqual(await setup.discovered(), ['one', 'two'], 'all when none is well')
  assert.deepEqual(await setup.discovered({ HealthStatus: 'HEALTHY' }), [])
  const names = { NamespaceName: 'shop.local', ServiceName: 'orders' }
  const before = await setup.send(new map.DiscoverInstancesRevisionCommand(names))
  await setup.register(Id!, 'three', { AWS_INSTANCE_IPV4: '10.0.0.3' })
  const after = await setup.send(new map.DiscoverInstancesRevisionCommand(names))
  assert.ok(after.InstancesRevision! > before.InstancesRevision!)
})

test('what an instance may not be', async () => {
  const setup = new MapSetup()
  const { Id } = await setup.service(await setup.namespace())
  const wrong = [
    { AWS_INSTANCE_IPV4: '10.0.0' },
    { AWS_INSTANCE_IPV6: '10.0.0.1' },
    { AWS_INSTANCE_CNAME: 'a b' },
    { AWS_INSTANCE_IPV4: '10.0.0.1', AWS_INSTANCE_PORT: '0' },
    { AWS_ALIAS_DNS_NAME: 'a.elb.amazonaws.com' },
    { AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' },
  ]
  for (const attributes of wrong) {
    const work = setup.register(Id!, 'x', attributes)
    assert.equal(await refusal(work), 'InvalidInput', JSON.stringify(attributes))
  }
  const health = new map.UpdateInstanceCustomHealthStatusCommand({
    ServiceId: Id!,
    InstanceId: 'x',
    Status: 'HEALTHY',
  })
  assert.equal(await refusal(setup.send(health)), 'CustomHealthNotFound')
})

test('a service is a listener over its instances', async () => {
  const setup = new MapSetup()
  const { Id, Arn } = await setup.service(await setup.namespace(), 'orders', {
    HealthCheckCustomConfig: {},
  })
  await setup.register(Id!, 'one', { AWS_INSTANCE_IPV4: '10.0.0.1', AWS_INSTANCE_PORT: '8080' })
  await setup.register(Id!, 'two', {
    AWS_INSTANCE_CNAME: 'two.internal',
    AWS_INIT_HEALTH_STATUS: 'UNHEALTHY',
  })
  await setup.register(Id!, 'name only', { color: 'blue' }).catch(() => {})
  await setup.register(Id!, 'nowhere', { color: 'blue' })
  const hosts = async () => {
    const { listeners, targetGroups } = await setup.documents()
    assert.deepEqual(listeners[Arn!]!.rules, [
      {
        arn: Arn,
        conditions: [],
        action: { type: 'forward', targetGroups: [{ arn: Arn, weight: 1 }] },
      },
    ])
    const { targets, protocol } = targetGroups[Arn!]!
    return `${protocol} ${targets.map(({ host, port }) => `${host}:${port}`).join(' ')}`
  }
  assert.equal(await hosts(), 'HTTP 10.0.0.1:8080')
  await setup.send(
    new map.UpdateInstanceCustomHealthStatusCommand({
      ServiceId: Id!,
      InstanceId: 'two',
      Status: 'HEALTHY',
    }),
  )
  const Attributes = { 'postern.protocol': 'HTTPS' }
  await setup.send(new map.UpdateServiceAttributesCommand({ ServiceId: Id!, Attributes }))
  assert.equal(await hosts(), 'HTTPS 10.0.0.1:8080 two.internal:80')
})
