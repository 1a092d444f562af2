import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  CreateIntegrationRequest,
  UpdateIntegrationRequest,
} from '@aws-sdk/client-apigatewayv2'
import fc from 'fast-check'
import { ServiceError } from '../../aws/service-error.ts'
import { limitsOf } from '../../domain/limits.ts'
import { ServiceCalls } from '../service-calls.fake.ts'
import { apiOperations } from './api.ts'
import { integrationOperations } from './integration.ts'
import { findIntegrationProblem } from './integration-rules.ts'
import { routeOperations } from './route.ts'

const { CreateIntegration, GetIntegration, UpdateIntegration, DeleteIntegration } =
  integrationOperations
const FUNCTION = 'arn:aws:lambda:eu-central-1:123456789012:function:orders'
const INVOCATION = `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`
const LISTENER =
  'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/0123456789abcdef/0123456789abcdef'
const ROLE = 'arn:aws:iam::123456789012:role/gateway'
const PROXY = {
  IntegrationType: 'HTTP_PROXY',
  IntegrationMethod: 'GET',
  IntegrationUri: 'https://origin.example/pets',
} as const
const LINKED = {
  ...PROXY,
  IntegrationUri: LISTENER,
  ConnectionType: 'VPC_LINK',
  ConnectionId: 'link01',
} as const
const QUEUE = {
  IntegrationType: 'AWS_PROXY',
  IntegrationSubtype: 'SQS-SendMessage',
  CredentialsArn: ROLE,
  RequestParameters: { QueueUrl: 'https://sqs.example/q', MessageBody: '$request.body.message' },
} as const

/** An API without integrations, and a VPC link. */
async function shop() {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(apiOperations.CreateApi, {
    Name: 'shop',
    ProtocolType: 'HTTP',
  })
  await calls.write(({ records }) =>
    records.put({ kind: 'vpc-link', parent: '', id: 'link01' }, {}),
  )
  return { calls, ApiId: ApiId! }
}

type Members = Omit<CreateIntegrationRequest, 'ApiId'>

/** What is created → what the answer has besides IntegrationId. */
const CREATED: Readonly<Record<string, [Members, object]>> = {
  'an HTTP proxy': [
    PROXY,
    { ...PROXY, ConnectionType: 'INTERNET', PayloadFormatVersion: '1.0', TimeoutInMillis: 30_000 },
  ],
  'a function': [
    { IntegrationType: 'AWS_PROXY', IntegrationUri: FUNCTION, PayloadFormatVersion: '2.0' },
    {
      ConnectionType: 'INTERNET',
      IntegrationMethod: 'POST',
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: FUNCTION,
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: 30_000,
    },
  ],
  'an action of a service': [
    QUEUE,
    { ...QUEUE, ConnectionType: 'INTERNET', PayloadFormatVersion: '1.0', TimeoutInMillis: 30_000 },
  ],
  'a private integration': [
    { ...LINKED, TlsConfig: { ServerNameToVerify: 'shop.internal' }, TimeoutInMillis: 50 },
    {
      ...LINKED,
      PayloadFormatVersion: '1.0',
      TimeoutInMillis: 50,
      TlsConfig: { ServerNameToVerify: 'shop.internal' },
    },
  ],
  'what Terraform sends for an HTTP proxy': [
    {
      ...PROXY,
      ConnectionType: 'INTERNET',
      PassthroughBehavior: 'WHEN_NO_MATCH',
      PayloadFormatVersion: '1.0',
    },
    { ...PROXY, ConnectionType: 'INTERNET', PayloadFormatVersion: '1.0', TimeoutInMillis: 30_000 },
  ],
}

for (const [name, [members, shown]] of Object.entries(CREATED)) {
  test(`a new integration answers with exactly the members that AWS has: ${name}`, async () => {
    const { calls, ApiId } = await shop()
    const { IntegrationId, ...rest } = await calls.call(CreateIntegration, { ApiId, ...members })
    assert.match(IntegrationId!, /^[a-z0-9]{7}$/)
    assert.deepEqual(rest, shown)
    const read = await calls.call(GetIntegration, { ApiId, IntegrationId })
    assert.deepEqual(read, { IntegrationId, ...shown })
  })
}

