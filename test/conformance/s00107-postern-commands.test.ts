/** The commands of an operator against a running Postern: plan, deploy, drift, export, rollback, tail, keys, audit. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startEcho } from '../harness/origin.ts'
import { BARE_ENVIRONMENT, startServer, type TestServer } from '../harness/server.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

interface Outcome {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs one command in the folder of a Postern. `environment` comes on top. */
function run(
  { folder }: TestServer,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  // A folder that is named wins over the environment.
  const place = environment['AWS_ENDPOINT_URL'] === undefined ? ['--data', folder] : []
  const child = spawn(process.execPath, [MAIN, ...words, ...place], {
    cwd: folder,
    env: { ...BARE_ENVIRONMENT, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  return new Promise((settle) => {
    child.once('close', (code) => settle({ status: code ?? -1, out, err }))
  })
}

async function runJson<T>(server: TestServer, ...words: string[]): Promise<T> {
  const { status, out, err } = await run(server, [...words, '--json'])
  assert.equal(status, 0, err)
  return JSON.parse(out) as T
}

function definition(uri: string, ...paths: string[]): string {
  const operation = {
    get: {
      responses: { 200: { description: 'ok' } },
      'x-amazon-apigateway-integration': {
        ...{ type: 'http_proxy', httpMethod: 'GET', uri, payloadFormatVersion: '1.0' },
      },
    },
  }
  const entries = Object.fromEntries(paths.map((path) => [path, operation]))
  return JSON.stringify({ openapi: '3.0.1', info: { title: 'Shop', version: '1' }, paths: entries })
}

test('a definition is planned, deployed, exported, found drifting and rolled back', async (t) => {
  const origin = await startEcho(t, 'origin')
  const server = await startServer(t)
  const file = join(server.folder, 'shop.json')
  writeFileSync(file, definition(origin.url, '/a'))

  const dry = await run(server, ['deploy', file, '--dry-run'])
  assert.equal(dry.status, 0, dry.err)
  assert.match(dry.out, /\+ GET \/a/)
  const nothing = await runJson<{ apis: unknown[] }>(server, 'apis')
  assert.deepEqual(nothing.apis, [], 'a dry run leaves nothing behind')

  const unsure = await run(server, ['deploy', file])
  assert.equal(unsure.status, 2, 'nobody can be asked, and nobody has said yes')
  assert.match(unsure.err, /--yes/)

  const first = await run(server, ['deploy', file, '--yes'])
  assert.equal(first.status, 0, first.err)
  const { apis } = await runJson<{ apis: { apiId: string; deploymentId: string }[] }>(
    server,
    'apis',
  )
  const { apiId, deploymentId } = apis[0]!
  const status = async (target: string) => (await server.ask({ apiId, target })).status
  assert.deepEqual([await status('/a'), await status('/b')], [200, 404])
  assert.equal((await run(server, ['diff', file])).status, 0)

  writeFileSync(file, definition(origin.url, '/a', '/b'))
  const drift = await run(server, ['diff', file])
  assert.equal(drift.status, 2)
  assert.match(drift.out, /\+ GET \/b/)
  assert.equal((await run(server, ['deploy', file, '--yes'])).status, 0)
  assert.deepEqual([await status('/a'), await status('/b')], [200, 200])

  const exported = join(server.folder, 'exported.yaml')
  writeFileSync(exported, (await run(server, ['export'])).out)
  assert.equal((await run(server, ['diff', exported])).status, 0, readFileSync(exported, 'utf8'))

  const back = await run(server, ['rollback'])
  assert.equal(back.status, 0, back.err)
  assert.deepEqual([await status('/a'), await status('/b')], [200, 404])
  const stages = await run(server, ['stages'])
  assert.match(stages.out, new RegExp(`\\$default +${deploymentId} +off`))

  writeFileSync(file, definition('gopher://nowhere', '/a'))
  const refused = await run(server, ['deploy', file, '--yes'])
  assert.equal(refused.status, 1)
  assert.match(refused.err, /shop\.json:1:\d+: error: /)
  assert.equal(await status('/a'), 200)
  await server.stop()
})

test('live requests are shown while somebody watches, with the reason of a refusal', async (t) => {
  const origin = await startEcho(t, 'origin')
  const server = await startServer(t)
  const file = join(server.folder, 'shop.json')
  writeFileSync(file, definition(origin.url, '/a'))
  await run(server, ['deploy', file, '--yes'])
  const { apis } = await runJson<{ apis: { apiId: string }[] }>(server, 'apis')
  const { apiId } = apis[0]!
  const lines = watch(t, server, '--status', '4xx')
  // The watcher says nothing before the first request that it is shown.
  const first = lines.next()
  let done = false
  void first.finally(() => {
    done = true
  })
  while (!done) {
    await server.ask({ apiId, target: '/a' })
    await server.ask({ apiId, target: '/missing' })
  }
  const line = JSON.parse((await first).value ?? '') as Record<string, unknown>
  assert.deepEqual(
    [line['apiId'], line['path'], line['status'], line['reasonCode']],
    [apiId, '/missing', 404, 'ROUTE_NOT_FOUND'],
  )
  await server.stop()
})

async function* watch(t: TestContext, { folder }: TestServer, ...words: string[]) {
  const child = spawn(process.execPath, [MAIN, 'tail', ...words, '--json', '--data', folder], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.after(() => child.kill('SIGKILL'))
  let rest = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    const [...lines] = (rest + String(text)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

test('a read-only key reads, and the audit log tells who did what', async (t) => {
  const origin = await startEcho(t, 'origin')
  const server = await startServer(t)
  const file = join(server.folder, 'shop.json')
  writeFileSync(file, definition(origin.url, '/a'))
  const made = await run(server, ['keys', 'create', '--read-only', '--description', 'ci', '--json'])
  const key = JSON.parse(made.out) as Record<string, string>
  const id = key['AccessKeyId'] ?? key['accessKeyId'] ?? ''
  const secret = key['SecretAccessKey'] ?? key['secretAccessKey'] ?? ''
  const reader = {
    AWS_ENDPOINT_URL: server.endpoint.url,
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
  }
  assert.equal((await run(server, ['apis'], reader)).status, 0)
  const refused = await run(server, ['deploy', file, '--yes'], reader)
  assert.equal(refused.status, 1)
  assert.match(refused.err, /read-only/)
  assert.equal((await run(server, ['deploy', file, '--yes'])).status, 0)

  const audit = await run(server, ['audit', '--json'])
  assert.equal(audit.status, 0, audit.err)
  assert.match(audit.out, /postern:DeployDefinition/)
  assert.match(audit.out, /postern:CreateAccessKey/)
  for (const hidden of [secret, server.endpoint.secretAccessKey]) {
    assert.ok(!audit.out.includes(hidden), 'the log shows no secret')
  }

  assert.equal((await run(server, ['keys', 'delete', id])).status, 0)
  const gone = await run(server, ['apis'], reader)
  assert.equal(gone.status, 1)
  assert.match(gone.err, /key/)
  await server.stop()
})
