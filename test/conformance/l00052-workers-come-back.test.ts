/**
 * A worker of the gateway dies and another takes its place, by a clock that the test moves: the agent finds the new one
 * within five seconds of its coming, without storming the port, and requests that are there before the agent wait for it.
 */

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { LinkTransport } from '../../src/link/transport.ts'
import { Call, identityOf, targetThat } from '../harness/link-calls.ts'
import { agentOn, FakeNetwork, hubOn, LINK_ID, linkOf, STAGE } from '../harness/link-network.ts'

type Hub = ReturnType<typeof hubOn>

/** Its ends of connections: they die with it. */
const transportsOf = new Map<Hub, LinkTransport[]>()

let target: Awaited<ReturnType<typeof targetThat>>

before(async () => {
  target = await targetThat((_request, response) => response.end('here'))
})

after(() => {
  target.server.closeAllConnections()
  target.server.close()
})

function hubThat(network: FakeNetwork, worker: number, hasAgents = true): Hub {
  const hub = hubOn(network, { worker, workers: WORKERS })
  const transports: LinkTransport[] = []
  const connect = hub.connect.bind(hub)
  hub.connect = (transport, credentials) => {
    transports.push(transport)
    return connect(transport, credentials)
  }
  transportsOf.set(hub, transports)
  const allow = [{ host: '127.0.0.1', port: target.port, pathPrefix: '/' }]
  hub.useDocument({ revision: 1, links: [{ ...linkOf(allow), hasAgents }] })
  return hub
}

function originOf(hub: Hub) {
  const address = { host: '127.0.0.1', port: target.port, tls: undefined }
  return hub.origin({ vpcLinkId: LINK_ID, address, stage: STAGE })
}

const WORKERS = 4
const BACK_WITHIN_MS = 5_000

for (const awayMs of [300, 3_000, 8_000]) {
  test(`a worker is away for ${awayMs} ms`, async (t) => {
    const network = new FakeNetwork()
    const hubs = Array.from({ length: WORKERS }, (_, worker) => hubThat(network, worker))
    const identity = identityOf(LINK_ID, 'agent1', network.clock.epochMs())
    const agent = agentOn(network, hubs, { agentId: 'agent1', identity, seed: awayMs })
    t.after(() => agent.close())
    await network.until(() => agent.connections === WORKERS)

    const dialled = network.pairs.length
    const [dead] = hubs.splice(1, 1)
    for (const transport of transportsOf.get(dead!)!) transport.destroy()
    await network.until(() => agent.connections === WORKERS - 1)
    await network.pass(awayMs)
    assert.equal(agent.connections, WORKERS - 1)
    assert.ok(network.pairs.length - dialled < awayMs / 100 + 5, 'it does not storm the port')

    const hub = hubThat(network, 1)
    const waits = new Call(originOf(hub))
    hubs.push(hub)
    await network.until(() => agent.connections === WORKERS, BACK_WITHIN_MS)
    await network.until(() => waits.over)
    assert.equal(waits.status, 200, waits.error?.detail)
  })
}

test('where no agent has ever enrolled nobody waits', async () => {
  const network = new FakeNetwork()
  const call = new Call(originOf(hubThat(network, 0, false)))
  await network.pass(5)
  assert.equal(call.error?.kind, 'no-agent')
})
