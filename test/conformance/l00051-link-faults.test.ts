/**
 * A link among faults, by seeds: connections that die, fall silent, come late or cannot be made, while requests are sent
 * all the time. Whatever happens, a request ends once, with its own answer or with an error, what can be repeated
 * succeeds as long as somebody is left, and nothing is left over.
 */

import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import test, { after, before } from 'node:test'
import { Call, identityOf, targetThat } from '../harness/link-calls.ts'
import {
  agentOn,
  FakeNetwork,
  hubOn,
  LINK_ID,
  linkOf,
  STAGE,
  seededRandom,
} from '../harness/link-network.ts'

const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1)
const AGENTS = 3
const STEPS = 150

let target: { server: Server; port: number }

before(async () => {
  target = await targetThat((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => response.end(`${request.url} ${Buffer.concat(chunks).length}`))
  })
})

after(() => {
  target.server.closeAllConnections()
  target.server.close()
})

for (const seed of SEEDS) {
  test(`seed ${seed}`, async (t) => {
    const random = seededRandom(seed)
    const network = new FakeNetwork()
    const hubs = [0, 1].map((worker) => hubOn(network, { worker, workers: 2 }))
    const allow = [{ host: '127.0.0.1', port: target.port, pathPrefix: '/' }]
    for (const hub of hubs) hub.useDocument({ revision: 1, links: [linkOf(allow)] })
    const agents = Array.from({ length: AGENTS }, (_, i) => {
      const identity = identityOf(LINK_ID, `agent${i}`, network.clock.epochMs())
      return agentOn(network, hubs, { agentId: `agent${i}`, identity, seed: seed * 100 + i })
    })
    t.after(() => {
      for (const agent of agents) agent.close()
    })
    await network.until(() => hubs.every((hub) => hub.figures().length === AGENTS))
    const address = { host: '127.0.0.1', port: target.port, tls: undefined }
    const origins = hubs.map((hub) => hub.origin({ vpcLinkId: LINK_ID, address, stage: STAGE }))
    const calls: { call: Call; path: string; bytes: number; method: string }[] = []
    for (let step = 0; step < STEPS; step++) {
      for (let i = 0; i < 4; i++) {
        const path = `/${seed}/${step}/${i}`
        const method = random() < 0.6 ? 'GET' : 'POST'
        const bytes = method === 'GET' ? 0 : Math.floor(random() ** 4 * 400_000)
        const body = bytes === 0 ? {} : { body: Buffer.alloc(bytes, 'x') }
        const streamedBy = bytes > 0 && random() < 0.5 ? { streamedBy: 30_000 } : {}
        const origin = origins[Math.floor(random() * 2)]!
        calls.push({
          call: new Call(origin, { path, method, ...body, ...streamedBy }),
          path,
          bytes,
          method,
        })
      }
      fault(network, random)
      await network.pass(10 + Math.floor(random() * 80))
    }
    network.down = false
    network.delayMs = 1
    await network.until(() => calls.every(({ call }) => call.over), 40_000)
    for (const { call, path, bytes } of calls) {
      assert.equal(call.tooOften, false, path)
      if (call.error === undefined) assert.equal(call.body, `${path} ${bytes}`)
      else assert.ok(['closed', 'no-agent'].includes(call.error.kind), call.error.detail)
    }
    const answered = calls.filter(({ call }) => call.status === 200).length
    assert.ok(answered > calls.length * 0.7, `${answered} of ${calls.length} were answered`)
    // What may be repeated is repeated once; only two faults in a row, or nobody left, end it.
    const gets = calls.filter(({ method }) => method === 'GET')
    const lost = gets.filter(({ call }) => call.error !== undefined)
    assert.ok(lost.length <= gets.length * 0.08, `${lost.length} of ${gets.length}`)
    // Everybody comes back, and nothing has been forgotten.
    await network.until(() => hubs.every((hub) => hub.figures().length === AGENTS), 30_000)
    await network.pass(5_000)
    for (const hub of hubs) {
      assert.deepEqual(
        hub.figures().map(({ streamsOpen }) => streamsOpen),
        Array.from({ length: AGENTS }, () => 0),
      )
    }
  })
}

/** One step in thirteen a connection suffers; the delay changes with each. */
function fault(network: FakeNetwork, random: () => number): void {
  const living = network.pairs.filter(([hubEnd]) => !hubEnd.closed && !hubEnd.blackHole)
  const pair = living[Math.floor(random() * living.length)]
  const kind = random()
  network.delayMs = 1 + Math.floor(random() * 30)
  network.down = random() < 0.1
  if (pair === undefined) return
  if (kind < 0.05) pair[Math.floor(random() * 2)]!.destroy()
  else if (kind < 0.065) for (const end of pair) end.blackHole = true
  // Half-open: one side has forgotten, and the other is not told.
  else if (kind < 0.075) {
    pair[1].blackHole = true
    pair[1].close('forgotten')
  }
}
