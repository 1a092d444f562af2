import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { runWords } from './terminal.fake.ts'

const HOME = mkdtempSync(path.join(os.tmpdir(), 'postern-aws-model-'))
const FILE = path.join(HOME, '.aws/models/apigatewayv2/2018-11-29/service-2.json')

after(() => rmSync(HOME, { recursive: true }))

function run(...words: string[]) {
  return runWords({ words: ['aws-model', ...words], environment: { HOME } })
}

async function state(): Promise<unknown> {
  const { out, code } = await run('--json')
  assert.equal(code, 0)
  return JSON.parse(out)
}

test('the model is put where aws looks, renewed, and taken away; what somebody else put there stays', async () => {
  const facts = { service: 'apigatewayv2', file: FILE }
  assert.deepEqual(await state(), { ...facts, state: 'absent' })
  const { out: text } = await run('print')
  const installed = await run('install')
  assert.deepEqual([installed.code, readFileSync(FILE, 'utf8')], [0, text])
  assert.deepEqual(await state(), { ...facts, state: 'current' })
  writeFileSync(FILE, text.replace('"CreateRoutingRule"', '"MakeRoutingRule"'))
  assert.deepEqual(await state(), { ...facts, state: 'outdated' })
  const renewed = await run('install', '--json')
  assert.deepEqual(JSON.parse(renewed.out), { file: FILE, state: 'current' })
  assert.equal((await run('remove')).code, 0)
  assert.match((await run()).out, /apigatewayv2 +\S+service-2\.json +absent/)
  assert.equal((await run('remove')).code, 0, 'once more changes nothing')

  writeFileSync(FILE, '{"version":"2.0"}')
  for (const action of ['install', 'remove']) {
    const { code, err } = await run(action)
    assert.equal(code, 1)
    assert.match(err, /is not from postern\n.*AWS_DATA_PATH/)
  }
  assert.equal(readFileSync(FILE, 'utf8'), '{"version":"2.0"}')
})

test('other words are refused', async () => {
  const { code, err } = await run('uninstall')
  assert.equal(code, 2)
  assert.match(err, /does not know uninstall\n.*show, print, install, remove/)
})
