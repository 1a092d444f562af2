/**
 * The life of an API in plain `aws apigatewayv2` calls: built, changed, deployed, rolled back, exported, imported
 * again, deleted. After each step one request through the data port shows that the step is live when the call returns.
 */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Echo } from '../harness/origin.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { type PatientOrigin, startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const FUNCTION =
  'arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:f/invocations'

/** Half a hundred runs of a Python program, a second each where the machine is busy. */
const SCRIPT_TIMEOUT_MS = 900_000

interface Items<T> {
  readonly Items: readonly T[]
}

/** What the chapters of the script hand on. */
class Script {
  readonly server: TestServer
  readonly one: PatientOrigin
  readonly two: PatientOrigin
  readonly #cli: AwsCli
  calls = 0
  apiId = ''
  listId = ''
  itemId = ''
  itemRouteId = ''
  exported = ''

  constructor(server: TestServer, one: PatientOrigin, two: PatientOrigin) {
    this.server = server
    this.one = one
    this.two = two
    this.#cli = new AwsCli(server.endpoint)
  }

  aws<T = Record<string, unknown>>(...words: string[]): Promise<T> {
    this.calls++
    return this.#cli.call<T>('apigatewayv2', ...words)
  }

  /** A call about the API of this script. */
  onApi<T = Record<string, unknown>>(operation: string, ...words: string[]): Promise<T> {
    return this.aws<T>(operation, '--api-id', this.apiId, ...words)
  }

  /** A call that is refused with this error. */
  async refused(code: string, operation: string, ...words: string[]): Promise<string> {
    this.calls++
    const said = await this.#cli.refused('apigatewayv2', operation, ...words)
    assert.match(said, new RegExp(`\\(${code}\\) when calling the \\w+ operation`))
    return said
  }

  /** Status of a request at the data port, and what the origin says it saw. */
  async see(target: string, method = 'GET', ...fields: string[]) {
    const response = await this.server.ask({ apiId: this.apiId, target, method, fields })
    const echo = response.status === 200 ? (response.json as Echo) : undefined
    return { status: response.status, origin: echo?.origin, echo, response }
  }

  async serves(target: string, origin: string, originTarget: string): Promise<Echo> {
    const seen = await this.see(target)
    assert.deepEqual([seen.status, seen.origin, seen.echo?.target], [200, origin, originTarget])
    return seen.echo!
  }

  async refuses(target: string, status: number): Promise<void> {
    assert.equal((await this.see(target)).status, status, target)
  }
}

test('s00101 an API lives by the AWS command line', { timeout: SCRIPT_TIMEOUT_MS }, async (t) => {
  const [one, two] = [await startPatientEcho(t, 'one'), await startPatientEcho(t, 'two')]
  const script = new Script(await startServer(t), one, two)
  const chapters: readonly [string, (script: Script, t: TestContext) => Promise<void>][] = [
    ['is built', build],
    ['follows every change', change],
    ['has settings', configure],
    ['is deployed and rolled back', deploy],
    ['is exported and imported', exportAndImport],
    ['has neighbours', surround],
    ['survives a restart', restart],
    ['is deleted', remove],
  ]
  for (const [name, play] of chapters) {
    let played = false
    await t.test(name, async (chapter) => {
      await play(script, chapter)
      played = true
    })
    // Each chapter goes on where the one before has ended.
    if (!played) return
  }
  assert.ok(script.calls >= 40, `${script.calls} calls`)
})

async function build(script: Script): Promise<void> {
  assert.deepEqual(await script.aws('get-apis'), { Items: [] })
  const named = ['--name', 'Zoo', '--description', 'Animals', '--tags', 'team=zoo']
  const api = await script.aws('create-api', '--protocol-type', 'HTTP', ...named)
  script.apiId = api['ApiId'] as string
  assert.match(script.apiId, /^[a-z0-9]{10}$/)
  assert.deepEqual(await script.onApi('get-api'), api)
  await script.refuses('/animals', 404)

  const list = await script.onApi('create-integration', ...proxyTo(`${script.one.url}/list`))
  script.listId = list['IntegrationId'] as string
  await script.onApi('create-route', ...routeTo('GET /animals', script.listId))
  await script.refuses('/animals', 404)

  const stage = await script.onApi('create-stage', '--stage-name', '$default', '--auto-deploy')
  assert.equal(stage['AutoDeploy'], true)
  await script.serves('/animals?legs=4', 'one', '/list?legs=4')
  const deployed = await script.onApi('get-stage', '--stage-name', '$default')
  assert.match(deployed['DeploymentId'] as string, /^[a-z0-9]{6}$/)
}

