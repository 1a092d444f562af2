import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiIdOf } from '../../definitions/open-api/identifiers.ts'
import type { HttpApiDefinition } from '../../domain/http-api-definition.ts'
import { importExportOperations } from '../apigatewayv2/import-export.ts'
import type { ApiRecord, StageRecord } from '../apigatewayv2/records.ts'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import { definitionOperations } from './definition.ts'
import type { PlanDefinitionRequest } from './definition-messages.ts'

const { ImportApi } = importExportOperations
const { PlanDefinition, DeployDefinition } = definitionOperations

/** Path → URI of the origin. */
type Paths = Readonly<Record<string, string>>

function textOf(paths: Paths, more: object = {}): string {
  const operations = Object.entries(paths).map(([path, uri]) => {
    const integration = { type: 'http_proxy', httpMethod: 'GET', uri, payloadFormatVersion: '1.0' }
    const operation = { responses: {}, 'x-amazon-apigateway-integration': integration }
    return [path, { get: operation }]
  })
  return JSON.stringify({
    openapi: '3.0.1',
    info: { title: 'Pets', version: '1' },
    paths: Object.fromEntries(operations) as object,
    ...more,
  })
}

function requestFor(
  paths: Paths,
  more: Partial<PlanDefinitionRequest> = {},
): PlanDefinitionRequest {
  return { File: 'pets.json', Text: textOf(paths), ...more }
}

const ONE: Paths = { '/pets': 'http://origin/pets' }
const TWO: Paths = { '/pets': 'http://other/pets', '/dogs': 'http://origin/dogs' }

async function apisOf(calls: ServiceCalls): Promise<ApiRecord[]> {
  const page = await calls.store.read((reader) => reader.in(TEST_SCOPE).list<ApiRecord>('api', ''))
  return page.records.map(({ body }) => body)
}

function stageOf(
  calls: ServiceCalls,
  parent: string,
  id: string,
): Promise<StageRecord | undefined> {
  return calls.store.read(async (reader) => {
    const record = await reader.in(TEST_SCOPE).get<StageRecord>({ kind: 'stage', parent, id })
    return record?.body
  })
}

test('a plan for an API that does not exist adds every route and writes nothing', async () => {
  const calls = new ServiceCalls()
  const answer = await calls.call(PlanDefinition, requestFor(TWO))
  assert.equal(answer.ApiId, undefined)
  assert.deepEqual([answer.ApiName, answer.StageName], ['Pets', '$default'])
  const added = answer.Plan!.addedRoutes.map(({ routeKey }) => routeKey)
  assert.deepEqual(added.toSorted(), ['GET /dogs', 'GET /pets'])
  assert.deepEqual([answer.Refusals, answer.Notes], [[], []])
  assert.deepEqual(await apisOf(calls), [])
})

test('deploying makes the API, its stage and a deployment; the same again has nothing to do', async () => {
  const calls = new ServiceCalls()
  const done = await calls.call(DeployDefinition, requestFor(ONE))
  assert.deepEqual([done.Created, done.StageName], [true, '$default'])
  assert.equal(done.ApiId, apiIdOf('Pets'), 'the address that postern up would give it')
  const stage = await stageOf(calls, done.ApiId!, '$default')
  assert.equal(stage?.DeploymentId, done.DeploymentId)
  const again = await calls.call(PlanDefinition, requestFor(ONE))
  assert.equal(again.Plan?.isEmpty, true)
  const repeated = await calls.call(DeployDefinition, requestFor(ONE))
  assert.deepEqual([repeated.Created, repeated.DeploymentId], [false, done.DeploymentId])
})

