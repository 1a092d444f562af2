import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { httpApiDefinitions } from '../../../definitions/open-api/http-api-definition.fake.ts'
import { textOf } from '../../../definitions/plan/members.ts'
import type { HttpApiDefinition } from '../../../domain/http-api-definition.ts'
import { ServiceCalls } from '../../service-calls.fake.ts'
import { apiOperations } from '../api.ts'
import { readDraft, servesSame } from './draft.ts'
import { replaceDraft } from './draft-replacement.ts'

const DEFINITION: HttpApiDefinition = {
  api: { Name: 'pets', Description: 'all of them', Version: '2', Tags: { team: 'pets' } },
  routes: [
    {
      RouteId: 'r1',
      RouteKey: 'GET /pets',
      Target: 'integrations/i1',
      AuthorizationType: 'JWT',
      AuthorizerId: 'a1',
    },
    { RouteId: 'r2', RouteKey: 'GET /toys', Target: 'integrations/i2' },
    { RouteId: 'r3', RouteKey: 'GET /loose' },
  ],
  integrations: [
    { IntegrationId: 'i1', IntegrationType: 'HTTP_PROXY', IntegrationUri: 'https://pets.example' },
    { IntegrationId: 'i2', IntegrationType: 'HTTP_PROXY', IntegrationUri: 'https://toys.example' },
  ],
  authorizers: [{ AuthorizerId: 'a1', Name: 'users', AuthorizerType: 'JWT' }],
  models: [{ ModelId: 'm1', Name: 'Pet', Schema: '{}' }],
  sources: { r1: 'pets.yaml:3', i1: 'pets.yaml:5' },
}

let calls: ServiceCalls
let apiId: string

beforeEach(async () => {
  calls = new ServiceCalls()
  const api = await calls.call(apiOperations.CreateApi, { Name: 'old', ProtocolType: 'HTTP' })
  apiId = api.ApiId!
})

/** Returns the draft, and the names of the records that were written. */
function replace(definition: HttpApiDefinition) {
  return calls.write(async (context, transaction) => {
    await replaceDraft(context, apiId, definition)
    const written = transaction.changes().map(({ key }) => key.kind)
    return { draft: await readDraft(context.records, apiId), written }
  })
}

/** The same with names that say what is meant instead of ids. */
function byName({ api, ...definition }: HttpApiDefinition) {
  const integrations = new Map(
    definition.integrations.map(({ IntegrationId, ...content }) => [
      `integrations/${IntegrationId}`,
      textOf(content),
    ]),
  )
  const authorizers = new Map(definition.authorizers.map((each) => [each.AuthorizerId, each.Name]))
  const { sources } = definition
  return {
    api: { ...api, DisableExecuteApiEndpoint: api.DisableExecuteApiEndpoint ?? false },
    routes: definition.routes.map(({ RouteId, Target, AuthorizerId, ...route }) => ({
      ...route,
      target: integrations.get(Target ?? ''),
      authorizer: authorizers.get(AuthorizerId),
      source: sources[RouteId!],
    })),
    integrations: definition.integrations.map(({ IntegrationId, ...integration }) => ({
      ...integration,
      source: sources[IntegrationId!],
    })),
    authorizers: definition.authorizers.map(({ AuthorizerId: _, ...rest }) => rest),
    models: definition.models.map(({ ModelId: _, ...rest }) => rest),
  }
}

test('a definition that replaces a draft is read back as it is, with ids of the store', async () => {
  const { draft } = await replace(DEFINITION)
  assert.deepEqual(byName(draft), byName(DEFINITION))
  for (const { RouteId } of draft.routes) assert.match(RouteId!, /^[a-z0-9]{7}$/)
})

test('the same definition again writes nothing', async () => {
  const { draft } = await replace(DEFINITION)
  const again = await replace(DEFINITION)
  assert.deepEqual(again.written, [])
  assert.deepEqual(again.draft, draft)
})