async function change(script: Script): Promise<void> {
  const uri = `${script.one.url}/items/{id}`
  const item = await script.onApi('create-integration', ...proxyTo(uri))
  script.itemId = item['IntegrationId'] as string
  const route = await script.onApi('create-route', ...routeTo('GET /animals/{id}', script.itemId))
  script.itemRouteId = route['RouteId'] as string
  await script.serves('/animals/7', 'one', '/items/7')

  const keys = (await script.onApi<Items<{ RouteKey: string }>>('get-routes')).Items
  assert.deepEqual(keys.map((each) => each.RouteKey).toSorted(), [
    'GET /animals',
    'GET /animals/{id}',
  ])
  const pages = await script.onApi<Items<object>>('get-integrations', '--page-size', '1')
  assert.equal(pages.Items.length, 2, 'the pages of the paginator together')

  const toItem = ['--integration-id', script.itemId]
  const elsewhere = ['--integration-uri', `${script.two.url}/items/{id}`]
  await script.onApi('update-integration', ...toItem, ...elsewhere)
  await script.serves('/animals/7', 'two', '/items/7')

  const mapping = '{"overwrite:header.x-keeper":"$stageVariables.keeper"}'
  await script.onApi('update-integration', ...toItem, '--request-parameters', mapping)
  const variables = ['--stage-variables', 'keeper=Ada']
  await script.onApi('update-stage', '--stage-name', '$default', ...variables)
  const echo = await script.serves('/animals/7', 'two', '/items/7')
  assert.equal(echo.fields['x-keeper'], 'Ada')

  const toRoute = ['--route-id', script.itemRouteId]
  await script.onApi('update-route', ...toRoute, '--route-key', 'GET /beasts/{id}')
  await script.refuses('/animals/7', 404)
  await script.serves('/beasts/7', 'two', '/items/7')

  const again = ['--api-id', script.apiId, ...routeTo('GET /beasts/{id}', script.itemId)]
  await script.refused('ConflictException', 'create-route', ...again)
  await script.serves('/beasts/7', 'two', '/items/7')
}

async function configure(script: Script): Promise<void> {
  const cors = 'AllowOrigins=https://zoo.example,AllowMethods=GET'
  await script.onApi('update-api', '--cors-configuration', cors)
  const asked = ['Origin: https://zoo.example', 'Access-Control-Request-Method: GET']
  const preflight = await script.see('/animals', 'OPTIONS', ...asked)
  assert.equal(preflight.status, 204)
  assert.equal(preflight.response.get('access-control-allow-origin'), 'https://zoo.example')
  await script.onApi('delete-cors-configuration')
  assert.equal((await script.see('/animals', 'OPTIONS', ...asked)).status, 404)

  await script.onApi('update-api', '--disable-execute-api-endpoint')
  await script.refuses('/animals', 404)
  await script.onApi('update-api', '--no-disable-execute-api-endpoint')
  await script.serves('/animals', 'one', '/list')

  const arn = `arn:aws:apigateway:${script.server.endpoint.region}::/apis/${script.apiId}`
  await script.aws('tag-resource', '--resource-arn', arn, '--tags', 'cost=low')
  const tags = await script.aws('get-tags', '--resource-arn', arn)
  assert.deepEqual(tags, { Tags: { team: 'zoo', cost: 'low' } })
  await script.aws('untag-resource', '--resource-arn', arn, '--tag-keys', 'team', 'cost')
  assert.deepEqual((await script.onApi('get-api'))['Tags'], {})

  const jwt = ['--jwt-configuration', 'Audience=zoo,Issuer=https://login.example/']
  const kind = ['--name', 'login', '--authorizer-type', 'JWT']
  const source = ['--identity-source', '$request.header.Authorization']
  const authorizer = await script.onApi('create-authorizer', ...kind, ...source, ...jwt)
  const guard = ['--authorization-type', 'JWT', '--authorizer-id', `${authorizer['AuthorizerId']}`]
  const route = ['--api-id', script.apiId, '--route-id', script.itemRouteId]
  await script.aws('update-route', ...route, ...guard)
  await script.refuses('/beasts/7', 401)
  const named = ['--name', 'function', '--authorizer-type', 'REQUEST', ...source]
  const format = ['--authorizer-payload-format-version', '2.0', '--authorizer-uri', FUNCTION]
  const { AuthorizerId } = await script.onApi('create-authorizer', ...named, ...format)
  const custom = ['--authorization-type', 'CUSTOM', '--authorizer-id', `${AuthorizerId}`]
  const said = await script.refused('BadRequestException', 'update-route', ...route, ...custom)
  assert.match(said, /GET \/beasts\/\{id\}/, 'the refusal names the route')
  await script.refuses('/beasts/7', 401)
  await script.aws('update-route', ...route, '--authorization-type', 'AWS_IAM')
  await script.refuses('/beasts/7', 403)
  await script.aws('update-route', ...route, '--authorization-type', 'NONE')
  await script.serves('/beasts/7', 'two', '/items/7')
  await script.onApi('delete-authorizer', '--authorizer-id', `${authorizer['AuthorizerId']}`)
}

