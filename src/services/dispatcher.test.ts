import assert from 'node:assert/strict'
import test from 'node:test'
import { ServiceError } from '../aws/service-error.ts'
import type { WireRequest } from '../aws/wire-message.ts'
import { readApiGatewayV2Model } from './apigatewayv2/service-model.ts'
import { Dispatcher, encodeFailure, encodeSuccess } from './dispatcher.ts'
import { POSTERN_MODEL } from './postern/model.ts'
import { read, type Service } from './service.ts'

const PORTALS = { kind: 'unsupported', feature: 'Developer portals' } as const

function serviceOf(model: Service['model'], operations: Service['operations'] = {}): Service {
  const all = Object.keys(model.operations).map((name) => [name, read(async () => ({}))])
  return { model, operations: { ...Object.fromEntries(all), ...operations } }
}

const gateway = serviceOf(readApiGatewayV2Model(), { CreatePortal: PORTALS })
const dispatcher = new Dispatcher([gateway, serviceOf(POSTERN_MODEL)])

function request(
  line: string,
  { target, body = '' }: { target?: string; body?: string } = {},
): WireRequest {
  const [method = '', path = ''] = line.split(' ')
  const headers: [string, string][] = target === undefined ? [] : [['X-AMZ-Target', target]]
  return { method, target: path, headers, body: Buffer.from(body) }
}

test('a request finds its operation and its input', () => {
  const arn = 'arn:aws:apigateway:us-east-1::/apis/abc'
  const cases: [WireRequest, string, object][] = [
    [request('GET /v2/apis'), 'GetApis', {}],
    [
      request('GET /v2/apis?maxResults=5&nextToken=a%2Bb'),
      'GetApis',
      { MaxResults: '5', NextToken: 'a+b' },
    ],
    [request('DELETE /v2/apis/abc'), 'DeleteApi', { ApiId: 'abc' }],
    [
      request('PUT /v2/apis/abc', { body: '{"body":"openapi"}' }),
      'ReimportApi',
      { ApiId: 'abc', Body: 'openapi' },
    ],
    [
      request('GET /v2/apis/abc/stages/%24default'),
      'GetStage',
      { ApiId: 'abc', StageName: '$default' },
    ],
    [request(`GET /v2/tags/${arn}`), 'GetTags', { ResourceArn: arn }],
    [
      request(`DELETE /v2/tags/${encodeURIComponent(arn)}?tagKeys=a&tagKeys=b`),
      'UntagResource',
      { ResourceArn: arn, TagKeys: ['a', 'b'] },
    ],
    [
      request('GET /v2/apis/abc/exports/OAS30?outputType=JSON&includeExtensions=false'),
      'ExportApi',
      { ApiId: 'abc', Specification: 'OAS30', OutputType: 'JSON', IncludeExtensions: false },
    ],
    [
      request('POST /', { target: 'Postern.DeleteAccessKey', body: '{"AccessKeyId":"AKPO"}' }),
      'DeleteAccessKey',
      { AccessKeyId: 'AKPO' },
    ],
  ]
  for (const [sent, name, input] of cases) {
    const call = dispatcher.resolve(sent)
    assert.equal(call.name, name)
    assert.deepEqual({ ...call.input }, input)
    assert.equal(call.operation, call.service.operations[name])
  }
})

