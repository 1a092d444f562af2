/**
 * Limits of clients from outside: x-postern-limits deployed by the command line and held by several workers, one of
 * which crashes; usage plans by the plain `aws apigateway`.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPatientEcho } from '../harness/patient-origin.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
/** Usage is written every two seconds. */
const FLUSH_MS = 3_000

function definition(url: string): string {
  return `openapi: 3.0.1
info: { title: shop, version: '1' }
x-postern-limits:
  client: $request.header.x-client
  rate: 0.001
  burst: 20
  quota: { limit: 12, period: MONTH }
  clients:
    partner: { quota: { limit: 15, period: MONTH } }
paths:
  /pets:
    get:
      responses: {}
      x-amazon-apigateway-integration: { type: http_proxy, httpMethod: GET, uri: '${url}/pets' }
      x-postern-limits: { rate: 0.001, burst: 18 }
`
}

/** The API that was deployed first. */
async function apiIdOf(server: TestServer): Promise<string> {
  const words = [MAIN, 'apis', '--json', '--data', server.folder]
  const { stdout } = await promisify(execFile)(process.execPath, words)
  return JSON.parse(stdout).apis[0].apiId
}

interface Caller {
  readonly server: TestServer
  readonly apiId: string
}

async function passed({ server, apiId }: Caller, client: string, count: number): Promise<number> {
  let passed = 0
  for (let i = 0; i < count; i++) {
    const fields = [`X-Client: ${client}`]
    const { status } = await server.ask({ apiId, target: '/pets', fields })
    if (status === 200) passed++
    else assert.equal(status, 429)
  }
  return passed
}

test('s00119 limits of a definition hold over all workers, and postern usage tells', async (t) => {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  const file = join(server.folder, 'shop.yaml')
  writeFileSync(file, definition(origin.url))
  const postern = async (...words: string[]) => {
    const flags = ['--data', server.folder]
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...words, ...flags])
    return stdout
  }
  await postern('deploy', file, '--yes')
  const caller = { server, apiId: await apiIdOf(server) }
  assert.equal(await passed(caller, 'one', 25), 12, 'the quota')
  assert.equal(await passed(caller, 'partner', 25), 15, 'its own quota')
  assert.equal(await passed(caller, 'one', 5), 0)

  const exported = await postern('export', caller.apiId)
  assert.match(exported, /x-postern-limits:\n {2}client: \$request\.header\.x-client/)
  writeFileSync(file, definition(origin.url).replace('limit: 12', 'limit: 14'))
  await postern('deploy', file, '--yes')
  assert.equal(await passed(caller, 'one', 5), 2, 'a new limit, with what was used')

  await sleep(FLUSH_MS)
  const { usage } = JSON.parse(await postern('usage', '--api', 'shop', '--client', 'one', '--json'))
  const [{ meter, allowed }] = usage
  assert.deepEqual([meter, allowed], [`${caller.apiId}/$default`, 14])
  await postern('usage', 'top-up', meter, 'one', '3')
  assert.equal(await passed(caller, 'one', 5), 3)
})

test('s00119 a usage plan by aws apigateway', async (t) => {
  const [origin, server] = [await startPatientEcho(t), await startServer(t)]
  const cli = new AwsCli(server.endpoint)
  const aws = <T>(...words: string[]) => cli.call<T>('apigateway', ...words)
  writeFileSync(
    join(server.folder, 'shop.yaml'),
    definition(origin.url)
      .replaceAll(/^.*x-postern-limits: \{.*\n/gm, '')
      .replace(/x-postern-limits:.*?paths/s, 'paths'),
  )
  const flags = ['deploy', join(server.folder, 'shop.yaml'), '--yes', '--data', server.folder]
  await promisify(execFile)(process.execPath, [MAIN, ...flags])
  const apiId = await apiIdOf(server)
  const key = await aws<{ id: string; value: string }>('create-api-key', '--name', 'a', '--enabled')
  const plan = await aws<{ id: string }>(
    'create-usage-plan',
    ...['--name', 'basic', '--api-stages', `apiId=${apiId},stage=$default`],
    ...['--throttle', 'rateLimit=0.001,burstLimit=4', '--quota', 'limit=100,period=WEEK,offset=1'],
  )
  await aws(
    'create-usage-plan-key',
    '--usage-plan-id',
    plan.id,
    '--key-id',
    key.id,
    '--key-type',
    'API_KEY',
  )
  const call = async () => {
    const fields = [`x-api-key: ${key.value}`]
    return (await server.ask({ apiId, target: '/pets', fields })).status
  }
  const seen: number[] = []
  for (let i = 0; i < 6; i++) seen.push(await call())
  assert.deepEqual(seen, [200, 200, 200, 200, 429, 429])
  const { quota } = await aws<{ quota: object }>('get-usage-plan', '--usage-plan-id', plan.id)
  assert.deepEqual(quota, { limit: 100, offset: 1, period: 'WEEK' })
  const patch = 'op=replace,path=/throttle/burstLimit,value=0'
  await aws('update-usage-plan', '--usage-plan-id', plan.id, '--patch-operations', patch)
  assert.equal(await call(), 429)
  const said = await cli.refused('apigateway', 'get-usage-plan', '--usage-plan-id', 'nobody')
  assert.match(said, /NotFoundException.*Invalid Usage Plan ID specified/)
})
