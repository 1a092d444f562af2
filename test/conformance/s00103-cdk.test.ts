/**
 * An infrastructure program written with aws-cdk-lib: what its template asks for, which operations make it, and what a
 * request sees when they have.
 *
 * The template is synthesised here and played against a running Postern, resource by resource, as a tool would do it.
 * The table of what it asks for stands in docs/guide/infrastructure-tools.md, for whoever imports templates later.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import * as acm from '@aws-sdk/client-acm'
import * as sdk from '@aws-sdk/client-apigatewayv2'
import { App, Duration, Stack } from 'aws-cdk-lib'
import * as gateway from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import type { Echo } from '../harness/origin.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const GUIDE = resolve(import.meta.dirname, '../../docs/guide/infrastructure-tools.md')
const REGION = 'us-east-1'
const CERTIFICATE = `arn:aws:acm:${REGION}:000000000000:certificate/0123-abcd`

interface Resource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly DependsOn?: readonly string[]
}

type Resources = Readonly<Record<string, Resource>>

/** What a team would write: a public API behind a domain name, and one for its staff. */
function synthesise(origin: string, certificate = CERTIFICATE): Resources {
  const app = new App()
  const stack = new Stack(app, 'Shop')
  const domainName = new gateway.DomainName(stack, 'Domain', {
    domainName: 'api.shop.example',
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', certificate),
  })
  publicApi(stack, { origin, domainName })
  staffApi(stack, origin)
  const { template } = app.synth().getStackArtifact(stack.artifactId)
  return (template as { Resources: Resources }).Resources
}

function publicApi(
  stack: Stack,
  { origin, domainName }: { readonly origin: string; readonly domainName: gateway.DomainName },
): void {
  const { HttpMethod, CorsHttpMethod, MappingValue } = gateway
  const shop = new gateway.HttpApi(stack, 'ShopApi', {
    description: 'What customers see',
    corsPreflight: {
      allowOrigins: ['https://shop.example'],
      allowMethods: [CorsHttpMethod.GET],
      allowHeaders: ['authorization'],
      allowCredentials: true,
      maxAge: Duration.hours(1),
    },
    defaultDomainMapping: { domainName, mappingKey: 'v1/shop' },
  })
  shop.addRoutes({
    path: '/products',
    methods: [HttpMethod.GET],
    integration: new HttpUrlIntegration('Products', `${origin}/products`),
  })
  shop.addRoutes({
    path: '/products/{id}',
    methods: [HttpMethod.GET],
    integration: new HttpUrlIntegration('Product', `${origin}/products/{id}`, {
      method: HttpMethod.GET,
      parameterMapping: new gateway.ParameterMapping()
        .overwriteHeader('x-shop', MappingValue.stageVariable('shop'))
        .removeQueryString('debug'),
      timeout: Duration.seconds(5),
    }),
  })
}

function staffApi(stack: Stack, origin: string): void {
  const login = new HttpJwtAuthorizer('Login', 'https://login.example/', { jwtAudience: ['shop'] })
  const staff = new gateway.HttpApi(stack, 'StaffApi', {
    createDefaultStage: false,
    disableExecuteApiEndpoint: true,
    defaultAuthorizer: login,
    defaultAuthorizationScopes: ['stock'],
  })
  const integration = new HttpUrlIntegration('Stock', `${origin}/stock`)
  staff.addRoutes({ path: '/stock', integration })
  const authorizer = new HttpIamAuthorizer()
  staff.addRoutes({ path: '/machines', authorizer, authorizationScopes: [], integration })
  staff.addStage('Prod', {
    stageName: 'prod',
    description: 'Since spring',
    throttle: { rateLimit: 100, burstLimit: 50 },
    stageVariables: { shop: 'one' },
  })
}

/** The rows of the guide's table: a type, the members that the template gives it, the operations that keep them. */
function tableOf(resources: Resources): string[] {
  const members = new Map<string, Set<string>>()
  for (const { Type, Properties } of Object.values(resources)) {
    const names = members.get(Type) ?? new Set()
    for (const name of Object.keys(Properties)) names.add(name)
    members.set(Type, names)
  }
  return [...members.keys()].toSorted().map((type) => {
    const names = [...members.get(type)!].toSorted()
    const operations = ['Create', 'Update', 'Delete'].map((verb) => `${verb}${nounOf(type)}`)
    for (const operation of operations) assert.ok(`${operation}Command` in sdk, operation)
    return `| \`${type}\` | ${names.join(', ')} | ${operations.join(', ')} |`
  })
}

function nounOf(type: string): string {
  return type.slice('AWS::ApiGatewayV2::'.length)
}