test('a plan tells routes that come, change and go, and deploying does what it tells', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(DeployDefinition, requestFor({ ...ONE, '/old': 'http://o/' }))
  const plan = await calls.call(PlanDefinition, requestFor(TWO))
  const keysOf = (routes: readonly { routeKey: string }[]) => routes.map(({ routeKey }) => routeKey)
  assert.deepEqual(keysOf(plan.Plan!.addedRoutes), ['GET /dogs'])
  assert.deepEqual(keysOf(plan.Plan!.removedRoutes), ['GET /old'])
  assert.deepEqual(keysOf(plan.Plan!.changedRoutes), ['GET /pets'])
  const { PlanDigest } = plan
  assert(PlanDigest !== undefined)
  const done = await calls.call(DeployDefinition, { ...requestFor(TWO), PlanDigest })
  assert.equal(done.ApiId, ApiId)
  assert.deepEqual(done.Plan, plan.Plan)
  const routes = await calls.store.read((reader) => reader.in(TEST_SCOPE).list('route', ApiId!))
  assert.equal(routes.records.length, 2)
})

test('what was not shown is not done', async () => {
  const calls = new ServiceCalls()
  const { PlanDigest } = await calls.call(PlanDefinition, requestFor(TWO))
  assert(PlanDigest !== undefined)
  await calls.call(DeployDefinition, requestFor(ONE))
  const late = calls.call(DeployDefinition, { ...requestFor(TWO), PlanDigest })
  await assert.rejects(late, { code: 'ConflictException', message: /not what was shown/ })
})

test('a dry run answers the plan and leaves nothing', async () => {
  const calls = new ServiceCalls()
  const answer = await calls.call(DeployDefinition, { ...requestFor(ONE), DryRun: true })
  assert.equal(answer.Created, true)
  assert.equal(answer.DeploymentId, undefined)
  assert.equal(answer.Plan.addedRoutes.length, 1)
  assert.deepEqual(await apisOf(calls), [])
})

test('which API: an id, a name, the id of the definition, its title', async () => {
  const calls = new ServiceCalls()
  const named = await calls.call(DeployDefinition, requestFor(ONE, { ApiName: 'Dogs' }))
  const byName = await calls.call(PlanDefinition, requestFor(ONE, { ApiName: 'Dogs' }))
  assert.deepEqual([byName.ApiId, byName.Plan?.isEmpty], [named.ApiId, true])
  const { ApiId } = named
  assert(ApiId !== undefined)
  const byId = await calls.call(PlanDefinition, requestFor(ONE, { ApiId }))
  assert.deepEqual(
    byId.Plan?.api.map(({ member }) => member),
    ['Name'],
    'it takes the title',
  )
  const Text = textOf(ONE, { 'x-postern-api-id': 'abcdefghij' })
  const claimed = await calls.call(DeployDefinition, { File: 'a.json', Text })
  assert.equal(claimed.ApiId, 'abcdefghij')
  const byTitle = await calls.call(PlanDefinition, requestFor(ONE))
  assert.equal(byTitle.ApiId, 'abcdefghij')
  const none = calls.call(PlanDefinition, requestFor(ONE, { ApiId: 'nnnnnnnnnn' }))
  await assert.rejects(none, { code: 'NotFoundException' })
})

test('a name that two APIs have names none', async () => {
  const calls = new ServiceCalls()
  for (const id of ['aaaaaaaaaa', 'bbbbbbbbbb']) {
    const Text = textOf(ONE, { 'x-postern-api-id': id })
    await calls.call(DeployDefinition, { File: 'a.json', Text })
  }
  const plan = calls.call(PlanDefinition, requestFor(ONE))
  await assert.rejects(plan, { code: 'ConflictException', message: /aaaaaaaaaa, bbbbbbbbbb/ })
})

test('another stage gets what it is told; which others will follow is said', async () => {
  const calls = new ServiceCalls()
  const first = await calls.call(DeployDefinition, requestFor(ONE))
  const more = { StageName: 'prod', StageVariables: { host: 'a' }, Target: 'http://x' }
  const plan = await calls.call(PlanDefinition, requestFor(TWO, more))
  assert.equal(plan.Plan?.addedRoutes.length, 2, 'the new stage serves nothing yet')
  assert.deepEqual(plan.Notes, [
    'Stages that deploy automatically follow the definition, too: $default.',
  ])
  const second = await calls.call(DeployDefinition, requestFor(TWO, more))
  assert.notEqual(second.DeploymentId, first.DeploymentId)
  const prod = await stageOf(calls, first.ApiId!, 'prod')
  assert.deepEqual({ ...prod?.StageVariables }, { host: 'a' })
  const other = await stageOf(calls, first.ApiId!, '$default')
  assert.equal(other?.DeploymentId, first.DeploymentId)
  const { Plan } = await calls.call(
    PlanDefinition,
    requestFor(TWO, { ...more, StageVariables: {} }),
  )
  assert.deepEqual(
    Plan?.stage.map(({ member }) => member),
    ['StageVariables.host'],
  )
})

