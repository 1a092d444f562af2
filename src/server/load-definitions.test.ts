import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { DefinitionLoader, type ReadingSettings } from './load-definitions.ts'

let folder = ''
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-load-'))
})
afterEach(() => fs.rm(folder, { recursive: true }))

const SETTINGS: ReadingSettings = {
  limits: 'extended',
  limit: {},
  target: 'http://127.0.0.1:9',
  accountId: '000000000000',
  region: 'us-east-1',
  stageVariable: {},
}

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name)
  await fs.writeFile(file, content)
  return file
}

function definition(title: string, paths: readonly string[]): string {
  const operation = { get: { responses: { 200: { description: 'ok' } } } }
  const entries = paths.map((each) => [each, operation])
  return JSON.stringify({
    openapi: '3.0.1',
    info: { title, version: '1' },
    paths: Object.fromEntries(entries),
  })
}

test('a stage keeps its revision while its file stays the same', async () => {
  const pets = await write('pets.json', definition('Pets', ['/pets']))
  const dogs = await write('dogs.json', definition('Dogs', ['/dogs']))
  const loader = new DefinitionLoader([pets, dogs], SETTINGS)
  const first = await loader.load()
  await write('dogs.json', definition('Dogs', ['/dogs', '/cats']))
  const second = await loader.load()
  assert.deepEqual(
    [first, second].map(({ configuration }) => configuration?.stages.map((s) => s.revision)),
    [
      [1, 1],
      [1, 2],
    ],
  )
  assert.equal(second.configuration?.revision, 2)
  assert.equal(second.configuration?.stages[0], first.configuration?.stages[0])
  assert.equal(second.configuration?.stages[1]?.routes.length, 2)
})

test('two definitions with one id are refused, with a mend', async () => {
  const one = await write('one.json', definition('Same', ['/a']))
  const two = await write('two.json', definition('Same', ['/b']))
  const { configuration, problems } = await new DefinitionLoader([one, two], SETTINGS).load()
  assert.equal(configuration, undefined)
  assert.equal(problems.length, 1)
  const [problem] = problems
  assert.equal(problem?.code, 'api-id-duplicate')
  assert.equal(problem?.file, two)
  assert.match(problem?.message ?? '', /belongs to .*one\.json already/)
  assert.match(problem?.mend ?? '', /x-postern-api-id/)
})

test('the problems of all files are collected, and one broken file stops all', async () => {
  const good = await write('good.json', definition('Good', ['/a']))
  const broken = await write('broken.json', '{')
  const binary = await write('binary.json', new Uint8Array([0x7b, 0xff, 0xfe]))
  const missing = path.join(folder, 'missing.yaml')
  const files = [good, broken, binary, missing, folder]
  const { configuration, problems } = await new DefinitionLoader(files, SETTINGS).load()
  assert.equal(configuration, undefined)
  const errors = problems.filter((problem) => problem.severity === 'error')
  assert.deepEqual(
    errors.map((problem) => problem.file),
    [broken, binary, missing, folder],
  )
  const codes = errors.slice(1).map((problem) => problem.code)
  assert.deepEqual(codes, [
    'definition-not-utf-8',
    'definition-unreadable',
    'definition-unreadable',
  ])
})

test('what is broken takes no revision', async () => {
  const file = await write('pets.json', '{')
  const loader = new DefinitionLoader([file], SETTINGS)
  assert.equal((await loader.load()).configuration, undefined)
  await write('pets.json', definition('Pets', ['/pets']))
  assert.equal((await loader.load()).configuration?.revision, 1)
})

test('a source without an end is refused at the limit', {
  skip: !existsSync('/dev/zero'),
}, async () => {
  const settings = { ...SETTINGS, limit: { definitionBytes: 1_000 } }
  const { problems } = await new DefinitionLoader(['/dev/zero'], settings).load()
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['definition-too-large'],
  )
})

test('an address is no file, and the message says so', async () => {
  const { problems } = await new DefinitionLoader(['https://example/api.yaml'], SETTINGS).load()
  assert.match(problems[0]?.message ?? '', /^This is an address/)
})

test('a file beyond the limit is refused by its size', async () => {
  const file = await write('large.json', definition('Large', ['/a']))
  const settings = { ...SETTINGS, limit: { definitionBytes: 10 } }
  const { problems } = await new DefinitionLoader([file], settings).load()
  assert.equal(problems[0]?.code, 'definition-too-large')
  assert.match(problems[0]?.message ?? '', /more than 10 bytes/)
})
