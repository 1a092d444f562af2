import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiMappingOperations } from './api-mapping.ts'
import { domainNameOperations } from './domain-name.ts'
import { requireApiUnmapped, requireStageUnmapped } from './mapped-domains.ts'

const { CreateApiMapping, DeleteApiMapping, GetApiMapping, GetApiMappings, UpdateApiMapping } =
  apiMappingOperations
const DomainName = 'api.example.com'
const ROOT = { DomainName, ApiId: 'pets000000', Stage: '$default' }

/** Two APIs with their stages, and a domain name. */
async function ready(): Promise<ServiceCalls> {
  const calls = new ServiceCalls()
  await calls.write(async ({ records }) => {
    for (const id of ['pets000000', 'toys000000']) {
      await records.put({ kind: 'api', parent: '', id }, { ApiId: id })
    }
    const stages = [
      ['pets000000', '$default'],
      ['pets000000', 'prod'],
      ['toys000000', 'test'],
    ] as const
    for (const [parent, id] of stages) {
      await records.put({ kind: 'stage', parent, id }, { StageName: id })
    }
  })
  const CertificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c'
  for (const name of [DomainName, 'b.example.com']) {
    await calls.call(domainNameOperations.CreateDomainName, {
      DomainName: name,
      DomainNameConfigurations: [{ CertificateArn }],
    })
  }
  return calls
}

test('a mapping without a key is the one of the whole domain name', async () => {
  const calls = await ready()
  const mapping = await calls.call(CreateApiMapping, ROOT)
  const { ApiMappingId } = mapping
  assert.match(ApiMappingId!, /^[a-z0-9]{6}$/)
  assert.deepEqual(mapping, {
    ApiId: 'pets000000',
    ApiMappingId,
    ApiMappingKey: '',
    Stage: '$default',
  })
  assert.deepEqual(await calls.call(GetApiMapping, { DomainName, ApiMappingId }), mapping)
})

test('keys of one and of many segments stand beside each other, and are listed in order', async () => {
  const calls = await ready()
  const keys = ['v1', 'v1/pets', 'V1', `${'a/'.repeat(149)}ab`, "$-_.+!*'(),", '...', '(none)/a']
  for (const ApiMappingKey of keys) await calls.call(CreateApiMapping, { ...ROOT, ApiMappingKey })
  const first = await calls.call(GetApiMappings, { DomainName, MaxResults: '4' })
  const second = await calls.call(GetApiMappings, { DomainName, NextToken: first.NextToken })
  const listed = [...first.Items!, ...second.Items!].map((each) => each.ApiMappingKey)
  assert.deepEqual(listed, keys)
  assert.deepEqual((await calls.call(GetApiMappings, { DomainName: 'b.example.com' })).Items, [])
})

describe('a key is refused', () => {
  const REFUSALS: readonly [string, string, RegExp][] = [
    ['with a slash in front', '/v1', /begin or end with '\/'/],
    ['with a slash at its end', 'v1/', /begin or end with '\/'/],
    ['that is a slash', '/', /begin or end with '\/'/],
    ['with two slashes', 'v1//pets', /consecutive/],
    ['with a space', 'v 1', /only letters, numbers/],
    ['with an escape', 'v%31', /only letters, numbers/],
    ['with another letter', 'bücher', /only letters, numbers/],
    ['with a query', 'v1?a', /only letters, numbers/],
    ['with braces', '{v}', /only letters, numbers/],
    ['with a dot segment', 'v1/../v2', /'\.\.'/],
    ['that is a dot segment', '.', /'\.'/],
    ['that is too long', 'a'.repeat(301), /at most 300/],
    ["that is the first API's word for none", '(none)', /leave it out/],
  ]
  for (const [what, ApiMappingKey, message] of REFUSALS) {
    test(what, async () => {
      const calls = await ready()
      const error = { code: 'BadRequestException', message }
      await assert.rejects(calls.call(CreateApiMapping, { ...ROOT, ApiMappingKey }), error)
      const { ApiMappingId } = await calls.call(CreateApiMapping, ROOT)
      const update = { DomainName, ApiMappingId, ApiId: ROOT.ApiId, ApiMappingKey }
      await assert.rejects(calls.call(UpdateApiMapping, update), error)
    })
  }
})