test('s00103 what a CDK template asks for stands in the guide', () => {
  const rows = tableOf(synthesise('https://shop.internal'))
  const types = rows.map((row) => /`([\w:]+)`/.exec(row)![1])
  assert.deepEqual(
    types,
    ['Api', 'ApiMapping', 'Authorizer', 'DomainName', 'Integration', 'Route', 'Stage'].map(
      (noun) => `AWS::ApiGatewayV2::${noun}`,
    ),
  )
  const guide = readFileSync(GUIDE, 'utf8')
  for (const row of rows) assert.ok(guide.includes(row), `${GUIDE} has no row\n${row}`)
})

test('s00103 the operations make what a CDK template asks for', async (t) => {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  assert.equal(server.endpoint.region, REGION)
  const resources = synthesise(origin.url, await privateCertificate(t, server))
  const made = await play(t, { resources, server })
  assert.deepEqual(Object.keys(made).toSorted(), Object.keys(resources).toSorted())

  const apiId = made[nameOf(resources, 'ShopApi')]!.ref
  const listed = await server.ask({ apiId, target: '/products?debug=1' })
  assert.equal((listed.json as Echo).target, '/products?debug=1')
  const product = await server.ask({ apiId, target: '/products/7?debug=1&a=2' })
  assert.equal((product.json as Echo).target, '/products/7?a=2')
  const fields = ['Origin: https://shop.example', 'Access-Control-Request-Method: GET']
  const preflight = await server.ask({ apiId, target: '/products', method: 'OPTIONS', fields })
  assert.equal(preflight.get('access-control-max-age'), '3600')

  const staffId = made[nameOf(resources, 'StaffApi')]!.ref
  const target = '/prod/stock'
  assert.equal((await server.ask({ apiId: staffId, target })).status, 404, 'not deployed')
})

/** What the template presupposes: a certificate for its domain name. */
async function privateCertificate(t: TestContext, { endpoint }: TestServer): Promise<string> {
  const { url, region, accessKeyId, secretAccessKey } = endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new acm.ACMClient({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  const CertificateAuthorityArn = `arn:aws:acm-pca:${region}:000000000000:certificate-authority/local`
  const request = { DomainName: 'api.shop.example', CertificateAuthorityArn }
  return (await client.send(new acm.RequestCertificateCommand(request))).CertificateArn!
}

/** The first resource whose logical name begins so. */
function nameOf(resources: Resources, beginning: string): string {
  return Object.keys(resources).find((name) => name.startsWith(beginning))!
}

/** What a resource has become: the value of a Ref to it. */
interface Made {
  readonly ref: string
}

type MadeResources = Record<string, Made>

/** Type → the command that makes it, and the member of the answer that a Ref to it gives. */
const COMMANDS: Readonly<
  Record<string, readonly [make: new (input: never) => object, ref: string]>
> = {
  'AWS::ApiGatewayV2::Api': [sdk.CreateApiCommand, 'ApiId'],
  'AWS::ApiGatewayV2::ApiMapping': [sdk.CreateApiMappingCommand, 'ApiMappingId'],
  'AWS::ApiGatewayV2::Authorizer': [sdk.CreateAuthorizerCommand, 'AuthorizerId'],
  'AWS::ApiGatewayV2::DomainName': [sdk.CreateDomainNameCommand, 'DomainName'],
  'AWS::ApiGatewayV2::Integration': [sdk.CreateIntegrationCommand, 'IntegrationId'],
  'AWS::ApiGatewayV2::Route': [sdk.CreateRouteCommand, 'RouteId'],
  'AWS::ApiGatewayV2::Stage': [sdk.CreateStageCommand, 'StageName'],
}

interface Play {
  readonly resources: Resources
  readonly server: TestServer
}

/** Makes every resource after those that it depends on. */
async function play(t: TestContext, { resources, server }: Play): Promise<MadeResources> {
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new sdk.ApiGatewayV2Client({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  const made: MadeResources = {}
  const make = async (name: string): Promise<Made> => {
    const { Type, Properties, DependsOn = [] } = resources[name]!
    for (const other of DependsOn) if (made[other] === undefined) await make(other)
    const [Command, ref] = COMMANDS[Type]!
    const input = await resolved(
      Properties,
      async (other) => (made[other] ?? (await make(other))).ref,
    )
    const send = client.send.bind(client) as (command: object) => Promise<object>
    const answer = (await send(new Command(input as never))) as Record<string, string>
    made[name] = { ref: answer[ref]! }
    return made[name]
  }
  for (const name of Object.keys(resources)) if (made[name] === undefined) await make(name)
  return made
}

/** A value of the template with its Refs and joins filled in. */
async function resolved(
  value: unknown,
  refer: (name: string) => Promise<string>,
): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) items.push(await resolved(item, refer))
    return items
  }
  if (typeof value !== 'object' || value === null) return value
  const members = value as Record<string, unknown>
  if (typeof members['Ref'] === 'string') return refer(members['Ref'])
  const join = members['Fn::Join']
  if (Array.isArray(join)) {
    return ((await resolved(join[1], refer)) as string[]).join(join[0] as string)
  }
  const filled: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(members)) filled[name] = await resolved(member, refer)
  return filled
}
