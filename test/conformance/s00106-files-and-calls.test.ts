/**
 * One store, two ways in: what `postern up FILE` deploys and what the management API changes, over restarts.
 *
 * What was changed by calls survives as long as the file stays as it is; a file that has changed replaces it; an API
 * whose file is not named is kept and not served; without files everything that the store holds is served.
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  CreateApiCommand,
  CreateRouteCommand,
  GetApisCommand,
  GetRoutesCommand,
} from '@aws-sdk/client-apigatewayv2'
import { type Echo, startEcho } from '../harness/origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { startServer, type TestServer } from '../harness/server.ts'

interface Place {
  readonly folder: string
  readonly one: string
  readonly two: string
}

function makePlace(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'postern-files-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return { folder, one: join(folder, 'one.json'), two: join(folder, 'two.json') }
}

function writeDefinition(file: string, title: string, ...paths: string[]): void {
  const operation = { get: { responses: { 200: { description: 'ok' } } } }
  const entries = Object.fromEntries(paths.map((path) => [path, operation]))
  writeFileSync(
    file,
    JSON.stringify({ openapi: '3.0.1', info: { title, version: '1' }, paths: entries }),
  )
}

async function apisOf(server: TestServer): Promise<ReadonlyMap<string, string>> {
  const { Items = [] } = await sdkClient(server.endpoint).send(new GetApisCommand({}))
  return new Map(Items.map(({ Name, ApiId }) => [Name!, ApiId!]))
}

async function statuses(server: TestServer, apiId: string, ...paths: string[]): Promise<number[]> {
  const all: number[] = []
  for (const target of paths) all.push((await server.ask({ apiId, target })).status)
  return all
}

test('a file, a call, and restarts', async (t) => {
  const place = makePlace(t)
  const origin = await startEcho(t, 'origin')
  const up = (...files: string[]) => startServer(t, place.folder, ...files, '--target', origin.url)
  writeDefinition(place.one, 'One', '/file')

  const first = await up(place.one)
  const apiId = (await apisOf(first)).get('One')!
  const client = sdkClient(first.endpoint)
  const { Items = [] } = await client.send(new GetRoutesCommand({ ApiId: apiId }))
  const made = { ApiId: apiId, RouteKey: 'GET /call', Target: Items[0]!.Target! }
  await client.send(new CreateRouteCommand(made))
  assert.deepEqual(await statuses(first, apiId, '/file', '/call'), [200, 200])
  const { fields } = (await first.ask({ apiId, target: '/call' })).json as Echo
  assert.match(fields['via'] ?? '', /postern/i)
  await first.stop()

  const second = await up(place.one)
  assert.deepEqual(
    await statuses(second, apiId, '/file', '/call'),
    [200, 200],
    'the file is as it was',
  )
  await second.kill()

  const third = await up()
  assert.deepEqual(await statuses(third, apiId, '/file', '/call'), [200, 200], 'no file is named')
  await third.stop()

  writeDefinition(place.one, 'One', '/file', '/more')
  const fourth = await up(place.one)
  assert.deepEqual(await statuses(fourth, apiId, '/file', '/call', '/more'), [200, 404, 200])
  assert.match(fourth.lines.join('\n'), /One \(\w+\) is as .*one\.json says again/)
  await fourth.stop()
})

test('an API whose file is not named is kept and not served, and one made by calls stays', async (t) => {
  const place = makePlace(t)
  const origin = await startEcho(t, 'origin')
  const up = (...files: string[]) => startServer(t, place.folder, ...files, '--target', origin.url)
  writeDefinition(place.one, 'One', '/one')
  writeDefinition(place.two, 'Two', '/two')

  const both = await up(place.one, place.two)
  await sdkClient(both.endpoint).send(
    new CreateApiCommand({ Name: 'Called', ProtocolType: 'HTTP', Target: origin.url }),
  )
  const ids = await apisOf(both)
  assert.deepEqual([...ids.keys()].toSorted(), ['Called', 'One', 'Two'])
  await both.stop()

  const one = await up(place.one)
  assert.deepEqual([...(await apisOf(one)).keys()].toSorted(), ['Called', 'One', 'Two'])
  assert.match(one.lines.join('\n'), /Two \(\w+\) is not served: it came from .*two\.json/)
  assert.deepEqual(await statuses(one, ids.get('Two')!, '/two'), [404])
  assert.deepEqual(await statuses(one, ids.get('One')!, '/one'), [200])
  assert.deepEqual(await statuses(one, ids.get('Called')!, '/any'), [200])
  await one.stop()

  for (const files of [[place.one, place.two], []]) {
    const again = await up(...files)
    assert.deepEqual(await statuses(again, ids.get('Two')!, '/two'), [200])
    assert.deepEqual(await statuses(again, ids.get('One')!, '/one'), [200])
    await again.stop()
  }
})