test('a domain name has each key once', async () => {
  const calls = await ready()
  const conflict = {
    code: 'ConflictException',
    message: 'ApiMapping key already exists for this domain name',
  }
  await calls.call(CreateApiMapping, ROOT)
  const toys = { ...ROOT, ApiId: 'toys000000', Stage: 'test' }
  await assert.rejects(calls.call(CreateApiMapping, toys), conflict)
  await assert.rejects(calls.call(CreateApiMapping, { ...toys, ApiMappingKey: '' }), conflict)
  const { ApiMappingId } = await calls.call(CreateApiMapping, { ...toys, ApiMappingKey: 'toys' })
  const update = { DomainName, ApiMappingId, ApiId: 'toys000000', ApiMappingKey: '' }
  await assert.rejects(calls.call(UpdateApiMapping, update), conflict)
  await calls.call(CreateApiMapping, { ...ROOT, DomainName: 'b.example.com' })
})

test('API and stage are there', async () => {
  const calls = await ready()
  await assert.rejects(calls.call(CreateApiMapping, { ...ROOT, ApiId: 'none000000' }), {
    code: 'NotFoundException',
    message: /^Invalid API identifier specified .*none000000$/,
  })
  await assert.rejects(calls.call(CreateApiMapping, { ...ROOT, Stage: 'test' }), {
    code: 'BadRequestException',
    message: /^Invalid stage identifier specified.*pets000000 has no stage test/,
  })
  const DomainName = 'c.example.com'
  await assert.rejects(calls.call(CreateApiMapping, { ...ROOT, DomainName }), {
    code: 'NotFoundException',
  })
  assert.deepEqual((await calls.call(GetApiMappings, ROOT)).Items, [])
})

test('an update moves to another stage, key and API, and leaves what it does not name', async () => {
  const calls = await ready()
  const created = await calls.call(CreateApiMapping, { ...ROOT, ApiMappingKey: 'v1' })
  const { ApiMappingId } = created
  const change = (given: object) =>
    calls.call(UpdateApiMapping, { DomainName, ApiMappingId, ApiId: 'pets000000', ...given })
  assert.deepEqual(await change({}), created)
  assert.deepEqual(await change({ Stage: 'prod' }), { ...created, Stage: 'prod' })
  const root = { ...created, ApiMappingKey: '', Stage: 'prod' }
  assert.deepEqual(await change({ ApiMappingKey: '' }), root)
  await assert.rejects(change({ ApiId: 'toys000000' }), { message: /no stage prod/ })
  const toys = { ApiId: 'toys000000', Stage: 'test' }
  assert.deepEqual(await change(toys), { ...root, ...toys })
})

test('a deleted mapping is gone', async () => {
  const calls = await ready()
  const { ApiMappingId } = await calls.call(CreateApiMapping, ROOT)
  await calls.call(DeleteApiMapping, { DomainName, ApiMappingId })
  for (const operation of [GetApiMapping, DeleteApiMapping]) {
    await assert.rejects(calls.call(operation, { DomainName, ApiMappingId }), {
      code: 'NotFoundException',
      message: `Invalid API mapping identifier specified ${ApiMappingId}`,
    })
  }
})

test('there is room for as many as the limit says; an update needs none', async () => {
  const calls = await ready()
  const { settings } = calls
  calls.settings = { ...settings, limits: { ...settings.limits, apiMappingsPerDomain: 1 } }
  const { ApiMappingId } = await calls.call(CreateApiMapping, ROOT)
  const code = 'TooManyRequestsException'
  await assert.rejects(calls.call(CreateApiMapping, { ...ROOT, ApiMappingKey: 'a' }), { code })
  await calls.call(UpdateApiMapping, { ...ROOT, ApiMappingId, ApiMappingKey: 'a' })
})

test('what a domain name leads to cannot be deleted', async () => {
  const calls = await ready()
  const stage = { apiId: 'pets000000', stageName: 'prod' }
  const api = () => calls.write((context) => requireApiUnmapped(context, 'pets000000'))
  await api()
  const { ApiMappingId } = await calls.call(CreateApiMapping, { ...ROOT, Stage: 'prod' })
  await assert.rejects(api(), {
    code: 'BadRequestException',
    message: /^Deleting API pets000000 failed\. .*: api\.example\.com$/,
  })
  await assert.rejects(
    calls.write((context) => requireStageUnmapped(context, stage)),
    { code: 'BadRequestException', message: /^Deleting stage prod failed\..* api\.example\.com$/ },
  )
  const other = { ...stage, stageName: '$default' }
  await calls.write((context) => requireStageUnmapped(context, other))
  await calls.write((context) => requireApiUnmapped(context, 'toys000000'))
  await calls.call(DeleteApiMapping, { DomainName, ApiMappingId })
  await api()
})
