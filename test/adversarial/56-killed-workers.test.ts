/**
 * Attack 56, as far as it is about workers: one dies under load while calls pass through a VPC link. The other serves on
 * without a failure, callers of the dead one see a closed connection and lose nothing that may be sent again, the agent
 * comes back to the new worker by itself, and calls that are there before it wait for it.
 */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import { makeLink, startAgent, untilLink } from '../harness/link-agent.ts'
import { httpApiOver, linkedRoute } from '../harness/linked-api.ts'
import { startHere } from '../harness/program-here.ts'
import { SteadyCalls } from '../harness/steady-calls.ts'

/** By a clock that the test moves it is five seconds (l00052); this machine may be busy with much else. */
const BACK_WITHIN_MS = 20_000
/** Each of the two workers dies once. */
const DEATHS = 2

async function startService(t: TestContext): Promise<number> {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end('served'), 3)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('56 a worker dies under calls through a link: what may be sent again is answered', async (t) => {
  const service = await startService(t)
  const ports = { link: 0, linkHost: '127.0.0.1' }
  const here = await startHere(t, {
    workers: 2,
    ...ports,
    limit: { connectTimeoutMs: BACK_WITHIN_MS },
  })
  const { url, region, accessKeyId, secretAccessKey } = here.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new ApiGatewayV2Client({ endpoint: url, region, credentials })
  const target = `127.0.0.1:${service}`
  const link = await makeLink(here, 'inside', target)
  const api = await httpApiOver(client, 'shop')
  const uri = `http://${target}/orders`
  await linkedRoute(client, api, { key: 'GET /orders', link: link.VpcLinkId, uri })
  startAgent(t, here, { port: link.LinkPort, token: link.Token, name: 'one' })
  await untilLink(here, 'inside', ({ Agents }) => Agents[0]?.Connections.length === 2)
  const wish = {
    to: () => ({ port: here.port, host: `${api}.execute-api.localhost` }),
    path: '/orders',
    ...{ callers: 8, repeats: true },
  }
  const kept = new SteadyCalls({ ...wish, keepAlive: true })
  const fresh = new SteadyCalls({ ...wish, keepAlive: false })
  t.after(() => Promise.all([kept.end(), fresh.end()]))
  await sleep(300)

  for (const worker of [0, 1]) {
    const before = here.lines.length
    here.program.crashWorker(worker, 'asked to crash')
    const isBack = () =>
      here.lines.slice(before).some((line) => line === `worker ${worker} is back`)
    while (!isBack()) await sleep(10)
    const backMs = performance.now()
    const connections = () => connectionsOf(here.metrics())
    while (connections() < 2) {
      const awayMs = performance.now() - backMs
      assert.ok(awayMs < BACK_WITHIN_MS, `the agent stays away: ${awayMs} ms`)
      await sleep(20)
    }
    await sleep(100)
  }

  const outcomes = [await kept.end(), await fresh.end()]
  for (const { failures, calls } of outcomes) {
    assert.deepEqual(failures, [])
    assert.ok(calls > 50, String(calls))
  }
  // A death costs a caller two connections at most, that of the repetition and that of the next calls, and the other
  // worker's callers none: nobody's ended for another reason.
  const [ofKept] = outcomes
  assert.ok(ofKept!.repeated > 0, 'somebody was on the worker that died')
  for (const count of ofKept!.connections) {
    assert.ok(count <= 1 + 2 * DEATHS, `connections of each caller: ${ofKept!.connections}`)
  }
})

/** Of agents to workers, as the workers have said last. */
function connectionsOf(metrics: string): number {
  return Number(/^postern_link_connections\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
}
