/** Elastic Load Balancing as its official client sees it: what is made is shown, and what may not be is refused by name. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { ElbSetup, forwardTo, TEAPOT, TO_API } from './elb-setup.fake.ts'

const ACCOUNT = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012'

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (thrown) {
    return (thrown as Error).name
  }
  return 'nothing refused'
}

test('a load balancer is shown as it was made, found by name and ARN, and gone when deleted', async () => {
  const setup = new ElbSetup()
  const given = {
    Name: 'web',
    Scheme: 'internal',
    Type: 'application',
    Subnets: ['subnet-0a', 'subnet-0b'],
    SecurityGroups: ['sg-1'],
    Tags: [{ Key: 'team', Value: 'a' }],
  } as const
  const create = new elb.CreateLoadBalancerCommand(given as never)
  const { LoadBalancers } = await setup.send(create)
  const [made] = LoadBalancers!
  assert.match(made!.LoadBalancerArn!, /:loadbalancer\/app\/web\/[0-9a-f]{16}$/)
  assert.match(made!.DNSName!, /^internal-web-\d+\.eu-central-1\.elb\.localhost$/)
  assert.deepEqual(made!.State, { Code: 'active' })
  assert.deepEqual(made!.CreatedTime, setup.calls.now)
  assert.deepEqual(
    made!.AvailabilityZones!.map(({ ZoneName, SubnetId }) => [ZoneName, SubnetId]),
    [
      ['eu-central-1a', 'subnet-0a'],
      ['eu-central-1b', 'subnet-0b'],
    ],
  )
  const again = await setup.send(new elb.CreateLoadBalancerCommand(given as never))
  assert.equal(again.LoadBalancers![0]!.LoadBalancerArn, made!.LoadBalancerArn, 'made once')
  const other = new elb.CreateLoadBalancerCommand({ Name: 'web', Scheme: 'internet-facing' })
  assert.equal(await refusal(setup.send(other)), 'DuplicateLoadBalancerNameException')
  for (const wish of [{ Names: ['web'] }, { LoadBalancerArns: [made!.LoadBalancerArn!] }, {}]) {
    const found = await setup.send(new elb.DescribeLoadBalancersCommand(wish))
    assert.deepEqual(found.LoadBalancers, [made])
  }
  const arn = { LoadBalancerArn: made!.LoadBalancerArn! }
  await setup.send(new elb.DeleteLoadBalancerCommand(arn))
  await setup.send(new elb.DeleteLoadBalancerCommand(arn))
  const gone = new elb.DescribeLoadBalancersCommand({ Names: ['web'] })
  assert.equal(await refusal(setup.send(gone)), 'LoadBalancerNotFoundException')
})

test('lists go page by page', async () => {
  const setup = new ElbSetup()
  for (const name of ['a', 'b', 'c']) await setup.balancer(name)
  const names: string[] = []
  for await (const page of elb.paginateDescribeLoadBalancers(
    { client: setup.client, pageSize: 2 },
    {},
  )) {
    names.push(...page.LoadBalancers!.map(({ LoadBalancerName }) => LoadBalancerName!))
  }
  assert.deepEqual(names, ['a', 'b', 'c'])
  const wrong = new elb.DescribeLoadBalancersCommand({ Marker: 'nonsense' })
  assert.equal(await refusal(setup.send(wrong)), 'ValidationError')
})

test('attributes have the defaults of AWS; what is not done is refused, not stored', async () => {
  const setup = new ElbSetup()
  const LoadBalancerArn = await setup.balancer()
  const change = (Key: string, Value: string) =>
    setup.send(
      new elb.ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn,
        Attributes: [{ Key, Value }],
      }),
    )
  await change('deletion_protection.enabled', 'true')
  await change('access_logs.s3.enabled', 'false')
  const { Attributes } = await setup.send(
    new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
  )
  const shown = Object.fromEntries(Attributes!.map(({ Key, Value }) => [Key, Value]))
  assert.equal(shown['deletion_protection.enabled'], 'true')
  assert.equal(shown['idle_timeout.timeout_seconds'], '60')
  assert.equal(shown['dns_record.client_routing_policy'], undefined, 'of the other type')
  const cases = [
    ['access_logs.s3.enabled', 'true', 'InvalidConfigurationRequestException'],
    ['deletion_protection.enabled', 'yes', 'ValidationError'],
    ['no.such.key', '1', 'ValidationError'],
  ] as const
  for (const [key, value, name] of cases) assert.equal(await refusal(change(key, value)), name, key)
  const remove = new elb.DeleteLoadBalancerCommand({ LoadBalancerArn })
  assert.equal(await refusal(setup.send(remove)), 'OperationNotPermittedException')
})

test('a listener has its rules, in the order of their priorities, the default one last', async () => {
  const setup = new ElbSetup()
  const balancer = await setup.balancer()
  const [blue, green] = [await setup.group('blue'), await setup.group('green')]
  const listener = await setup.listener(balancer, forwardTo(blue))
  const late = await setup.rule(listener, 20, { Actions: [forwardTo(green)] })
  const early = await setup.rule(listener, 10)
  const taken = setup.rule(listener, 10)
  assert.equal(await refusal(taken), 'PriorityInUseException')
  const rules = async () => {
    const wish = new elb.DescribeRulesCommand({ ListenerArn: listener })
    return (await setup.send(wish)).Rules!.map(({ RuleArn, Priority }) => [RuleArn, Priority])
  }
  const [, , last] = await rules()
  assert.deepEqual(await rules(), [
    [early, '10'],
    [late, '20'],
    [last![0], 'default'],
  ])
  const swapped = [
    { RuleArn: early, Priority: 20 },
    { RuleArn: late, Priority: 10 },
  ]
  await setup.send(new elb.SetRulePrioritiesCommand({ RulePriorities: swapped }))
  assert.deepEqual((await rules())[0], [late, '10'])
  const clash = [{ RuleArn: early, Priority: 10 }]
  const set = setup.send(new elb.SetRulePrioritiesCommand({ RulePriorities: clash }))
  assert.equal(await refusal(set), 'PriorityInUseException')
  const standard = setup.send(new elb.DeleteRuleCommand({ RuleArn: last![0] }))
  assert.equal(await refusal(standard), 'OperationNotPermittedException')

  const { TargetGroups } = await setup.send(
    new elb.DescribeTargetGroupsCommand({ LoadBalancerArn: balancer }),
  )
  assert.deepEqual(
    TargetGroups!.map(({ TargetGroupArn }) => TargetGroupArn).sort(),
    [blue, green].sort(),
  )
  const used = setup.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn: green }))
  assert.equal(await refusal(used), 'ResourceInUseException')
  await setup.send(new elb.DeleteRuleCommand({ RuleArn: late }))
  await setup.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn: green }))
  assert.equal(
    await refusal(setup.send(new elb.DescribeRulesCommand({ RuleArns: [late] }))),
    'RuleNotFoundException',
  )
})

test('a listener is on a port once, and forwards to groups of no other load balancer', async () => {
  const setup = new ElbSetup()
  const [one, two] = [await setup.balancer('one'), await setup.balancer('two')]
  const group = await setup.group()
  await setup.listener(one, forwardTo(group))
  const cases: (readonly [Promise<unknown>, string])[] = [
    [setup.listener(one, TEAPOT), 'DuplicateListenerException'],
    [setup.listener(two, forwardTo(group)), 'TargetGroupAssociationLimitException'],
    [setup.listener(two, forwardTo(`${group}0`)), 'TargetGroupNotFoundException'],
    [setup.listener(`${two}0`, TEAPOT), 'LoadBalancerNotFoundException'],
    [setup.listener('nonsense', TEAPOT), 'ValidationError'],
    [setup.listener(two, TEAPOT, { Protocol: 'TCP' }), 'UnsupportedProtocolException'],
    [setup.listener(two, TEAPOT, { Protocol: 'HTTPS' }), 'ValidationError'],
    [setup.listener(two, TEAPOT, { Port: 70_000 }), 'ValidationError'],
    [
      setup.listener(two, TEAPOT, {
        Protocol: 'HTTPS',
        Certificates: [{ CertificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1' }],
      }),
      'CertificateNotFoundException',
    ],
  ]
  for (const [work, name] of cases) assert.equal(await refusal(work), name)
})

test('actions that are not carried out are refused, and so are wrong ones', async () => {
  const setup = new ElbSetup()
  const balancer = await setup.balancer()
  const redirect = (RedirectConfig: elb.RedirectActionConfig): elb.Action => ({
    Type: 'redirect',
    RedirectConfig,
  })
  const cases: (readonly [elb.Action, string])[] = [
    [
      {
        Type: 'authenticate-oidc',
        AuthenticateOidcConfig: {
          Issuer: 'https://a.example',
          AuthorizationEndpoint: 'https://a.example/a',
          TokenEndpoint: 'https://a.example/t',
          UserInfoEndpoint: 'https://a.example/u',
          ClientId: 'x',
        },
      },
      'InvalidConfigurationRequestException',
    ],
    [{ Type: 'forward' }, 'ValidationError'],
    [redirect({ StatusCode: 'HTTP_301' }), 'InvalidLoadBalancerActionException'],
    [redirect({ StatusCode: 'HTTP_301', Path: '/#{nothing}' }), 'ValidationError'],
    [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '302' } }, 'ValidationError'],
    [{ ...TEAPOT, RedirectConfig: { StatusCode: 'HTTP_301' } }, 'ValidationError'],
  ]
  for (const [action, name] of cases) {
    assert.equal(await refusal(setup.listener(balancer, action)), name, JSON.stringify(action))
  }
  await setup.listener(balancer, redirect({ StatusCode: 'HTTP_302', Host: 'a.example' }))
})

test('conditions are checked by field, and shown in both forms where there are two', async () => {
  const setup = new ElbSetup()
  const listener = await setup.listener(await setup.balancer(), TEAPOT)
  const header = (Values: string[]) => ({
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'x-a', Values },
  })
  const wrong: elb.RuleCondition[][] = [
    [],
    [{ Field: 'colour', Values: ['red'] }],
    [TO_API, TO_API],
    [{ Field: 'path-pattern', Values: ['a b'] }],
    [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/33'] } }],
    [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }],
    [{ Field: 'http-header', Values: ['1'] }],
    [{ Field: 'path-pattern', HostHeaderConfig: { Values: ['a'] } }],
    [header(['1', '2', '3']), { Field: 'host-header', Values: ['a', 'b', 'c'] }],
  ]
  for (const Conditions of wrong) {
    const name = await refusal(setup.rule(listener, 1, { Conditions }))
    assert.equal(name, 'ValidationError', JSON.stringify(Conditions))
  }
  const regex = [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^a'] } }]
  const refused = setup.rule(listener, 1, { Conditions: regex })
  assert.equal(await refusal(refused), 'InvalidConfigurationRequestException')
  const arn = await setup.rule(listener, 1, { Conditions: [TO_API, header(['a*'])] })
  const { Rules } = await setup.send(new elb.DescribeRulesCommand({ RuleArns: [arn] }))
  assert.deepEqual(Rules![0]!.Conditions, [
    { ...TO_API, PathPatternConfig: { Values: ['/api/*'] } },
    header(['a*']),
  ])
})

test('targets come, drain and go; who is none is refused', async () => {
  const setup = new ElbSetup()
  setup.calls.settings = { ...setup.calls.settings, instances: { 'i-1': '10.0.0.9' } }
  const TargetGroupArn = await setup.group()
  const register = (...Targets: elb.TargetDescription[]) =>
    setup.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets }))
  const states = async (): Promise<unknown[]> => {
    const wish = new elb.DescribeTargetHealthCommand({ TargetGroupArn })
    const { TargetHealthDescriptions } = await setup.send(wish)
    return TargetHealthDescriptions!.map(({ Target, TargetHealth }) => [
      `${Target!.Id}:${Target!.Port}`,
      TargetHealth!.State,
    ])
  }
  await register({ Id: '10.0.0.1' }, { Id: 'shop.internal', Port: 81 }, { Id: '10.0.0.1' })
  assert.deepEqual(await states(), [
    ['10.0.0.1:8080', 'unused'],
    ['shop.internal:81', 'unused'],
  ])
  await setup.listener(await setup.balancer(), forwardTo(TargetGroupArn))
  assert.deepEqual((await states())[0], ['10.0.0.1:8080', 'unused'], 'nobody has looked yet')
  const seen = { port: 81, seenStatus: 503, ejected: false } as const
  setup.calls.targetHealth = () => [
    {
      ...seen,
      host: 'shop.internal',
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
    },
  ]
  const shop = { TargetGroupArn, Targets: [{ Id: 'shop.internal', Port: 81 }, { Id: '10.9.9.9' }] }
  const described = await setup.send(new elb.DescribeTargetHealthCommand(shop))
  assert.deepEqual(
    described.TargetHealthDescriptions!.map(({ TargetHealth }) => TargetHealth),
    [
      {
        State: 'unhealthy',
        Reason: 'Target.ResponseCodeMismatch',
        Description: 'Health checks failed with these codes: [503]',
      },
      {
        State: 'unused',
        Reason: 'Target.NotRegistered',
        Description: 'Target is not registered to the target group',
      },
    ],
  )
  assert.deepEqual(await states(), [
    ['10.0.0.1:8080', 'initial'],
    ['shop.internal:81', 'unhealthy'],
  ])
  setup.calls.targetHealth = () => [
    { ...seen, host: 'shop.internal', state: 'healthy', reason: '' },
  ]
  const leave = (Id: string) =>
    setup.send(new elb.DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }))
  await leave('10.0.0.1')
  assert.deepEqual(await states(), [
    ['10.0.0.1:8080', 'draining'],
    ['shop.internal:81', 'healthy'],
  ])
  setup.calls.now = new Date(setup.calls.now.getTime() + 300_001)
  assert.deepEqual(await states(), [['shop.internal:81', 'healthy']])
  for (const Id of ['10.0.0.300', 'a b', '1.2.3', 'i_1:']) {
    assert.equal(await refusal(register({ Id })), 'InvalidTargetException', Id)
  }
  assert.equal(await refusal(leave('10.0.0.7')), 'InvalidTargetException')
  const instances = await setup.group('instances', { TargetType: 'instance' })
  const instance = (Id: string) =>
    setup.send(new elb.RegisterTargetsCommand({ TargetGroupArn: instances, Targets: [{ Id }] }))
  await instance('i-1')
  assert.equal(await refusal(instance('i-2')), 'InvalidTargetException')
})

test('attributes of target groups, those of AWS and those of Postern', async () => {
  const setup = new ElbSetup()
  const TargetGroupArn = await setup.group()
  const change = (Key: string, Value: string) =>
    setup.send(
      new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key, Value }] }),
    )
  const right = [
    ['stickiness.enabled', 'true'],
    ['slow_start.duration_seconds', '60'],
    ['load_balancing.algorithm.type', 'power_of_two_choices'],
    ['postern.outlier_detection.consecutive_5xx', '5'],
    ['postern.discovery', 'dns:SRV:_http._tcp.shop.example'],
  ] as const
  for (const [key, value] of right) await change(key, value)
  const wrong = [
    ['slow_start.duration_seconds', '5', 'ValidationError'],
    ['load_balancing.algorithm.type', 'random', 'ValidationError'],
    ['load_balancing.algorithm.type', 'weighted_random', 'ValidationError'],
    ['load_balancing.algorithm.anomaly_mitigation', 'on', 'InvalidConfigurationRequestException'],
    ['stickiness.type', 'app_cookie', 'ValidationError'],
    ['stickiness.app_cookie.cookie_name', 'AWSALB', 'ValidationError'],
    ['postern.retry_budget.percentage', '21', 'ValidationError'],
    ['postern.discovery', 'dns:MX:shop.example', 'ValidationError'],
  ] as const
  for (const [key, value, name] of wrong) {
    assert.equal(await refusal(change(key, value)), name, `${key} ${value}`)
  }
  const Targets = [{ Id: '10.0.0.1' }]
  const register = setup.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets }))
  assert.equal(await refusal(register), 'OperationNotPermittedException')
})

test('health checks have defaults by protocol and bounds', async () => {
  const setup = new ElbSetup()
  const arn = await setup.group('http')
  const tcp = await setup.group('tcp', { Protocol: 'TCP' })
  const checkOf = async (TargetGroupArn: string) => {
    const wish = new elb.DescribeTargetGroupsCommand({ TargetGroupArns: [TargetGroupArn] })
    const [group] = (await setup.send(wish)).TargetGroups!
    const { HealthCheckProtocol, HealthCheckPath, Matcher, UnhealthyThresholdCount } = group!
    return [HealthCheckProtocol, HealthCheckPath, Matcher?.HttpCode, UnhealthyThresholdCount]
  }
  assert.deepEqual(await checkOf(arn), ['HTTP', '/', '200', 2])
  assert.deepEqual(await checkOf(tcp), ['TCP', undefined, undefined, 2])
  const modify = (more: object) =>
    setup.send(new elb.ModifyTargetGroupCommand({ TargetGroupArn: arn, ...more }))
  await modify({ HealthCheckPath: '/up', Matcher: { HttpCode: '200-204' } })
  assert.deepEqual(await checkOf(arn), ['HTTP', '/up', '200-204', 2])
  const wrong = [
    { HealthCheckIntervalSeconds: 4 },
    { HealthCheckTimeoutSeconds: 30 },
    { HealthCheckPath: 'up' },
    { Matcher: { HttpCode: '204-200' } },
    { HealthCheckPort: '0' },
    { HealthCheckProtocol: 'TCP' },
    { HealthCheckEnabled: false },
  ]
  for (const more of wrong) {
    assert.equal(await refusal(modify(more)), 'ValidationError', JSON.stringify(more))
  }
  const lambda = setup.group('function', { TargetType: 'lambda' })
  assert.equal(await refusal(lambda), 'InvalidConfigurationRequestException')
})

test('everything with an ARN has tags', async () => {
  const setup = new ElbSetup()
  const balancer = await setup.balancer()
  const listener = await setup.listener(balancer, TEAPOT)
  const arns = [balancer, listener, await setup.rule(listener, 1), await setup.group()]
  const Tags = [
    { Key: 'team', Value: 'a' },
    { Key: 'cost', Value: '7' },
  ]
  await setup.send(new elb.AddTagsCommand({ ResourceArns: arns, Tags }))
  await setup.send(new elb.RemoveTagsCommand({ ResourceArns: arns, TagKeys: ['team'] }))
  const { TagDescriptions } = await setup.send(new elb.DescribeTagsCommand({ ResourceArns: arns }))
  const expected = arns.map((ResourceArn) => ({ ResourceArn, Tags: [Tags[1]] }))
  assert.deepEqual(TagDescriptions, expected)
  const cases = [
    [`${ACCOUNT}:targetgroup/none/0`, Tags, 'TargetGroupNotFoundException'],
    [balancer, [Tags[0]!, Tags[0]!], 'DuplicateTagKeysException'],
    [balancer, Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}` })), 'TooManyTagsException'],
  ] as const
  for (const [arn, tags, name] of cases) {
    const add = new elb.AddTagsCommand({ ResourceArns: [arn], Tags: [...tags] })
    assert.equal(await refusal(setup.send(add)), name)
  }
})

test('limits, policies, and what is not built', async () => {
  const setup = new ElbSetup()
  const { Limits } = await setup.send(new elb.DescribeAccountLimitsCommand({}))
  assert.ok(Limits!.some(({ Name, Max }) => Name === 'target-groups' && Max === '3000'))
  const { SslPolicies } = await setup.send(
    new elb.DescribeSSLPoliciesCommand({ Names: ['ELBSecurityPolicy-TLS13-1-2-2021-06'] }),
  )
  assert.deepEqual(SslPolicies![0]!.SslProtocols, ['TLSv1.2', 'TLSv1.3'])
  const none = setup.send(new elb.DescribeSSLPoliciesCommand({ Names: ['none'] }))
  assert.equal(await refusal(none), 'SSLPolicyNotFoundException')
  await assert.rejects(setup.send(new elb.DescribeTrustStoresCommand({})), /trust stores/)
})