test('what can be recognised keeps its id, the rest goes', async () => {
  const { draft: before } = await replace(DEFINITION)
  const { draft: after, written } = await replace({
    ...DEFINITION,
    api: { Name: 'pets' },
    routes: [
      { RouteId: 'x', RouteKey: 'GET /pets', Target: 'integrations/y' },
      { RouteId: 'z', RouteKey: 'GET /new', Target: 'integrations/other' },
    ],
    integrations: [
      { ...DEFINITION.integrations[0]!, IntegrationId: 'y' },
      {
        ...DEFINITION.integrations[1]!,
        IntegrationUri: 'https://new.example',
        IntegrationId: 'other',
      },
    ],
    authorizers: [{ AuthorizerId: 'b', Name: 'users', AuthorizerType: 'REQUEST' }],
    models: [],
    sources: { y: 'pets.yaml:5' },
  })
  assert.equal(after.routes[0]?.RouteId, before.routes[0]?.RouteId)
  assert.equal(after.integrations[0]?.IntegrationId, before.integrations[0]?.IntegrationId)
  assert.equal(after.authorizers[0]?.AuthorizerId, before.authorizers[0]?.AuthorizerId)
  assert.equal(after.authorizers[0]?.AuthorizerType, 'REQUEST')
  const oldIds = before.routes.map(({ RouteId }) => RouteId)
  assert.ok(!oldIds.includes(after.routes.at(-1)?.RouteId))
  assert.deepEqual(
    after.routes.map(({ RouteKey }) => RouteKey),
    ['GET /pets', 'GET /new'],
  )
  assert.deepEqual(
    after.integrations.map(({ IntegrationUri }) => IntegrationUri),
    ['https://pets.example', 'https://new.example'],
  )
  assert.deepEqual(after.models, [])
  assert.deepEqual(after.api, {
    Name: 'pets',
    DisableExecuteApiEndpoint: false,
    Tags: { team: 'pets' },
  })
  assert.equal(written.filter((kind) => kind === 'integration').length, 2)
})

test('equal integrations stay several', async () => {
  const twins = [
    DEFINITION.integrations[0]!,
    { ...DEFINITION.integrations[0]!, IntegrationId: 'i9' },
  ]
  const definition = { ...DEFINITION, routes: [], integrations: twins, sources: {} }
  const { draft } = await replace(definition)
  assert.equal(new Set(draft.integrations.map(({ IntegrationId }) => IntegrationId)).size, 2)
  assert.deepEqual((await replace(definition)).written, [])
})

test('any definition takes the place of any other, and then nothing is left to write', async () => {
  const property = fc.asyncProperty(httpApiDefinitions, httpApiDefinitions, async (one, other) => {
    await replace(one)
    const { draft } = await replace(other)
    assert.deepEqual(unordered(draft), unordered(other))
    assert.deepEqual((await replace(other)).written, [])
  })
  await fc.assert(property, { numRuns: 50 })
})

test('what quick create has made stays marked', async () => {
  const made = await calls.call(apiOperations.CreateApi, {
    Name: 'quick',
    ProtocolType: 'HTTP',
    Target: 'https://pets.example',
  })
  apiId = made.ApiId!
  const before = await calls.write(({ records }) => readDraft(records, apiId))
  const [integration] = before.integrations
  const { ApiGatewayManaged: _, ...plain } = integration!
  const { draft } = await replace({ ...before, integrations: [plain] })
  assert.deepEqual(draft, before)
})

test('the draft of an API that is not there is not found', async () => {
  await assert.rejects(
    calls.write(({ records }) => readDraft(records, 'nothere000')),
    { code: 'NotFoundException' },
  )
})

/** Records that are kept stay where they were in the list; tags that a definition does not speak of stay. */
function unordered(definition: HttpApiDefinition): object {
  const { api, ...lists } = byName(definition)
  const { Tags: _, ...settings } = api
  const sorted = Object.entries(lists).map(([name, list]) => [name, list.map(textOf).sort()])
  return { api: textOf(settings), ...Object.fromEntries(sorted) }
}

describe('two definitions serve the same', () => {
  const other = (changes: Partial<HttpApiDefinition>) => ({ ...DEFINITION, ...changes })
  const cases: [string, HttpApiDefinition, boolean][] = [
    ['themselves', other({}), true],
    ['under another name', other({ api: { Name: 'toys', Tags: {}, Description: 'x' } }), true],
    ['with members in another order', JSON.parse(JSON.stringify(reversed(DEFINITION))), true],
    ['with CORS', other({ api: { Name: 'pets', CorsConfiguration: {} } }), false],
    [
      'without the endpoint',
      other({ api: { Name: 'pets', DisableExecuteApiEndpoint: true } }),
      false,
    ],
    ['without a route', other({ routes: DEFINITION.routes.slice(1) }), false],
    ['with another model', other({ models: [] }), false],
    ['with another authorizer', other({ authorizers: [] }), false],
  ]
  for (const [name, definition, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(servesSame(DEFINITION, definition), expected))
  }
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toReversed()
  return Object.fromEntries(members.map(([name, member]) => [name, reversed(member)]))
}