const STORED: readonly Members[] = [
  { ...PROXY, IntegrationUri: 'https://${stageVariables.host}/v1/{id}' },
  { ...PROXY, RequestParameters: { 'remove:header.cookie': '', 'overwrite:path': '/x' } },
  { ...PROXY, ResponseParameters: { '404': { 'overwrite:statuscode': '403' } } },
  { ...PROXY, Description: 'd', IntegrationMethod: 'ANY' },
  { IntegrationType: 'AWS_PROXY', IntegrationUri: INVOCATION },
  {
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: FUNCTION,
    CredentialsArn: 'arn:aws:iam::*:user/*',
  },
]

for (const members of STORED) {
  test(`CreateIntegration takes ${JSON.stringify(members)}`, async () => {
    const { calls, ApiId } = await shop()
    const created = await calls.call(CreateIntegration, { ApiId, ...members })
    for (const [member, value] of Object.entries(members)) {
      assert.deepEqual(created[member as keyof typeof created], value)
    }
  })
}

const REFUSED: readonly [Partial<Members>, RegExp][] = [
  [{ ...PROXY, IntegrationType: 'HTTP' }, /only be associated with proxy integrations/],
  [{ ...PROXY, IntegrationType: 'MOCK' }, /only be associated with proxy integrations/],
  [{ ...PROXY, IntegrationType: 'AWS' }, /only be associated with proxy integrations/],
  [{ ...PROXY, IntegrationMethod: undefined }, /IntegrationMethod is required/],
  [{ ...PROXY, IntegrationMethod: 'FETCH' }, /Invalid HTTP method/],
  [{ ...PROXY, IntegrationUri: undefined }, /IntegrationUri is required/],
  [{ ...PROXY, IntegrationUri: 'origin.example' }, /Invalid HTTP endpoint specified for URI/],
  [
    { ...PROXY, IntegrationUri: 'https://{host}/' },
    /host of an integration cannot come from the path/,
  ],
  [{ ...PROXY, IntegrationUri: FUNCTION }, /For an ARN use AWS_PROXY/],
  [{ ...PROXY, PayloadFormatVersion: '2.0' }, /PayloadFormatVersion/],
  [{ ...PROXY, TimeoutInMillis: 49 }, /Timeout should be between 50 ms and 30000 ms/],
  [{ ...PROXY, TimeoutInMillis: 30_001 }, /Timeout should be between/],
  [{ ...PROXY, ConnectionId: 'link01' }, /needs the connection type VPC_LINK/],
  [{ ...PROXY, PassthroughBehavior: 'NEVER' }, /PassthroughBehavior is not supported/],
  [
    { ...PROXY, RequestTemplates: { 'application/json': '{}' } },
    /RequestTemplates is not supported/,
  ],
  [{ ...PROXY, ContentHandlingStrategy: 'CONVERT_TO_TEXT' }, /ContentHandlingStrategy/],
  [{ ...PROXY, TemplateSelectionExpression: '$x' }, /TemplateSelectionExpression/],
  [{ ...PROXY, IntegrationSubtype: 'SQS-SendMessage' }, /needs the integration type AWS_PROXY/],
  [{ ...PROXY, CredentialsArn: 'me' }, /Invalid CredentialsArn/],
  [{ ...PROXY, TlsConfig: { ServerNameToVerify: 'a b' } }, /Invalid serverNameToVerify/],
  [{ ...PROXY, RequestParameters: { 'append:header.host:x': 'y' } }, /Invalid mapping expression/],
  [{ ...PROXY, RequestParameters: { 'overwrite:header.via': 'y' } }, /reserved/],
  [{ ...PROXY, RequestParameters: { 'append:header.x': '$request.heder.y' } }, /Did you mean/],
  [
    { ...PROXY, ResponseParameters: { '199': { 'remove:header.x': '' } } },
    /no status from 200 to 599/,
  ],
  [{ ...PROXY, ResponseParameters: { '200': { 'overwrite:path': '/' } } }, /of status 200/],
  [{ ...LINKED, ConnectionId: undefined }, /ConnectionId is required/],
  [{ ...LINKED, ConnectionId: 'link02' }, /Invalid VpcLink identifier/],
  [{ ...LINKED, IntegrationUri: 'arn:aws:sqs:eu-central-1:1:q' }, /valid ELB listener ARN/],
  [{ ...LINKED, IntegrationUri: 'http://u:p@shop' }, /Invalid HTTP endpoint/],
  [{ ...LINKED, IntegrationType: 'AWS_PROXY' }, /needs the integration type HTTP_PROXY/],
  [{ IntegrationType: 'AWS_PROXY', IntegrationUri: 'https://a' }, /Lambda function/],
  [{ IntegrationType: 'AWS_PROXY' }, /IntegrationUri is required/],
  [
    { IntegrationType: 'AWS_PROXY', IntegrationUri: FUNCTION, PayloadFormatVersion: '3.0' },
    /1.0 and 2.0/,
  ],
  [{ ...QUEUE, IntegrationSubtype: 'SQS-SendMesage' }, /Did you mean SQS-SendMessage/],
  [{ ...QUEUE, CredentialsArn: undefined }, /CredentialsArn is required/],
  [{ ...QUEUE, PayloadFormatVersion: '2.0' }, /PayloadFormatVersion/],
  [{ ...QUEUE, IntegrationUri: FUNCTION }, /cannot be used together with IntegrationSubtype/],
  [{ ...QUEUE, RequestParameters: { QueueUrl: 'q' } }, /needs the request parameter MessageBody/],
]

