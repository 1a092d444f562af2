/**
 * Two gateways with the same APIs behind a balancer that asks /readyz, and behind them a private service that each
 * reaches through a VPC link of its own: each is ended by SIGTERM and started again while calls come, on kept connections
 * and on fresh ones, and none fails; no caller repeats anything.
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import { LINK_FLAGS, makeLink, startAgent, type TestAgent } from '../harness/link-agent.ts'
import { httpApiOver, linkedRoute } from '../harness/linked-api.ts'
import { startServer, type TestServer } from '../harness/server.ts'
import { type Callee, SteadyCalls } from '../harness/steady-calls.ts'

const LOOK_MS = 50
/** Many looks of the balancer, on a machine that is busy with other tests, too. */
const DRAIN_DELAY = ['--drain-delay', '2s']
const PATIENCE_MS = 20_000

/** One gateway, as its balancer knows it. */
class Node {
  readonly apiId: string
  readonly linkPort: number
  /** It outlives every gateway that it dials. */
  readonly agent: TestAgent
  server: TestServer
  isReady = true

  constructor(server: TestServer, facts: Pick<Node, 'apiId' | 'linkPort' | 'agent'>) {
    this.server = server
    this.apiId = facts.apiId
    this.linkPort = facts.linkPort
    this.agent = facts.agent
  }

  get callee(): Callee {
    return { port: this.server.port, host: `${this.apiId}.execute-api.localhost` }
  }

  async look(): Promise<void> {
    const answer = await fetch(new URL('readyz', this.server.endpoint.url)).catch(() => undefined)
    await answer?.text()
    this.isReady = answer?.status === 200
  }
}

async function startNode(t: TestContext, target: string): Promise<Node> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-node-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const server = await startServer(t, folder, ...LINK_FLAGS, ...DRAIN_DELAY, '--workers', '2')
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const client = new ApiGatewayV2Client({ endpoint: url, region, credentials })
  const link = await makeLink(server, 'inside', target)
  const apiId = await httpApiOver(client, 'shop')
  const uri = `http://${target}/orders`
  await linkedRoute(client, apiId, { key: 'GET /orders', link: link.VpcLinkId, uri })
  const agent = startAgent(t, server, { port: link.LinkPort, token: link.Token })
  await agent.said(/connected to every worker/)
  return new Node(server, { apiId, linkPort: link.LinkPort, agent })
}

async function restart(t: TestContext, node: Node): Promise<void> {
  const { folder } = node.server
  await node.server.stop()
  const ports = ['--link', String(node.linkPort), '--link-host', '127.0.0.1']
  node.server = await startServer(t, folder, ...ports, ...DRAIN_DELAY, '--workers', '2')
}

test('gateways are restarted one after the other, and no call fails', async (t) => {
  const service = createServer((_request, response) => {
    setTimeout(() => response.end('served'), 5)
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    service.closeAllConnections()
    service.close()
  })
  const target = `127.0.0.1:${(service.address() as AddressInfo).port}`
  const nodes = await Promise.all([startNode(t, target), startNode(t, target)])

  let turn = 0
  const to = (): Callee => {
    const ready = nodes.filter(({ isReady }) => isReady)
    const node = ready[turn++ % ready.length]
    return node!.callee
  }
  const balancer = setInterval(() => {
    for (const node of nodes) void node.look()
  }, LOOK_MS)
  t.after(() => clearInterval(balancer))
  const wish = { to, callers: 4, path: '/orders', repeats: false }
  const kept = new SteadyCalls({ ...wish, keepAlive: true })
  const fresh = new SteadyCalls({ ...wish, keepAlive: false })
  await sleep(300)

  for (const node of nodes) {
    const { calls } = kept
    await restart(t, node)
    assert.ok(kept.calls > calls, 'the other one has served meanwhile')
    for (let leftMs = PATIENCE_MS; !node.isReady; leftMs -= LOOK_MS) {
      assert.ok(leftMs > 0, 'it becomes ready again')
      await sleep(LOOK_MS)
    }
    // What says it is ready has its agent: the first call through it is answered without a wait.
    await sleep(300)
  }

  for (const { agent } of nodes) assert.equal(agent.child.exitCode, null, agent.lines.join('\n'))
  for (const { failures, calls, repeated } of [await kept.end(), await fresh.end()]) {
    assert.deepEqual(failures, [])
    assert.equal(repeated, 0)
    assert.ok(calls > 100, String(calls))
  }
})