test('what is no operation here is refused with what is', () => {
  const cases: [WireRequest, string, RegExp][] = [
    [
      request('PATCH /v2/apis'),
      'UnknownOperationException',
      /^\/v2\/apis has no operation for PATCH. It takes: POST \(CreateApi\), GET \(GetApis\), PUT \(ImportApi\)\.$/,
    ],
    [
      request('GET /nothing/here'),
      'UnknownOperationException',
      /Supported: apigatewayv2 \(\/v2\/apis, .*\/v2\/tags.*\), postern \(X-Amz-Target: Postern.<Operation>\)\./,
    ],
    [request('DELETE /v2/apis/'), 'UnknownOperationException', /has the path \/v2\/apis\//],
    [request('GET /v2/apis/../apis'), 'UnknownOperationException', /has the path/],
    [request('GET //v2/apis'), 'UnknownOperationException', /has the path/],
    [request('GET /restapis/abc/resources'), 'UnknownOperationException', /has the path/],
    [request('GET /restapisfoo'), 'UnknownOperationException', /has the path/],
    [
      request('POST /v2/portals', { body: '{}' }),
      'BadRequestException',
      /^CreatePortal is not supported .* not built yet: Developer portals\.$/,
    ],
    [
      request('POST /', { target: 'Postern.Nothing' }),
      'UnknownOperationException',
      /^The service postern has no operation "Nothing". It has: .*DeployDefinition/,
    ],
    [
      request('POST /', { target: 'Postern.constructor' }),
      'UnknownOperationException',
      /no operation "constructor"/,
    ],
    [
      request('POST /', { target: 'Nobody.Knows' }),
      'UnknownOperationException',
      /^No service here has X-Amz-Target "Nobody.Knows"/,
    ],
    [
      request('POST /', { target: 'Logs_20140328.CreateLogGroup' }),
      'BadRequestException',
      /^Log groups are not built yet/,
    ],
    [request('POST /', { target: '' }), 'UnknownOperationException', /X-Amz-Target ""/],
    [
      request('GET /', { target: 'Postern.GetAuditLog' }),
      'UnknownOperationException',
      /sent as POST to \/, not as GET to \/\.$/,
    ],
    [
      request('POST /v2/apis', { target: 'Postern.GetAuditLog' }),
      'UnknownOperationException',
      /not as POST to \/v2\/apis/,
    ],
    [request('GET /v2/apis/%ff'), 'BadRequestException', /percent-encoded/],
    [request('POST /v2/apis', { body: '{' }), 'SerializationException', /not valid JSON/],
  ]
  for (const [sent, code, message] of cases) {
    assert.throws(
      () => dispatcher.resolve(sent),
      { code, message },
      `${sent.method} ${sent.target}`,
    )
  }
})

test('all that a request violates is told at once, in the order of the model', () => {
  const body = JSON.stringify({
    protocolType: 'FTP',
    description: 'd'.repeat(1_025),
    corsConfiguration: { maxAge: 86_401 },
    tags: { '': 'empty' },
  })
  assert.throws(
    () => dispatcher.resolve(request('POST /v2/apis', { body })),
    (error: ServiceError) => {
      assert.equal(error.code, 'BadRequestException')
      const [first, ...others] = error.message.split('; ')
      assert.equal(
        first,
        "5 validation errors detected: Value null at 'createApiInput.name' failed to satisfy constraint: Member must not be null",
      )
      assert.deepEqual(
        others.map((violation) => violation.replace('d'.repeat(256), 'd…d')),
        [
          "Value 'FTP' at 'createApiInput.protocolType' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, WEBSOCKET]",
          "Value '86401' at 'createApiInput.corsConfiguration.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400",
          "Value 'd…d…' at 'createApiInput.description' failed to satisfy constraint: Member must have length less than or equal to 1024",
          "Value '{=empty}' at 'createApiInput.tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length greater than or equal to 1]",
        ],
      )
      return true
    },
  )
})

test('answers carry the request id, errors the protocol of the request', () => {
  const call = dispatcher.resolve(request('GET /v2/apis'))
  const success = encodeSuccess(call, { Items: [] }, 'id-1')
  assert.equal(success.headers['x-amzn-requestid'], 'id-1')
  assert.equal(Buffer.from(success.body).toString(), '{"items":[]}')
  const error = new ServiceError('NotFoundException', 'gone')
  const rest = encodeFailure(request('GET /x'), error, 'id-2')
  assert.equal(rest.headers['x-amzn-errortype'], 'NotFoundException')
  assert.equal(rest.headers['x-amzn-requestid'], 'id-2')
  const rpc = encodeFailure(request('POST /', { target: 'Any.Thing' }), error, 'id-3')
  assert.equal(Buffer.from(rpc.body).toString(), '{"__type":"NotFoundException","message":"gone"}')
  assert.equal(encodeFailure(request('HEAD /x'), error, 'id-4').body.length, 0)
})

test('a service that is silent about an operation of its model does not start', () => {
  const { operations, ...rest } = serviceOf(POSTERN_MODEL)
  const { GetAuditLog: _, ...others } = operations
  assert.throws(() => new Dispatcher([{ ...rest, operations: others }]), /GetAuditLog/)
})