for (const [members, message] of REFUSED) {
  test(`CreateIntegration refuses ${JSON.stringify(members)}`, async () => {
    const { calls, ApiId } = await shop()
    const before = calls.store.revision
    const created = calls.call(CreateIntegration, { ApiId, ...members } as CreateIntegrationRequest)
    await assert.rejects(created, { code: 'BadRequestException', message })
    assert.equal(calls.store.revision, before)
  })
}

/** Updates in turn, each with what the integration has then of the members that it names. */
const UPDATES: readonly [Partial<UpdateIntegrationRequest>, object][] = [
  [{ Description: 'pets' }, { Description: 'pets' }],
  [{ Description: '' }, { Description: undefined }],
  [
    { RequestParameters: { 'append:header.a': '1', 'append:header.b': '2' } },
    { RequestParameters: { 'append:header.a': '1', 'append:header.b': '2' } },
  ],
  [
    { RequestParameters: { 'append:header.a': '', 'append:header.b': '3' } },
    { RequestParameters: { 'append:header.b': '3' } },
  ],
  [{ RequestParameters: { 'append:header.b': '' } }, { RequestParameters: undefined }],
  [
    { ResponseParameters: { '200': { 'append:header.x': 'y' }, '500': { 'remove:header.z': '' } } },
    { ResponseParameters: { '200': { 'append:header.x': 'y' }, '500': { 'remove:header.z': '' } } },
  ],
  [
    { ResponseParameters: { '200': {} } },
    { ResponseParameters: { '500': { 'remove:header.z': '' } } },
  ],
  [
    { TlsConfig: { ServerNameToVerify: 'a.example' } },
    { TlsConfig: { ServerNameToVerify: 'a.example' } },
  ],
  [
    { TimeoutInMillis: 100 },
    { TimeoutInMillis: 100, TlsConfig: { ServerNameToVerify: 'a.example' } },
  ],
  [{ TlsConfig: {} }, { TlsConfig: undefined }],
  [
    { ConnectionType: 'VPC_LINK', ConnectionId: 'link01', IntegrationUri: LISTENER },
    { ConnectionType: 'VPC_LINK', ConnectionId: 'link01', IntegrationUri: LISTENER },
  ],
  [
    { ConnectionType: 'INTERNET', IntegrationUri: 'http://two.example' },
    { ConnectionType: 'INTERNET', ConnectionId: undefined, IntegrationUri: 'http://two.example' },
  ],
]

