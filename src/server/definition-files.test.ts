import assert from 'node:assert/strict'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { limitsOf } from '../domain/limits.ts'
import { apiGatewayV2Stages } from '../services/apigatewayv2/going-live/live-stages.ts'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import { DefinitionFiles } from './definition-files.ts'
import { Publisher } from './publisher.ts'
import { resolveSettings } from './settings/settings-sources.ts'
import { StoredApis } from './stored-apis.ts'

let folder = ''
let store: MemoryStore
let publisher: Publisher
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-files-'))
  store = new MemoryStore()
  publisher = new Publisher({
    supervisor: {
      prepare: async () => ({ kind: 'prepared', commit: async () => {}, discard: () => {} }),
    },
    memory: {
      findProblem: () => undefined,
      deployment: (configuration) => ({ configuration, shares: [], buckets: [], stageNumbers: [] }),
      commit: () => {},
      retain: () => {},
    },
  })
})
afterEach(() => fs.rm(folder, { recursive: true }))

interface Start {
  readonly accountId?: string
  readonly region?: string
}

/** One start of the program, over the same store. */
async function start(files: readonly string[], changes: Start = {}) {
  const settings = {
    ...resolveSettings('up', []),
    ...{ target: 'http://127.0.0.1:9', accountId: '123456789012', region: 'eu-central-1' },
    ...changes,
  }
  const lines: string[] = []
  const line = (message: string) => void lines.push(message)
  const limits = limitsOf('aws')
  const apis = new StoredApis({
    ...{ store, publisher, usage: { close: async () => {} } },
    stages: apiGatewayV2Stages({ limits }),
    openSealer: () => Promise.reject(new Error('Nothing is sealed in these tests.')),
    files: new DefinitionFiles(files, settings, '1.2.3'),
    settings: { limitProfile: 'aws', limits, apiEndpoint: (apiId) => apiId },
    served: () => ({ revision: 0, apis: [] }),
    now: () => new Date(0),
    log: { info: line, warn: line, error: line, problem: () => {}, event: () => {} },
  })
  await apis.begin()
  return { apis, lines, deploy: (first = false) => deploy(apis, first) }
}

/** Why not. */
async function deploy(apis: StoredApis, first = false): Promise<readonly string[]> {
  const { files, problems } = await apis.readFiles()
  if (files === undefined) return problems.map(({ message }) => message)
  return apis.deployFiles(files, { first })
}

async function write(name: string, title: string, route = '/pets'): Promise<string> {
  const file = path.join(folder, name)
  const paths = { [route]: { get: { responses: { 200: { description: 'ok' } } } } }
  const info = { title, version: '1' }
  await fs.writeFile(file, JSON.stringify({ openapi: '3.0.1', info, paths }))
  return file
}

/** Name, account, region and routes of everything that is served. */
function served(): string[] {
  return publisher.served.stages.map(({ apiName, accountId, region, routes }) =>
    [apiName, accountId, region, ...routes.map(({ routeKey }) => routeKey)].join(' '),
  )
}

describe('a restart', () => {
  test('for another region, then another account takes the API along, with what the file says now', async () => {
    const file = await write('pets.json', 'Pets')
    assert.deepEqual(await (await start([file])).deploy(true), [])
    const [first] = publisher.served.stages
    await write('pets.json', 'Pets', '/cats')
    const moved = await start([file], { region: 'eu-west-1' })
    assert.deepEqual(await moved.deploy(), [])
    assert.deepEqual(served(), ['Pets 123456789012 eu-west-1 GET /cats'])
    assert.match(moved.lines.join(), /of account 123456789012 in eu-central-1 is gone/)
    const [second] = publisher.served.stages
    assert.equal(second!.apiId, first!.apiId)
    assert.ok(second!.revision > first!.revision, 'workers would go on with the old content')
    assert.deepEqual(await (await start([file], { accountId: '999999999999' })).deploy(), [])
    assert.deepEqual(served(), ['Pets 999999999999 eu-central-1 GET /cats'])
  })

  test('for another region serves no file of the one before', async () => {
    await (await start([await write('pets.json', 'Pets')])).deploy(true)
    const cats = await write('cats.json', 'Cats')
    await (await start([cats], { region: 'eu-west-1' })).deploy(true)
    assert.deepEqual(served(), ['Cats 123456789012 eu-west-1 GET /pets'])
  })

  test('without a file serves what is there', async () => {
    await (await start([await write('pets.json', 'Pets')])).deploy(true)
    const next = await start([], { region: 'eu-west-1' })
    assert.deepEqual(await next.deploy(true), [])
    assert.deepEqual(served(), ['Pets 123456789012 eu-central-1 GET /pets'])
    assert.deepEqual(next.lines, [])
  })
})

describe('a call that comes while the files are read', () => {
  test('and deletes an API whose file has not changed is told, and the next reload makes it again', async () => {
    const file = await write('pets.json', 'Pets')
    const { apis, deploy: again } = await start([file])
    await again(true)
    const { files } = await apis.readFiles()
    const { apiId } = files![0]!
    const scope = { accountId: '123456789012', region: 'eu-central-1' }
    await store.write(async (transaction) => {
      await transaction.in(scope).deleteChildren(apiId)
      await transaction.in(scope).delete({ kind: 'api', parent: '', id: apiId })
    })
    const [reason] = await apis.deployFiles(files!, { first: false })
    assert.match(reason!, /pets\.json: another call has changed its API/)
    assert.deepEqual(await again(), [])
    assert.deepEqual(served(), ['Pets 123456789012 eu-central-1 GET /pets'])
  })
})

test('two files of one id are refused, and so is a folder', async () => {
  const [one, other] = [await write('a.json', 'Pets'), await write('b.json', 'Pets', '/b')]
  assert.match(
    (await (await start([one, other])).deploy(true)).join(),
    /belongs to .*a\.json already/,
  )
  assert.match((await (await start([folder])).deploy(true)).join(), /folder/)
  assert.deepEqual(served(), [])
})
