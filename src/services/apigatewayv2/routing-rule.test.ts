import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateRoutingRuleRequest, RoutingRuleCondition } from '@aws-sdk/client-apigatewayv2'
import { ServiceCalls } from '../service-calls.fake.ts'
import { domainNameOperations } from './domain-name.ts'
import { domainsOf, touchesDomains } from './going-live/domain-document.ts'
import { requireApiUnmapped, requireStageUnmapped } from './mapped-domains.ts'
import { routingRuleOperations } from './routing-rule.ts'

const { CreateRoutingRule, DeleteRoutingRule, GetRoutingRule, ListRoutingRules, PutRoutingRule } =
  routingRuleOperations
const DomainName = 'api.example.com'
const InvokeApi = { ApiId: 'pets000000', Stage: 'prod' }

function request(given: Partial<CreateRoutingRuleRequest> = {}): CreateRoutingRuleRequest {
  return { DomainName, Priority: 10, Conditions: [], Actions: [{ InvokeApi }], ...given }
}

function header(Header: string, ValueGlob: string): RoutingRuleCondition {
  return { MatchHeaders: { AnyOf: [{ Header, ValueGlob }] } }
}

function basePath(...AnyOf: string[]): RoutingRuleCondition {
  return { MatchBasePaths: { AnyOf } }
}

async function ready(): Promise<ServiceCalls> {
  const calls = new ServiceCalls()
  await calls.write(async ({ records }) => {
    await records.put({ kind: 'api', parent: '', id: 'pets000000' }, { ApiId: 'pets000000' })
    for (const id of ['prod', 'test']) {
      await records.put({ kind: 'stage', parent: 'pets000000', id }, { StageName: id })
    }
  })
  const CertificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c'
  await calls.call(domainNameOperations.CreateDomainName, {
    DomainName,
    DomainNameConfigurations: [{ CertificateArn }],
    RoutingMode: 'ROUTING_RULE_THEN_API_MAPPING',
  })
  return calls
}

test('a rule is made, listed, replaced as a whole, and deleted', async () => {
  const calls = await ready()
  const Conditions = [header('Hello', 'World'), header('X-Version', '*b*'), basePath('a/b', 'c')]
  const made = await calls.call(CreateRoutingRule, request({ Conditions }))
  const { RoutingRuleId, RoutingRuleArn } = made
  assert.match(RoutingRuleId!, /^[a-z0-9]{6}$/)
  const path = `/domainnames/api.example.com/routingrules/${RoutingRuleId}`
  assert.equal(RoutingRuleArn, `arn:aws:apigateway:eu-central-1:123456789012:${path}`)
  assert.deepEqual(made, {
    ...{ RoutingRuleId, RoutingRuleArn, Priority: 10, Conditions },
    Actions: [{ InvokeApi: { ...InvokeApi, StripBasePath: false } }],
  })
  const place = { DomainName, RoutingRuleId }
  assert.deepEqual(await calls.call(GetRoutingRule, place), made)

  await calls.call(CreateRoutingRule, request({ Priority: 20 }))
  const first = await calls.call(ListRoutingRules, { DomainName, MaxResults: 1 })
  assert.deepEqual(first.RoutingRules, [made])
  const second = await calls.call(ListRoutingRules, { DomainName, NextToken: first.NextToken })
  assert.deepEqual(
    second.RoutingRules?.map(({ Priority }) => Priority),
    [20],
  )

  const Actions = [{ InvokeApi: { ApiId: 'pets000000', Stage: 'test', StripBasePath: true } }]
  const anew = { ...place, Actions, Conditions: [basePath('d')], Priority: 11 }
  assert.deepEqual(await calls.call(PutRoutingRule, anew), {
    ...{ RoutingRuleId, RoutingRuleArn, Priority: 11, Conditions: [basePath('d')], Actions },
  })

  await calls.call(DeleteRoutingRule, place)
  for (const attempt of [
    calls.call(GetRoutingRule, place),
    calls.call(PutRoutingRule, anew),
    calls.call(DeleteRoutingRule, place),
  ]) {
    const message = `Invalid routing rule identifier specified ${RoutingRuleId}`
    await assert.rejects(attempt, { code: 'NotFoundException', message })
  }
})

test('a priority is taken once, and a rule may keep its own', async () => {
  const calls = await ready()
  const { RoutingRuleId } = await calls.call(CreateRoutingRule, request())
  await assert.rejects(calls.call(CreateRoutingRule, request()), { code: 'ConflictException' })
  await calls.call(CreateRoutingRule, request({ Priority: 9 }))
  await calls.call(PutRoutingRule, { ...request(), RoutingRuleId })
  await assert.rejects(calls.call(PutRoutingRule, { ...request({ Priority: 9 }), RoutingRuleId }), {
    code: 'ConflictException',
  })
})

test('there is room for as many as the limit says', async () => {
  const calls = await ready()
  const { settings } = calls
  calls.settings = { ...settings, limits: { ...settings.limits, routingRulesPerDomain: 1 } }
  const { RoutingRuleId } = await calls.call(CreateRoutingRule, request())
  await assert.rejects(calls.call(CreateRoutingRule, request({ Priority: 9 })), {
    code: 'TooManyRequestsException',
  })
  await calls.call(PutRoutingRule, { ...request({ Priority: 9 }), RoutingRuleId })
})

