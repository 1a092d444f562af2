import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CreateDomainNameRequest, PatchOperation } from '@aws-sdk/client-api-gateway'
import { apiMappingOperations } from '../apigatewayv2/api-mapping.ts'
import { domainNameOperations as second } from '../apigatewayv2/domain-name.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { basePathMappingOperations } from './base-path-mapping.ts'
import { domainNameOperations } from './domain-name.ts'

const { CreateDomainName, DeleteDomainName, GetDomainName, GetDomainNames, UpdateDomainName } =
  domainNameOperations
const {
  CreateBasePathMapping,
  DeleteBasePathMapping,
  GetBasePathMapping,
  GetBasePathMappings,
  UpdateBasePathMapping,
} = basePathMappingOperations
const domainName = 'api.example.com'
const regionalCertificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c'

function request(given: Partial<CreateDomainNameRequest> = {}): CreateDomainNameRequest {
  return { domainName, regionalCertificateArn, ...given }
}

async function ready(): Promise<ServiceCalls> {
  const calls = new ServiceCalls()
  await calls.write(async ({ records }) => {
    for (const id of ['pets000000', 'toys000000']) {
      await records.put({ kind: 'api', parent: '', id }, { ApiId: id })
      await records.put({ kind: 'stage', parent: id, id: 'prod' }, { StageName: 'prod' })
    }
  })
  return calls
}

function patch(path: string, value: string): PatchOperation[] {
  return [{ op: 'replace', path, value }]
}

test('a domain name is the same through both APIs', async () => {
  const calls = new ServiceCalls()
  const created = await calls.call(
    CreateDomainName,
    request({
      endpointConfiguration: { types: ['REGIONAL'], ipAddressType: 'dualstack' },
      securityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
      endpointAccessMode: 'STRICT',
      routingMode: 'ROUTING_RULE_THEN_BASE_PATH_MAPPING',
      tags: { team: 'pets' },
    }),
  )
  const { regionalDomainName, ...rest } = created
  assert.match(regionalDomainName!, /^d-[a-z0-9]{10}\.execute-api\.eu-central-1\.localhost$/)
  assert.deepEqual(rest, {
    ...{ domainName, domainNameStatus: 'AVAILABLE', regionalCertificateArn },
    domainNameArn: 'arn:aws:apigateway:eu-central-1::/domainnames/api.example.com',
    endpointConfiguration: { types: ['REGIONAL'], ipAddressType: 'dualstack' },
    securityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
    endpointAccessMode: 'STRICT',
    routingMode: 'ROUTING_RULE_THEN_BASE_PATH_MAPPING',
    tags: { team: 'pets' },
  })
  assert.deepEqual(await calls.call(GetDomainName, { domainName }), created)
  assert.deepEqual((await calls.call(GetDomainNames, {})).items, [created])
  assert.deepEqual(await calls.call(GetDomainNames, { resourceOwner: 'OTHER_ACCOUNTS' }), {
    items: [],
  })
  const seen = await calls.call(second.GetDomainName, { DomainName: domainName })
  assert.equal(seen.RoutingMode, 'ROUTING_RULE_THEN_API_MAPPING')
  assert.equal(seen.DomainNameConfigurations?.[0]?.CertificateArn, regionalCertificateArn)
  assert.equal(seen.DomainNameConfigurations?.[0]?.ApiGatewayDomainName, regionalDomainName)
  await assert.rejects(calls.call(CreateDomainName, request()), { code: 'ConflictException' })
  assert.deepEqual(await calls.call(DeleteDomainName, { domainName }), {})
  await assert.rejects(calls.call(GetDomainName, { domainName }), { code: 'NotFoundException' })
})

test('patches change what they name', async () => {
  const calls = new ServiceCalls()
  const before = await calls.call(CreateDomainName, request())
  const other = `${regionalCertificateArn}ff`
  const changes: [string, string, object][] = [
    ['/regionalCertificateArn', other, { regionalCertificateArn: other }],
    ['/securityPolicy', 'SecurityPolicy_TLS13_1_2_2021_06', {}],
    ['/endpointAccessMode', 'STRICT', { endpointAccessMode: 'STRICT' }],
    ['/routingMode', 'ROUTING_RULE_ONLY', { routingMode: 'ROUTING_RULE_ONLY' }],
    ['/endpointConfiguration/types/REGIONAL', 'REGIONAL', {}],
    ['/endpointConfiguration/ipAddressType', 'dualstack', {}],
  ]
  let expected: object = before
  for (const [path, value, changed] of changes) {
    const after = await calls.call(UpdateDomainName, {
      domainName,
      patchOperations: patch(path, value),
    })
    expected = { ...after, ...expected, ...changed }
    const { securityPolicy, endpointConfiguration } = after
    assert.deepEqual(after, { ...expected, securityPolicy, endpointConfiguration })
  }
  const { securityPolicy, endpointConfiguration } = await calls.call(GetDomainName, { domainName })
  assert.equal(securityPolicy, 'SecurityPolicy_TLS13_1_2_2021_06')
  assert.deepEqual(endpointConfiguration, { types: ['REGIONAL'], ipAddressType: 'dualstack' })
})

