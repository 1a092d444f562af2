import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const SHIM = fileURLToPath(new URL('../../bin/postern.cjs', import.meta.url))

let folder = ''
let older = ''
before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'postern-shim-'))
  older = path.join(folder, 'older.cjs')
  const versions = `{ value: { ...process.versions, node: '20.1.0' } }`
  await fs.writeFile(older, `Object.defineProperty(process, 'versions', ${versions})\n`)
})
after(() => fs.rm(folder, { recursive: true }))

const run = (words: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  spawnSync(process.execPath, words, { encoding: 'utf8', cwd: folder, env })

test('under a new Node it is the program', () => {
  const { stdout, status } = run([SHIM, '--version'])
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(status, 0)
})

test('a result that cannot be written is a failure; one that nobody reads to its end is none', async (t) => {
  const cut = spawnSync('sh', ['-c', `"${process.execPath}" "${SHIM}" help up | head -c 1`])
  assert.equal(cut.status, 0)
  assert.equal(String(cut.stderr), '')
  const full = await fs.open('/dev/full', 'w').catch(() => undefined)
  if (full === undefined) return t.skip('this system has no /dev/full')
  const { status, stderr } = spawnSync(process.execPath, [SHIM, '--version'], {
    stdio: ['ignore', full.fd, 'pipe'],
    encoding: 'utf8',
  })
  await full.close()
  assert.equal(status, 1)
  assert.match(stderr, /^postern: The result cannot be written: ENOSPC/)
})

test('under an older Node it hands over to the one that came with it', () => {
  const { stdout, status } = run(['--require', older, SHIM, '--version'])
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(status, 0)
  assert.equal(run(['--require', older, SHIM, 'nothing']).status, 2)
})

test('signals go through, and so does the exit code', async () => {
  const file = path.join(folder, 'api.json')
  const paths = { '/a': { get: { responses: { 200: { description: 'ok' } } } } }
  const info = { title: 'A', version: '1' }
  await fs.writeFile(file, JSON.stringify({ openapi: '3.0.1', info, paths }))
  const flags = [
    '--target',
    'http://127.0.0.1:9',
    '--http',
    '0',
    '--https',
    'off',
    '--control',
    '0',
  ]
  const words = ['--require', older, SHIM, 'up', file, '--json', ...flags]
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  for await (const text of child.stderr) if (String(text).includes('"ready"')) break
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
})

test('without a newer Node it says in one sentence what is needed', () => {
  const env = { ...process.env, POSTERN_HANDED_OVER: '1' }
  const { stderr, status } = run(['--require', older, SHIM, 'up'], env)
  assert.match(stderr, /^postern: Node 24 or newer is needed, and this is v/)
  assert.match(stderr, /npm install node@24/)
  assert.equal(status, 1)
})