describe('a rule is refused', () => {
  const of = (...Conditions: RoutingRuleCondition[]) => request({ Conditions })
  const REFUSALS: readonly [string, CreateRoutingRuleRequest, RegExp][] = [
    ['with three headers', of(header('a', 'b'), header('c', 'd'), header('e', 'f')), /at most 2/],
    ['with two base paths', of(basePath('a'), basePath('b')), /one on base paths/],
    ['with an empty condition', of({}), /either matchHeaders or matchBasePaths/],
    ['with a double condition', of({ ...header('a', 'b'), ...basePath('c') }), /either/],
    ['with no alternative', of(basePath()), /anyOf .* not 0/],
    ['with too many', of(basePath(...'abcdefghijk')), /anyOf .* not 11/],
    ['of who calls', of(header('Authorization', 'x')), /cannot be used/],
    ['of where it came from', of(header('X-Forwarded-For', 'x')), /cannot be used/],
    ['of a debug key', of(header('x-postern-debug', 'x')), /cannot be used/],
    ['of no field name', of(header('a b', 'x')), /field name/],
    ['of a long field name', of(header('a'.repeat(40), 'x')), /field name/],
    ['of any value', of(header('a', '*')), /valueGlob/],
    ['of no value', of(header('a', '')), /valueGlob/],
    ['with an inner star', of(header('a', 'b*c')), /valueGlob/],
    ['of a value that ends with a space', of(header('a', 'b ')), /valueGlob/],
    ['of a value with a line break', of(header('a', 'b\nc')), /valueGlob/],
    ['of a long value', of(header('a', 'b'.repeat(128))), /at most 127/],
    ['of a long infix', of(header('a', `*${'b'.repeat(40)}*`)), /at most 39/],
    ['of a base path with a slash in front', of(basePath('/a')), /base path/],
    ['of an empty base path', of(basePath('')), /base path/],
    ['of a base path with dots', of(basePath('a/../b')), /base path/],
    ['of a base path with an escape', of(basePath('a%2fb')), /base path/],
    ['of a long base path', of(basePath('a'.repeat(128))), /base path/],
    ['without an action', request({ Actions: [] }), /exactly one action/],
    ['with two actions', request({ Actions: [{ InvokeApi }, { InvokeApi }] }), /exactly one/],
    [
      'for a stage that is not there',
      request({ Actions: [{ InvokeApi: { ...InvokeApi, Stage: 'dev' } }] }),
      /has no stage dev/,
    ],
    ['of a private domain name', { ...request(), DomainNameId: 'abc' }, /private domain names/],
  ]
  for (const [what, input, message] of REFUSALS) {
    test(what, async () => {
      const calls = await ready()
      await assert.rejects(calls.call(CreateRoutingRule, input), {
        code: 'BadRequestException',
        message,
      })
      assert.deepEqual((await calls.call(ListRoutingRules, { DomainName })).RoutingRules, [])
    })
  }
  test('of an API or a domain name that is not there', async () => {
    const calls = await ready()
    const Actions = [{ InvokeApi: { ...InvokeApi, ApiId: 'none' } }]
    for (const input of [request({ Actions }), request({ DomainName: 'b.example.com' })]) {
      await assert.rejects(calls.call(CreateRoutingRule, input), { code: 'NotFoundException' })
    }
  })
})

test('a rule holds its API and its stage in place, and goes with its domain name', async () => {
  const calls = await ready()
  await calls.call(CreateRoutingRule, request())
  const [apiId, stageName] = ['pets000000', 'prod']
  const refused = { code: 'BadRequestException', message: /api\.example\.com/ }
  await assert.rejects(
    calls.write((context) => requireApiUnmapped(context, apiId)),
    refused,
  )
  await assert.rejects(
    calls.write((context) => requireStageUnmapped(context, { apiId, stageName })),
    refused,
  )
  await calls.write((context) => requireStageUnmapped(context, { apiId, stageName: 'test' }))
  await calls.call(domainNameOperations.DeleteDomainName, { DomainName })
  await calls.write((context) => requireApiUnmapped(context, apiId))
  const left = await calls.store.read((reader) => reader.everywhere('routing-rule'))
  assert.deepEqual(left, [])
})

test('what is served says the same', async () => {
  const calls = await ready()
  assert.equal(
    (await calls.store.read(domainsOf)).domains[0]?.routingMode,
    'ROUTING_RULE_THEN_API_MAPPING',
  )
  const Conditions = [header('Hello', 'World'), basePath('a', 'b/c')]
  const { RoutingRuleId: ruleId } = await calls.call(CreateRoutingRule, request({ Conditions }))
  const [domain] = (await calls.store.read(domainsOf)).domains
  assert.deepEqual(domain, {
    ...{ domainName: DomainName, accountId: '123456789012', region: 'eu-central-1' },
    ...{ endpointAccessMode: 'BASIC', routingMode: 'ROUTING_RULE_THEN_API_MAPPING' },
    ...{ mutualTls: false, mappings: [] },
    rules: [
      {
        ...{ ruleId, priority: 10, basePaths: ['a', 'b/c'], stripBasePath: false },
        headers: [[{ name: 'hello', glob: 'World' }]],
        ...{ apiId: 'pets000000', stageName: 'prod' },
      },
    ],
  })
  const scope = { accountId: '1', region: 'r' }
  const change = (kind: string) => [
    { scope, key: { kind, parent: '', id: 'a' }, before: undefined, after: {} },
  ]
  const kinds = ['domain-name', 'api-mapping', 'routing-rule', 'stage']
  assert.deepEqual(
    kinds.map((kind) => touchesDomains(change(kind))),
    [true, true, true, false],
  )
})