describe('what only REST APIs have is refused', () => {
  const CREATIONS: readonly [string, CreateDomainNameRequest, RegExp][] = [
    ['a certificate at the edge', request({ certificateArn: 'arn' }), /Only REGIONAL/],
    ['an edge', request({ endpointConfiguration: { types: ['EDGE'] } }), /Only REGIONAL/],
    ['a private network', request({ endpointConfiguration: { types: ['PRIVATE'] } }), /Only REG/],
    ['an uploaded certificate', request({ certificateBody: 'PEM' }), /import the certificate/],
    ['a policy', request({ policy: '{}' }), /private domain names/],
    ['TLS 1.0', request({ securityPolicy: 'TLS_1_0' }), /TLS 1\.2/],
    ['the policy of an edge', request({ securityPolicy: 'SecurityPolicy_TLS13_2025_EDGE' }), /TLS/],
    ['no certificate', { domainName }, /certificate is required/],
  ]
  for (const [what, input, message] of CREATIONS) {
    test(what, async () => {
      const calls = new ServiceCalls()
      const refused = { code: 'BadRequestException', message } as const
      await assert.rejects(calls.call(CreateDomainName, input), refused)
      assert.deepEqual((await calls.call(GetDomainNames, {})).items, [])
    })
  }
  const PATCHES: readonly [PatchOperation[], RegExp][] = [
    [patch('/certificateArn', 'arn'), /Only REGIONAL/],
    [patch('/endpointConfiguration/types/REGIONAL', 'EDGE'), /Only REGIONAL/],
    [patch('/managementPolicy', '{}'), /private domain names/],
    [patch('/routingMode', 'API_MAPPING_ONLY'), /BASE_PATH_MAPPING_ONLY/],
    [patch('/domainName', 'b.example.com'), /Invalid patch path/],
  ]
  for (const [patchOperations, message] of PATCHES) {
    test(`a patch of ${patchOperations[0]?.path}`, async () => {
      const calls = new ServiceCalls()
      const before = await calls.call(CreateDomainName, request())
      const refused = { code: 'BadRequestException', message } as const
      const update = calls.call(UpdateDomainName, { domainName, patchOperations })
      await assert.rejects(update, refused)
      assert.deepEqual(await calls.call(GetDomainName, { domainName }), before)
    })
  }
})

test('base path mappings are API mappings, named by their base path', async () => {
  const calls = await ready()
  await calls.call(CreateDomainName, request())
  const mapped = { domainName, restApiId: 'pets000000', stage: 'prod' }
  const whole = await calls.call(CreateBasePathMapping, mapped)
  assert.deepEqual(whole, { basePath: '(none)', restApiId: 'pets000000', stage: 'prod' })
  await calls.call(CreateBasePathMapping, { ...mapped, basePath: 'v1' })
  await calls.call(apiMappingOperations.CreateApiMapping, {
    ...{ DomainName: domainName, ApiId: 'toys000000', Stage: 'prod', ApiMappingKey: 'a/b' },
  })
  const paths = async () =>
    (await calls.call(GetBasePathMappings, { domainName })).items?.map(({ basePath }) => basePath)
  assert.deepEqual(await paths(), ['(none)', 'v1', 'a/b'])
  const basePath = '(none)'
  assert.deepEqual(await calls.call(GetBasePathMapping, { domainName, basePath }), whole)
  const moved = await calls.call(UpdateBasePathMapping, {
    ...{ domainName, basePath },
    patchOperations: [...patch('/basePath', 'v2'), ...patch('/restapiId', 'toys000000')],
  })
  assert.deepEqual(moved, { basePath: 'v2', restApiId: 'toys000000', stage: 'prod' })
  await calls.call(DeleteBasePathMapping, { domainName, basePath: 'a/b' })
  assert.deepEqual(await paths(), ['v2', 'v1'])
  for (const operation of [GetBasePathMapping, UpdateBasePathMapping, DeleteBasePathMapping]) {
    await assert.rejects(calls.call(operation, { domainName, basePath }), {
      code: 'NotFoundException',
    })
  }
  await assert.rejects(calls.call(CreateBasePathMapping, { ...mapped, basePath: 'v1' }), {
    code: 'ConflictException',
  })
  for (const broken of [{ basePath: 'a/b' }, { stage: '' }, { domainNameId: 'abc' }]) {
    await assert.rejects(calls.call(CreateBasePathMapping, { ...mapped, ...broken }), {
      code: 'BadRequestException',
    })
  }
})