test('changes that were made by other means are noted before they are replaced', async () => {
  const calls = new ServiceCalls()
  const { ApiId } = await calls.call(DeployDefinition, requestFor(ONE))
  await calls.write(async ({ records }) => {
    const { records: routes } = await records.list<HttpApiDefinition['routes'][number]>(
      'route',
      ApiId!,
    )
    const [route] = routes
    await records.put(route!, { ...route!.body, OperationName: 'changed' })
    const key = { kind: 'api', parent: '', id: ApiId! }
    const api = await records.get<ApiRecord>(key)
    await records.put(key, { ...api!.body, source: { file: 'pets.yaml', digest: '' } })
  })
  const { Notes, Plan, DraftDiffers } = await calls.call(PlanDefinition, requestFor(ONE))
  assert.deepEqual([Plan?.isEmpty, DraftDiffers], [true, true])
  assert.match(Notes[0] ?? '', /^Pets has been edited since this stage was deployed to/)
  assert.match(Notes[1] ?? '', /^Pets came from pets\.yaml/)
  const { DeploymentId } = await calls.call(DeployDefinition, requestFor(ONE))
  const after = await calls.call(PlanDefinition, requestFor(ONE))
  assert.equal(after.DraftDiffers, false)
  assert.equal((await stageOf(calls, ApiId!, '$default'))?.DeploymentId, DeploymentId)
})

test('guards that a deployment would take away are told, also where no stage serves them', async () => {
  const calls = new ServiceCalls()
  const users = {
    type: 'oauth2',
    'x-amazon-apigateway-authorizer': {
      type: 'jwt',
      identitySource: '$request.header.Authorization',
      jwtConfiguration: { issuer: 'https://issuer.example', audience: ['pets'] },
    },
  }
  const guarded = { security: [{ users: [] }], components: { securitySchemes: { users } } }
  const { ApiId } = await calls.call(ImportApi, { Body: textOf(TWO, guarded) })
  assert(ApiId !== undefined)
  const { Notes, Plan } = await calls.call(PlanDefinition, requestFor(ONE, { ApiId }))
  assert.equal(Plan?.addedRoutes.length, 1, 'nothing is served yet')
  assert.deepEqual(Notes, [
    'Routes that the draft guards are open in the definition: GET /pets (JWT).',
  ])
  const kept = await calls.call(
    PlanDefinition,
    requestFor({}, { Text: textOf(ONE, guarded), ApiId }),
  )
  assert.deepEqual(
    kept.Notes.filter((note) => note.includes('open')),
    [],
  )
})

test('a definition is held to the rules of single calls', async () => {
  const calls = new ServiceCalls()
  const components = { 'x-postern-models': { A: { schema: 'true' } } }
  const request = { File: 'pets.json', Text: textOf(ONE, { components }) }
  const { Refusals } = await calls.call(PlanDefinition, request)
  assert.match(Refusals.join(), /^model A: error: .*JSON object$/)
  await assert.rejects(calls.call(DeployDefinition, request), { message: /model A: error: / })
  assert.deepEqual(await apisOf(calls), [])
})

test('a definition with errors: a plan has the problems, a deployment is refused with them', async () => {
  const calls = new ServiceCalls()
  const request = { File: 'pets.json', Text: textOf({ '/pets': 'ftp://origin/' }) }
  const { Plan, Problems } = await calls.call(PlanDefinition, request)
  assert.equal(Plan, undefined)
  assert.equal(Problems.find(({ severity }) => severity === 'error')?.file, 'pets.json')
  await assert.rejects(calls.call(DeployDefinition, request), {
    code: 'BadRequestException',
    message: /pets\.json:1:\d+: error: (?:.|\n)* → /,
  })
  assert.deepEqual(await apisOf(calls), [])
})