async function deploy(script: Script): Promise<void> {
  await script.onApi('create-stage', '--stage-name', 'prod', '--stage-variables', 'keeper=Bo')
  await script.refuses('/prod/animals', 404)
  const first = await script.onApi('create-deployment', '--stage-name', 'prod')
  assert.equal(first['DeploymentStatus'], 'DEPLOYED')
  await script.serves('/prod/animals', 'one', '/list')

  const moved = ['--integration-id', script.listId, '--integration-uri', `${script.two.url}/all`]
  await script.onApi('update-integration', ...moved)
  await script.serves('/animals', 'two', '/all')
  await script.serves('/prod/animals', 'one', '/list')

  const second = await script.onApi('create-deployment', '--description', 'all of them')
  await script.serves('/prod/animals', 'one', '/list')
  const prod = ['--stage-name', 'prod', '--deployment-id']
  await script.onApi('update-stage', ...prod, `${second['DeploymentId']}`)
  await script.serves('/prod/animals', 'two', '/all')
  await script.onApi('update-stage', ...prod, `${first['DeploymentId']}`)
  await script.serves('/prod/animals', 'one', '/list')

  const inUse = ['--api-id', script.apiId, '--deployment-id', `${first['DeploymentId']}`]
  await script.refused('BadRequestException', 'delete-deployment', ...inUse)
  const described = ['--deployment-id', `${first['DeploymentId']}`, '--description', 'the good one']
  await script.onApi('update-deployment', ...described)
  const { Items } = await script.onApi<Items<{ Description?: string }>>('get-deployments')
  assert.ok(Items.some((each) => each.Description === 'the good one'))
  await script.serves('/prod/animals', 'one', '/list')
}

async function exportAndImport(script: Script): Promise<void> {
  const file = join(script.server.folder, 'exported.json')
  const form = ['--specification', 'OAS30', '--output-type', 'JSON']
  await script.onApi('export-api', ...form, file)
  script.exported = readFileSync(file, 'utf8')
  const text = JSON.parse(script.exported) as { info: { title: string }; paths: object }
  assert.deepEqual(Object.keys(text.paths).toSorted(), ['/animals', '/beasts/{id}'])

  const original = script.apiId
  const copy = await script.aws('import-api', '--body', `file://${file}`)
  script.apiId = copy['ApiId'] as string
  assert.notEqual(script.apiId, original)
  const stage = ['--stage-name', '$default', '--stage-variables', 'keeper=Cy', '--auto-deploy']
  await script.onApi('create-stage', ...stage)
  await script.serves('/animals', 'two', '/all')
  const echo = await script.serves('/beasts/7', 'two', '/items/7')
  assert.equal(echo.fields['x-keeper'], 'Cy', 'mappings travel with the definition')

  const changed = join(script.server.folder, 'changed.json')
  writeFileSync(changed, script.exported.replaceAll('/beasts/{id}', '/monsters/{id}'))
  await script.onApi('reimport-api', '--body', `file://${changed}`)
  await script.serves('/monsters/7', 'two', '/items/7')
  await script.refuses('/beasts/7', 404)

  const yaml = join(script.server.folder, 'exported.yaml')
  const asYaml = ['--specification', 'OAS30', '--output-type', 'YAML', '--stage-name', '$default']
  await script.onApi('export-api', ...asYaml, yaml)
  assert.match(readFileSync(yaml, 'utf8'), /^ +"?\/monsters\/\{id\}"?:$/m)

  const broken = join(script.server.folder, 'broken.json')
  writeFileSync(broken, '{"openapi":"3.0.1","paths":{}}')
  const replaced = ['--api-id', script.apiId, '--body', `file://${broken}`]
  await script.refused('BadRequestException', 'reimport-api', ...replaced)
  await script.serves('/monsters/7', 'two', '/items/7')
  await script.onApi('delete-api')
  await script.refuses('/monsters/7', 404)
  script.apiId = original
}

