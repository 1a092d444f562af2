/** What is published works: packed, installed into an empty folder, started, one request, stopped. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '..')
/** What a build reads. The checkout itself stays as it is: other tests run from it at the same time. */
const PARTS = [
  'bin',
  'src',
  'tools',
  'package.json',
  'tsconfig.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
]
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

const folder = mkdtempSync(join(tmpdir(), 'postern-package-'))
const empty = join(folder, 'empty')
const postern = join(empty, 'node_modules/.bin/postern')
const started: ChildProcess[] = []
let packed: string[]
let origin: Server

before(async () => {
  const source = join(folder, 'source')
  for (const part of PARTS) cpSync(join(ROOT, part), join(source, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'))
  const [pack] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder], source),
  ) as [{ filename: string; files: { path: string }[] }]
  packed = pack.files.map(({ path }) => path)
  cpSync(join(folder, pack.filename), join(empty, 'postern.tgz'))
  writeFileSync(join(empty, 'package.json'), '{"private":true}')
  // The Node that runs this test is new enough: the optional package that brings one stays out.
  const quiet = ['--omit=optional', '--prefer-offline', '--no-audit', '--no-fund']
  run('npm', ['install', ...quiet, './postern.tgz'], empty)
  origin = createServer((request, response) => response.end(`origin saw ${request.url}`))
  await once(origin.listen(0, '127.0.0.1'), 'listening')
})

after(() => {
  for (const child of started) child.kill('SIGKILL')
  origin.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the tarball holds what runs and what is read, nothing else', () => {
  for (const path of ['LICENSE', 'README.md', 'bin/postern.cjs', 'dist/main.js']) {
    assert.ok(packed.includes(path), path)
  }
  const strange = packed.filter(
    (path) =>
      !/^(bin|dist)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path) ||
      /\.(test|suite|reference|fake)\.|(?<!\.d)\.ts$/.test(path),
  )
  assert.deepEqual(strange, [])
})

test('npx postern --version', () => {
  assert.equal(run('npx', ['postern', '--version'], empty).trim(), manifest.version)
})

test('postern up serves from the installed package and ends with 0', async () => {
  const definition = {
    openapi: '3.0.3',
    info: { title: 'packed', version: '1' },
    paths: { '/hello/{name}': { get: { responses: { 200: { description: 'hello' } } } } },
  }
  writeFileSync(join(empty, 'api.json'), JSON.stringify(definition))
  const target = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
  const ports = ['--http', '0', '--https', 'off', '--control', '0']
  const up = spawn(postern, ['up', 'api.json', '--target', target, '--workers', '1', ...ports], {
    cwd: empty,
    env: environment(),
  })
  started.push(up)
  const url = await firstUrl(up)
  const response = await fetch(`${url}/hello/world`)
  assert.equal(await response.text(), 'origin saw /hello/world')
  assert.ok(response.headers.has('apigw-requestid'))
  up.kill('SIGTERM')
  const [code] = (await once(up, 'exit')) as [number]
  assert.equal(code, 0)
  assert.ok(!existsSync(join(empty, 'node_modules/node')), 'no second Node was installed')
})

function run(command: string, parameters: readonly string[], cwd: string): string {
  const result = spawnSync(command, parameters, { cwd, encoding: 'utf8', env: environment() })
  const what = `${command} ${parameters.join(' ')}`
  assert.equal(result.status, 0, `${what}\n${result.stdout}${result.stderr}${result.error ?? ''}`)
  return result.stdout
}

/** The environment without what the npm around this test says to its own children. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_)|^npm_config_local/.test(name),
  )
  return Object.fromEntries(own)
}

/** The plain-HTTP address in the ready lines. */
async function firstUrl(child: ChildProcess): Promise<string> {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      child.emit('said')
    })
  }
  child.on('exit', () => child.emit('said'))
  for (;;) {
    const url = /http:\/\/localhost:[1-9]\d*/.exec(text)?.[0]
    if (url !== undefined) return url
    assert.equal(child.exitCode, null, `postern up ended:\n${text}`)
    await once(child, 'said', { signal: AbortSignal.timeout(20_000) })
  }
}
