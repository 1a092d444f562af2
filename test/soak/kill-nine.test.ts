/**
 * Test 51, from outside: a Postern under random writes is killed with SIGKILL, again and again, over one data folder.
 * After each start it holds and serves exactly what it had acknowledged; a write that was under way is there as a whole
 * or not at all.
 *
 * 10 kills unless POSTERN_KILLS says otherwise (100 before a release); POSTERN_SEED repeats a failure.
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteRouteCommand,
  GetRoutesCommand,
  UpdateRouteCommand,
} from '@aws-sdk/client-apigatewayv2'
import { type Echo, startEcho } from '../harness/origin.ts'
import { sdkClient } from '../harness/sdk.ts'
import { randomFrom } from '../harness/seeded-random.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const KILLS = Number(process.env['POSTERN_KILLS'] ?? 10)
const SEED = Number(process.env['POSTERN_SEED'] ?? 20_261_122)
const LANES = 4
const PATHS = 6
/** Between the first write of a round and its end. */
const ROUND_MS = [30, 500] as const

/** Route key → number of the integration that it leads to. */
type Routes = ReadonlyMap<string, number>

/** One API that one writer changes, call by call. */
interface Lane {
  readonly apiId: string
  readonly integrationIds: readonly string[]
  readonly routeIds: Map<string, string>
  /** What has been acknowledged. */
  acknowledged: Routes
  /** What it is if the call under way has been carried out. */
  possible: Routes
  writes: number
}

test('soak: a Postern that is killed holds what it has acknowledged', async (t) => {
  const random = randomFrom(SEED)
  const folder = mkdtempSync(join(tmpdir(), 'postern-kill-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const origins = [await startEcho(t, 'zero'), await startEcho(t, 'one')]
  let server = await startServer(t, folder)
  const lanes = await Promise.all(
    Array.from({ length: LANES }, () =>
      makeLane(
        sdkClient(server.endpoint),
        origins.map(({ url }) => url),
      ),
    ),
  )
  for (let kill = 0; kill < KILLS; kill++) {
    const client = sdkClient(server.endpoint)
    const ended = new AbortController()
    const writing = lanes.map((lane) => write(client, lane, random, ended.signal))
    await sleep(ROUND_MS[0] + random(ROUND_MS[1] - ROUND_MS[0]))
    await server.kill()
    ended.abort()
    await Promise.all(writing)
    server = await startServer(t, folder)
    for (const lane of lanes) await check(server, lane, `kill ${kill} of seed ${SEED}`)
  }
  const writes = lanes.reduce((sum, lane) => sum + lane.writes, 0)
  t.diagnostic(`${writes} acknowledged writes, ${KILLS} kills`)
  assert.ok(writes > KILLS, `only ${writes} writes were acknowledged`)
  await server.stop()
})

async function makeLane(client: ApiGatewayV2Client, urls: readonly string[]): Promise<Lane> {
  const { ApiId } = await client.send(new CreateApiCommand({ Name: 'lane', ProtocolType: 'HTTP' }))
  const integrationIds: string[] = []
  for (const url of urls) {
    const { IntegrationId } = await client.send(
      new CreateIntegrationCommand({
        ApiId,
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'ANY',
        IntegrationUri: url,
        PayloadFormatVersion: '1.0',
      }),
    )
    integrationIds.push(IntegrationId!)
  }
  await client.send(new CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }))
  // An API without routes has nothing to deploy: one route always stays.
  const RouteKey = 'GET /anchor'
  const Target = `integrations/${integrationIds[0]}`
  const { RouteId } = await client.send(new CreateRouteCommand({ ApiId, RouteKey, Target }))
  const acknowledged = new Map([[RouteKey, 0]])
  return {
    ...{ apiId: ApiId!, integrationIds, acknowledged, possible: acknowledged, writes: 0 },
    routeIds: new Map([[RouteKey, RouteId!]]),
  }
}

/** Random writes, one after the other, until the server is gone. */
async function write(
  client: ApiGatewayV2Client,
  lane: Lane,
  random: (below: number) => number,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    const routeKey = `GET /path${random(PATHS)}`
    const target = random(lane.integrationIds.length)
    const remove = random(3) === 0
    const next = new Map(lane.acknowledged)
    if (remove) next.delete(routeKey)
    else next.set(routeKey, target)
    lane.possible = next
    try {
      await change(client, lane, { routeKey, target, remove })
    } catch (error) {
      // What the server has answered is a bug; that it is gone is the test.
      if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode) {
        throw error
      }
      return
    }
    lane.acknowledged = next
    lane.writes++
  }
}

async function change(
  client: ApiGatewayV2Client,
  { apiId: ApiId, acknowledged, routeIds, integrationIds }: Lane,
  wanted: { readonly routeKey: string; readonly target: number; readonly remove: boolean },
): Promise<void> {
  const RouteKey = wanted.routeKey
  const Target = `integrations/${integrationIds[wanted.target]}`
  const RouteId = routeIds.get(RouteKey)
  if (!acknowledged.has(RouteKey)) {
    if (wanted.remove) return
    const made = await client.send(new CreateRouteCommand({ ApiId, RouteKey, Target }))
    routeIds.set(RouteKey, made.RouteId!)
  } else if (wanted.remove) await client.send(new DeleteRouteCommand({ ApiId, RouteId }))
  else await client.send(new UpdateRouteCommand({ ApiId, RouteId, Target }))
}

/** What it says it holds, and what it serves. */
async function check(server: TestServer, lane: Lane, when: string): Promise<void> {
  const client = sdkClient(server.endpoint)
  const { Items = [] } = await client.send(new GetRoutesCommand({ ApiId: lane.apiId }))
  const held = new Map(
    Items.map(({ RouteKey, Target }) => [
      RouteKey!,
      lane.integrationIds.indexOf(Target!.slice('integrations/'.length)),
    ]),
  )
  const wanted = [lane.acknowledged, lane.possible].map(textOf)
  assert.ok(wanted.includes(textOf(held)), `${when}: holds ${textOf(held)}, not ${wanted}`)
  for (let i = 0; i < PATHS; i++) await checkServed(server, lane.apiId, held, `/path${i}`)
  lane.acknowledged = held
  lane.routeIds.clear()
  for (const { RouteKey, RouteId } of Items) lane.routeIds.set(RouteKey!, RouteId!)
}

async function checkServed(server: TestServer, apiId: string, held: Routes, path: string) {
  const response = await server.ask({ apiId, target: path })
  const target = held.get(`GET ${path}`)
  const served = response.status === 200 ? (response.json as Echo).origin : response.status
  assert.equal(served, target === undefined ? 404 : ['zero', 'one'][target], path)
}

function textOf(routes: Routes): string {
  return JSON.stringify([...routes].toSorted())
}
