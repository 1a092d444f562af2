import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { arnOf } from './arn.ts'
import { tagOperations } from './tags.ts'

const { GetTags, TagResource, UntagResource } = tagOperations
const IDS = [
  { kind: 'api', parent: '', id: 'a1b2c3d4e5', path: '/apis/a1b2c3d4e5' },
  { kind: 'stage', parent: 'a1b2c3d4e5', id: '$default', path: '/apis/a1b2c3d4e5/stages/$default' },
  { kind: 'domain-name', parent: '', id: 'api.example', path: '/domainnames/api.example' },
  { kind: 'vpc-link', parent: '', id: 'link01', path: '/vpclinks/link01' },
]

for (const { path, ...key } of IDS) {
  test(`tags on ${path} are added, replaced and taken away, and nothing else changes`, async () => {
    const calls = new ServiceCalls()
    await calls.write(({ records }) => records.put(key, { Name: 'it' }))
    const ResourceArn = arnOf(TEST_SCOPE, path)
    assert.deepEqual(await calls.call(GetTags, { ResourceArn }), { Tags: {} })
    await calls.call(TagResource, { ResourceArn, Tags: { team: 'shop', cost: '1' } })
    await calls.call(TagResource, { ResourceArn, Tags: { cost: '2' } })
    await calls.call(UntagResource, { ResourceArn, TagKeys: ['team', 'nothere'] })
    assert.deepEqual(await calls.call(GetTags, { ResourceArn }), { Tags: { cost: '2' } })
    const record = await calls.store.read((reader) => reader.in(TEST_SCOPE).get(key))
    assert.deepEqual(record!.body, { Name: 'it', Tags: { cost: '2' } })
  })
}

test('tags of an API are those that its own operations show', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(apiOperations.CreateApi, {
    Name: 'shop',
    ProtocolType: 'HTTP',
    Tags: { team: 'shop' },
  })
  const ResourceArn = arnOf(TEST_SCOPE, `/apis/${ApiId}`)
  await calls.call(TagResource, { ResourceArn, Tags: { owner: 'me' } })
  const { Tags } = await calls.call(apiOperations.GetApi, { ApiId })
  assert.deepEqual(Tags, { team: 'shop', owner: 'me' })
})

const WRONG_ARNS: readonly [string, string, RegExp][] = [
  [
    'arn:aws:apigateway:eu-central-1::/apis/nothere123',
    'NotFoundException',
    /Invalid resource ARN/,
  ],
  [
    'arn:aws:apigateway:us-east-1::/apis/a1b2c3d4e5',
    'BadRequestException',
    /resources in eu-central-1/,
  ],
  ['arn:aws-cn:apigateway:eu-central-1::/apis/a1b2c3d4e5', 'BadRequestException', /eu-central-1/],
  [
    'arn:aws:apigateway:eu-central-1:123456789012:/apis/a1b2c3d4e5',
    'BadRequestException',
    /no account/,
  ],
  [
    'arn:aws:apigateway:eu-central-1::/apis/a1b2c3d4e5/routes/x',
    'BadRequestException',
    /Tags are on/,
  ],
  ['arn:aws:s3:::bucket', 'BadRequestException', /not the ARN of an API Gateway resource/],
  ['a1b2c3d4e5', 'BadRequestException', /Invalid ARN specified in the request/],
]

for (const [ResourceArn, code, message] of WRONG_ARNS) {
  test(`no tags on ${ResourceArn}`, async () => {
    const calls = new ServiceCalls()
    const key = { kind: 'api', parent: '', id: 'a1b2c3d4e5' }
    await calls.write(({ records }) => records.put(key, { Name: 'it' }))
    await assert.rejects(calls.call(GetTags, { ResourceArn }), { code, message })
    await assert.rejects(calls.call(TagResource, { ResourceArn, Tags: {} }), { code, message })
    await assert.rejects(calls.call(UntagResource, { ResourceArn, TagKeys: [] }), { code, message })
  })
}

test('a resource of another account is not there', async () => {
  const calls = new ServiceCalls()
  const key = { kind: 'api', parent: '', id: 'a1b2c3d4e5' }
  const other = { ...TEST_SCOPE, accountId: '210987654321' }
  await calls.store.write((transaction) => transaction.in(other).put(key, { Tags: { a: 'b' } }))
  const request = { ResourceArn: arnOf(TEST_SCOPE, '/apis/a1b2c3d4e5') }
  await assert.rejects(calls.call(GetTags, request), { code: 'NotFoundException' })
})

const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'v']))
const WRONG_TAGS: readonly [string, Record<string, string>][] = [
  ['the reserved prefix', { 'AWS:name': 'x' }],
  ['an empty key', { '': 'x' }],
  ['a long key', { ['k'.repeat(129)]: 'x' }],
  ['a long value', { k: 'v'.repeat(257) }],
  ['a character that is not allowed', { 'k*': 'x' }],
  ['one more than fifty', { one: 'more' }],
]

for (const [what, Tags] of WRONG_TAGS) {
  test(`tags are refused for ${what}`, async () => {
    const calls = new ServiceCalls()
    const key = { kind: 'api', parent: '', id: 'a1b2c3d4e5' }
    await calls.write(({ records }) => records.put(key, { Tags: fifty }))
    const ResourceArn = arnOf(TEST_SCOPE, '/apis/a1b2c3d4e5')
    const tagged = calls.call(TagResource, { ResourceArn, Tags })
    await assert.rejects(tagged, { code: 'BadRequestException' })
    // Replacing one of the fifty is no one more.
    await calls.call(TagResource, { ResourceArn, Tags: { key7: 'new' } })
  })
}