/** A domain name is served as long as it is there; VPC links are recorded, and say that they are not served. */
async function surround(script: Script): Promise<void> {
  const domain = ['--domain-name', 'api.zoo.localhost']
  const regional = ['--domain-name-configurations', 'EndpointType=REGIONAL']
  const created = await script.aws<{ DomainNameConfigurations: { DomainNameStatus: string }[] }>(
    'create-domain-name',
    ...domain,
    ...regional,
  )
  assert.equal(created.DomainNameConfigurations[0]?.DomainNameStatus, 'AVAILABLE')
  const target = ['--stage', '$default', '--api-mapping-key', 'v1/zoo']
  const mapping = await script.onApi('create-api-mapping', ...domain, ...target)
  await script.refused('BadRequestException', 'delete-api', '--api-id', script.apiId)
  await script.serves('/animals', 'two', '/all')
  const mapped = ['--api-mapping-id', `${mapping['ApiMappingId']}`]
  await script.aws('delete-api-mapping', ...domain, ...mapped)
  await script.aws('delete-domain-name', ...domain)

  const link = await script.aws('create-vpc-link', '--name', 'cage', '--subnet-ids', 'subnet-1')
  assert.equal(link['VpcLinkStatus'], 'PENDING')
  await script.aws('delete-vpc-link', '--vpc-link-id', `${link['VpcLinkId']}`)
}

/** Another process over the same store serves the same. */
async function restart(script: Script, t: TestContext): Promise<void> {
  const before = await script.onApi('get-stage', '--stage-name', 'prod')
  await script.server.stop()
  const server = await startServer(t, script.server.folder)
  const again = new Script(server, script.one, script.two)
  again.apiId = script.apiId
  await again.serves('/prod/animals', 'one', '/list')
  await again.serves('/beasts/7', 'two', '/items/7')
  assert.deepEqual(await again.onApi('get-stage', '--stage-name', 'prod'), before)
  await server.stop()
}

async function remove(first: Script, t: TestContext): Promise<void> {
  const script = new Script(await startServer(t, first.server.folder), first.one, first.two)
  script.apiId = first.apiId
  await script.onApi('delete-route', '--route-id', first.itemRouteId)
  await script.refuses('/beasts/7', 404)
  await script.onApi('delete-integration', '--integration-id', first.itemId)
  await script.serves('/animals', 'two', '/all')
  await script.onApi('delete-stage', '--stage-name', 'prod')
  await script.refuses('/prod/animals', 404)
  await script.onApi('delete-api')
  await script.refuses('/animals', 404)
  await script.refused('NotFoundException', 'get-api', '--api-id', script.apiId)
  assert.deepEqual(await script.aws('get-apis'), { Items: [] })
  first.calls += script.calls
}

function proxyTo(uri: string): string[] {
  const type = ['--integration-type', 'HTTP_PROXY', '--integration-method', 'GET']
  return [...type, '--integration-uri', uri, '--payload-format-version', '1.0']
}

function routeTo(routeKey: string, integrationId: string): string[] {
  return ['--route-key', routeKey, '--target', `integrations/${integrationId}`]
}
