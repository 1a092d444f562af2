import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importWith, toldBy } from './imported.fake.ts'

const PLACE = '/paths/~1a/get/x-amazon-apigateway-integration'

function imported(integration: object) {
  return importWith({
    paths: { '/a': { get: { 'x-amazon-apigateway-integration': integration } } },
  })
}

const HTTP = { type: 'http_proxy', httpMethod: 'ANY', uri: 'http://a' }
const LAMBDA = 'arn:aws:lambda:eu-central-1:123456789012:function:orders'
const LISTENER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/lb/1/2'
const LINK = { ...HTTP, connectionType: 'VPC_LINK', connectionId: 'abc123', uri: LISTENER }
const QUEUE = {
  type: 'aws_proxy',
  integrationSubtype: 'SQS-SendMessage',
  credentials: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/sender',
  requestParameters: { QueueUrl: 'https://queue', MessageBody: '$request.body' },
}

const READ: [name: string, written: object, expected: object][] = [
  [
    'an HTTP proxy has the defaults of CreateIntegration',
    HTTP,
    {
      ConnectionType: 'INTERNET',
      IntegrationMethod: 'ANY',
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri: 'http://a',
      PayloadFormatVersion: '1.0',
      TimeoutInMillis: 30_000,
    },
  ],
  [
    'stage variables are whatever the stage has',
    {
      ...HTTP,
      uri: 'https://${stageVariables.host}:8${stageVariables.p}/${stageVariables.v}/{id}',
    },
    {
      ConnectionType: 'INTERNET',
      IntegrationMethod: 'ANY',
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri:
        'https://${stageVariables.host}:8${stageVariables.p}/${stageVariables.v}/{id}',
      PayloadFormatVersion: '1.0',
      TimeoutInMillis: 30_000,
    },
  ],
  [
    'a VPC link',
    { ...LINK, tlsConfig: { serverNameToVerify: 'a.example' }, timeoutInMillis: 1000 },
    {
      ConnectionId: 'abc123',
      ConnectionType: 'VPC_LINK',
      IntegrationMethod: 'ANY',
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri: LISTENER,
      PayloadFormatVersion: '1.0',
      TimeoutInMillis: 1000,
      TlsConfig: { ServerNameToVerify: 'a.example' },
    },
  ],
  [
    'a Lambda function, named by its invocation and the place of the import',
    {
      type: 'AWS_PROXY',
      payloadFormatVersion: 2,
      uri: 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:f:${stageVariables.alias}/invocations',
    },
    {
      ConnectionType: 'INTERNET',
      IntegrationMethod: 'POST',
      IntegrationType: 'AWS_PROXY',
      IntegrationUri:
        'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:f:${stageVariables.alias}/invocations',
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: 30_000,
    },
  ],
  [
    'an action of an AWS service, whose parameters are no rules',
    QUEUE,
    {
      ConnectionType: 'INTERNET',
      CredentialsArn: 'arn:aws:iam::123456789012:role/sender',
      IntegrationSubtype: 'SQS-SendMessage',
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '1.0',
      RequestParameters: { QueueUrl: 'https://queue', MessageBody: '$request.body' },
      TimeoutInMillis: 30_000,
    },
  ],
]

for (const [name, written, expected] of READ) {
  test(name, () => {
    const { definition, problems } = imported(written)
    assert.deepEqual(problems, [])
    const [{ IntegrationId, ...integration } = {}] = definition!.integrations
    assert.deepEqual(integration, expected)
    assert.match(IntegrationId!, /^[a-z0-9]{7}$/)
    assert.equal(definition!.routes[0]!.Target, `integrations/${IntegrationId}`)
    assert.equal(definition!.sources[IntegrationId!], 'a.json:1')
  })
}

const TOLD: [written: object, told: string[]][] = [
  [{ ...LINK, connectionId: '' }, [`error connection-missing ${PLACE}`]],
  [{ ...LINK, uri: 'inside' }, [`error uri-private ${PLACE}/uri`]],
  [{ ...LINK, uri: 'http://u:p@a' }, [`error uri-credentials ${PLACE}/uri`]],
  [{ type: 'aws_proxy', uri: 'arn:aws:sqs:eu-central-1:1:q' }, [`error uri-function ${PLACE}/uri`]],
  [{ type: 'aws_proxy' }, [`error uri-missing ${PLACE}`]],
  [
    { type: 'aws_proxy', uri: LAMBDA, httpMethod: 'FETCH' },
    [`error integration-method ${PLACE}/httpMethod`],
  ],
  [
    { type: 'aws_proxy', uri: LAMBDA, payloadFormatVersion: '3.0' },
    [`error payload-format ${PLACE}/payloadFormatVersion`],
  ],
  [
    { ...QUEUE, integrationSubtype: 'SQS-SendMesage' },
    [`error integration-subtype ${PLACE}/integrationSubtype`],
  ],
  [{ ...HTTP, uri: 'http://${stageVariables.h}@a/' }, [`error uri-credentials ${PLACE}/uri`]],
  [{ ...HTTP, uri: 'http://${stageVariables.h}{id}/' }, [`error uri-variable-host ${PLACE}/uri`]],
  [{ ...HTTP, uri: 'http://a/${AWS::StackName}' }, [`error uri-expression ${PLACE}/uri`]],
  [{ type: 'mock' }, [`error integration-type ${PLACE}/type`]],
  [
    { ...HTTP, requestTemplates: { a: 'b' } },
    [`error integration-member-unsupported ${PLACE}/requestTemplates`],
  ],
]

for (const [written, told] of TOLD) {
  test(`refused: ${told.join(', ')}`, () => {
    const result = imported(written)
    assert.deepEqual(toldBy(result), told)
    assert.equal(result.definition, undefined)
  })
}

test('a route may have no target yet, and an integration no route', () => {
  const { definition, problems } = importWith({
    paths: { '/a': { get: {} } },
    components: { 'x-amazon-apigateway-integrations': { spare: HTTP } },
  })
  assert.deepEqual(problems, [])
  assert.equal(definition!.routes[0]!.Target, undefined)
  assert.equal(definition!.integrations[0]!.IntegrationUri, 'http://a')
})

test('an integration that several routes share is one, wherever it is named', () => {
  const shared = { $ref: '#/components/x-amazon-apigateway-integrations/all' }
  const operation = { 'x-amazon-apigateway-integration': shared }
  const { definition } = importWith({
    paths: { '/a/{id}': { get: operation }, '/b': { get: operation } },
    components: { 'x-amazon-apigateway-integrations': { all: { ...HTTP, uri: 'http://a/{id}' } } },
  })
  const targets = definition!.routes.map(({ Target }) => Target)
  assert.deepEqual(targets, [targets[0], targets[0]])
  assert.equal(definition!.integrations.length, 1)
})
