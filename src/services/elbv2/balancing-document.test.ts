import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { balancingOf } from './balancing-document.ts'
import { ElbSetup, forwardTo, TEAPOT } from './elb-setup.fake.ts'

function documentOf({ calls }: ElbSetup) {
  const facts = { settings: calls.settings, now: calls.now }
  return calls.store.read((reader) => balancingOf(reader, facts))
}

test('rules stand in the order in which they are tried, the default one last', async () => {
  const setup = new ElbSetup()
  const [blue, green] = [await setup.group('blue'), await setup.group('green')]
  const listener = await setup.listener(await setup.balancer(), forwardTo(blue))
  const weighted: elb.Action = {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blue, Weight: 90 },
        { TargetGroupArn: green, Weight: 10 },
      ],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    },
  }
  await setup.rule(listener, 7, { Actions: [weighted] })
  await setup.rule(listener, 3, {
    Conditions: [
      { Field: 'host-header', Values: ['*.shop.example'] },
      {
        Field: 'query-string',
        QueryStringConfig: { Values: [{ Key: 'v', Value: '2' }, { Value: 'x' }] },
      },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-a', Values: ['1*'] } },
    ],
    Actions: [
      {
        Type: 'redirect',
        RedirectConfig: { StatusCode: 'HTTP_302', Protocol: 'HTTPS', Port: '443', Query: '' },
      },
    ],
  })
  const { listeners, targetGroups } = await documentOf(setup)
  const { port, protocol, rules } = listeners[listener]!
  assert.deepEqual([port, protocol], [80, 'HTTP'])
  assert.deepEqual(
    rules.map(({ conditions, action }) => ({ conditions, action })),
    [
      {
        conditions: [
          { field: 'host-header', values: ['*.shop.example'] },
          { field: 'query-string', values: [{ key: 'v', value: '2' }, { value: 'x' }] },
          { field: 'http-header', name: 'x-a', values: ['1*'] },
        ],
        action: { type: 'redirect', status: 302, location: 'https://#{host}:443/#{path}' },
      },
      {
        conditions: [{ field: 'path-pattern', values: ['/api/*'] }],
        action: {
          type: 'forward',
          targetGroups: [
            { arn: blue, weight: 90 },
            { arn: green, weight: 10 },
          ],
          stickySeconds: 60,
        },
      },
      { conditions: [], action: { type: 'forward', targetGroups: [{ arn: blue, weight: 1 }] } },
    ],
  )
  assert.deepEqual(Object.keys(targetGroups), [blue, green])
})

test('a group has its targets and what its attributes say; one that nobody uses is left out', async () => {
  const setup = new ElbSetup()
  setup.calls.settings = { ...setup.calls.settings, instances: { 'i-1': 'host-one' } }
  const arn = await setup.group('shop', { Protocol: 'HTTPS', HealthCheckPort: '9000' })
  const instances = await setup.group('instances', { TargetType: 'instance' })
  await setup.group('unused')
  const [one, two] = [await setup.balancer('one'), await setup.balancer('two')]
  await setup.listener(one, forwardTo(arn))
  await setup.listener(two, forwardTo(instances))
  const Targets = [{ Id: '10.0.0.1' }, { Id: 'shop.internal', Port: 81 }]
  await setup.send(new elb.RegisterTargetsCommand({ TargetGroupArn: arn, Targets }))
  await setup.send(
    new elb.RegisterTargetsCommand({ TargetGroupArn: instances, Targets: [{ Id: 'i-1' }] }),
  )
  const attributes = {
    'stickiness.enabled': 'true',
    'stickiness.lb_cookie.duration_seconds': '60',
    'deregistration_delay.timeout_seconds': '5',
    'postern.outlier_detection.consecutive_5xx': '5',
    'postern.panic_threshold.percentage': '50',
    'postern.retry_budget.percentage': '10',
    'postern.target_concurrency_max': '64',
    'postern.server_name_to_verify': 'shop.mesh',
  }
  const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
  await setup.send(new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }))
  const leave = { TargetGroupArn: arn, Targets: [{ Id: '10.0.0.1' }] }
  await setup.send(new elb.DeregisterTargetsCommand(leave))
  const { targetGroups } = await documentOf(setup)
  assert.deepEqual(Object.keys(targetGroups), [arn, instances])
  assert.deepEqual(targetGroups[instances]!.targets, [
    { host: 'host-one', port: 8080, weight: 1, draining: false },
  ])
  assert.equal(
    targetGroups[instances]!.panicThreshold > 0,
    true,
    'all are used when none is healthy',
  )
  assert.deepEqual(targetGroups[arn], {
    arn,
    name: 'shop',
    protocol: 'HTTPS',
    algorithm: 'round_robin',
    targets: [
      { host: '10.0.0.1', port: 8080, weight: 1, draining: true },
      { host: 'shop.internal', port: 81, weight: 1, draining: false },
    ],
    healthCheck: {
      enabled: true,
      protocol: 'HTTPS',
      port: 9000,
      path: '/',
      intervalMs: 30_000,
      timeoutMs: 5_000,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    outlierDetection: {
      consecutive5xx: 5,
      intervalMs: 10_000,
      baseEjectionMs: 30_000,
      ejectedShareMax: 0.1,
      successRateDeviations: 0,
    },
    slowStartMs: 0,
    deregistrationDelayMs: 5_000,
    stickiness: { cookieName: 'AWSALB', durationMs: 60_000, generated: true },
    panicThreshold: 0.5,
    targetConcurrencyMax: 64,
    retryBudget: 0.1,
    serverNameToVerify: 'shop.mesh',
  })
  setup.calls.now = new Date(setup.calls.now.getTime() + 5_001)
  const later = await documentOf(setup)
  assert.equal(later.targetGroups[arn]!.targets.length, 1, 'whoever has drained is gone')
})

test('nothing is left when the load balancer goes', async () => {
  const setup = new ElbSetup()
  const LoadBalancerArn = await setup.balancer()
  await setup.rule(await setup.listener(LoadBalancerArn, TEAPOT), 1)
  await setup.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }))
  assert.deepEqual(await documentOf(setup), { revision: 0, listeners: {}, targetGroups: {} })
  const rules = await setup.calls.store.read((reader) => reader.everywhere('load-balancer-rule'))
  assert.deepEqual(rules, [])
})