test('an update changes what it names, entry by entry where it is a map', async () => {
  const { calls, ApiId } = await shop()
  const { IntegrationId } = await calls.call(CreateIntegration, { ApiId, ...PROXY })
  for (const [patch, expected] of UPDATES) {
    const updated = await calls.call(UpdateIntegration, { ApiId, IntegrationId, ...patch })
    assert.deepEqual(await calls.call(GetIntegration, { ApiId, IntegrationId }), updated)
    for (const [member, value] of Object.entries(expected)) {
      assert.deepEqual(updated[member as keyof typeof updated], value, JSON.stringify(patch))
    }
  }
})

test('an integration that routes lead to cannot be deleted, another can', async () => {
  const { calls, ApiId } = await shop()
  const { IntegrationId } = await calls.call(CreateIntegration, { ApiId, ...PROXY })
  const Target = `integrations/${IntegrationId}`
  const route = await calls.call(routeOperations.CreateRoute, { ApiId, RouteKey: 'GET /', Target })
  await assert.rejects(calls.call(DeleteIntegration, { ApiId, IntegrationId }), {
    code: 'ConflictException',
    message: `Cannot delete Integration because it is referenced by the following Routes with Ids: [${route.RouteId}]`,
  })
  await calls.call(routeOperations.DeleteRoute, { ApiId, RouteId: route.RouteId })
  await calls.call(DeleteIntegration, { ApiId, IntegrationId })
  await assert.rejects(calls.call(GetIntegration, { ApiId, IntegrationId }), {
    code: 'NotFoundException',
    message: `Invalid Integration identifier specified ${IntegrationId}`,
  })
})

test('a managed integration can be changed but not deleted', async () => {
  const calls = new ServiceCalls()
  const api = { Name: 'shop', ProtocolType: 'HTTP', Target: 'http://origin.example' } as const
  const { ApiId } = await calls.call(apiOperations.CreateApi, api)
  const [managed] = (await calls.call(integrationOperations.GetIntegrations, { ApiId })).Items!
  const ids = { ApiId, IntegrationId: managed!.IntegrationId }
  await assert.rejects(calls.call(DeleteIntegration, ids), { code: 'BadRequestException' })
  const updated = await calls.call(UpdateIntegration, { ...ids, TimeoutInMillis: 99 })
  assert.deepEqual(updated, { ...managed, TimeoutInMillis: 99 })
})

const patch: fc.Arbitrary<Partial<UpdateIntegrationRequest>> = fc.record(
  {
    IntegrationType: fc.constantFrom('HTTP_PROXY' as const, 'AWS_PROXY' as const),
    IntegrationUri: fc.constantFrom('http://a.example/{id}', FUNCTION, LISTENER, 'nothing', ''),
    IntegrationMethod: fc.constantFrom('GET', 'ANY', 'NONE', ''),
    IntegrationSubtype: fc.constantFrom('SQS-PurgeQueue', ''),
    ConnectionType: fc.constantFrom('INTERNET' as const, 'VPC_LINK' as const),
    ConnectionId: fc.constantFrom('link01', 'link02', ''),
    CredentialsArn: fc.constantFrom(ROLE, ''),
    PayloadFormatVersion: fc.constantFrom('1.0', '2.0'),
    RequestParameters: fc.dictionary(
      fc.constantFrom('append:header.x', 'QueueUrl', '__proto__', 'overwrite:path'),
      fc.constantFrom('v', '', '$request.path', '$nothing'),
    ),
    TimeoutInMillis: fc.integer({ min: 0, max: 40_000 }),
  },
  { requiredKeys: [] },
)

test('no order of updates leads to an integration that would be refused as a new one', async () => {
  const limits = limitsOf('aws')
  await fc.assert(
    fc.asyncProperty(fc.array(patch, { maxLength: 8 }), async (patches) => {
      const { calls, ApiId } = await shop()
      const { IntegrationId } = await calls.call(CreateIntegration, { ApiId, ...PROXY })
      for (const each of patches) {
        await calls.call(UpdateIntegration, { ApiId, IntegrationId, ...each }).catch((error) => {
          assert.ok(error instanceof ServiceError, String(error))
        })
        const integration = await calls.call(GetIntegration, { ApiId, IntegrationId })
        assert.equal(findIntegrationProblem(integration, limits), undefined)
      }
    }),
    { numRuns: 100 },
  )
})
