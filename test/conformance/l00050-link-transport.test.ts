/**
 * Hub and agent of a VPC link on a network in memory, whose clock the test moves: what passes, what is refused, and what
 * becomes of requests when somebody leaves, dies, or stops reading.
 */

import assert from 'node:assert/strict'
import type { Server, ServerResponse } from 'node:http'
import test, { after, before } from 'node:test'
import type { Origin } from '../../src/http/client/origin.ts'
import type { WireError } from '../../src/http/wire-error.ts'
import type { RunningLinkAgent } from '../../src/link/agent.ts'
import type { LinkAgentOptions, LinkLimits } from '../../src/link/contract.ts'
import type { WorkerLinkHub } from '../../src/link/hub.ts'
import { Call, identityOf, targetThat } from '../harness/link-calls.ts'
import { linkLimits } from '../harness/link-limits.ts'
import { agentOn, FakeNetwork, hubOn, LINK_ID, linkOf, STAGE } from '../harness/link-network.ts'

let server: Server
let port: number
let served = 0
const held: ServerResponse[] = []

before(async () => {
  const target = await targetThat((request, response) => {
    served++
    const url = request.url ?? ''
    if (url.startsWith('/hold')) {
      held.push(response)
      return
    }
    if (url.startsWith('/large')) {
      response.end(Buffer.alloc(Number(url.split('=')[1]), 'x'))
      return
    }
    if (url.startsWith('/empty')) {
      response.writeHead(204).end()
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const text = `${request.method} ${url} ${request.headers.host} ${request.headers['x-a']} ${body.length}`
      response.setHeader('X-From', 'target')
      response.setHeader('postern-link', 'error=closed')
      if (url.startsWith('/chunked')) response.write(text.slice(0, 3))
      response.end(url.startsWith('/chunked') ? text.slice(3) : text)
    })
  })
  server = target.server
  port = target.port
})

after(() => {
  server.closeAllConnections()
  server.close()
})

interface Setup {
  readonly network: FakeNetwork
  readonly hub: WorkerLinkHub
  readonly agents: readonly RunningLinkAgent[]
  readonly origin: Origin
}

interface SetupOptions {
  readonly agents?: number
  readonly limits?: LinkLimits
  readonly allow?: LinkAgentOptions['allow']
  readonly hubLimits?: LinkLimits
}

async function setUp(options: SetupOptions = {}): Promise<Setup> {
  const { agents: count = 1, limits = linkLimits(), allow, hubLimits } = options
  const network = new FakeNetwork()
  const hub = hubOn(network, hubLimits === undefined ? {} : { limits: hubLimits })
  hub.useDocument({ revision: 1, links: [linkOf([{ host: '127.0.0.1', port, pathPrefix: '/' }])] })
  const agents = Array.from({ length: count }, (_, i) =>
    agentOn(network, [hub], {
      agentId: `agent${i}`,
      identity: identityOf(LINK_ID, `agent${i}`, network.clock.epochMs()),
      seed: i,
      limits,
      allow,
    }),
  )
  await network.until(() => hub.figures().length === count)
  return { network, hub, agents, origin: originOf(hub) }
}

function originOf(hub: WorkerLinkHub, to = port): Origin {
  const address = { host: '127.0.0.1', port: to, tls: undefined }
  return hub.origin({ vpcLinkId: LINK_ID, address, stage: STAGE })
}

function stop({ agents }: Setup): void {
  for (const agent of agents) agent.close()
}

test('requests and answers pass whole, whatever their framing', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, origin } = setup
  const large = Buffer.alloc(700_000, 'b')
  const calls = [
    new Call(origin, { path: '/a?q=1', fields: 'X-A: 1\r\n' }),
    new Call(origin, { method: 'POST', path: '/b', body: Buffer.from('hello') }),
    new Call(origin, { method: 'PUT', path: '/c', body: large }),
    new Call(origin, { method: 'POST', path: '/chunked', body: large, streamedBy: 50_000 }),
    new Call(origin, { method: 'HEAD', path: '/d' }),
    new Call(origin, { path: '/empty' }),
    new Call(origin, { path: '/large=3000000' }),
  ]
  await network.until(() => calls.every(({ over }) => over))
  assert.deepEqual(
    calls.map(({ status, error, tooOften }) => [status, error?.detail, tooOften]),
    [200, 200, 200, 200, 200, 204, 200].map((status) => [status, undefined, false]),
  )
  const [get, post, put, chunked, head, empty, big] = calls as [
    Call,
    Call,
    Call,
    Call,
    Call,
    Call,
    Call,
  ]
  assert.equal(get.body, 'GET /a?q=1 svc.test 1 0')
  assert.match(get.fields, /\r\nx-from: target\r\n/)
  assert.equal(post.body, 'POST /b svc.test undefined 5')
  assert.equal(put.body, 'PUT /c svc.test undefined 700000')
  assert.equal(chunked.body, 'POST /chunked svc.test undefined 700000')
  assert.equal(head.body + empty.body, '')
  assert.equal(big.bytes, 3_000_000)
})

test('a target outside the list is reached by nobody, whichever side is asked', async (t) => {
  const narrowed = await setUp({ allow: [{ host: '127.0.0.1', port, pathPrefix: '/public' }] })
  t.after(() => stop(narrowed))
  const { network, hub, origin } = narrowed
  const before = served
  const other = originOf(hub, port + 1)
  const calls = [new Call(other), new Call(origin, { path: '/secret' })]
  const passes = new Call(origin, { path: '/public/x' })
  await network.until(() => [...calls, passes].every(({ over }) => over))
  assert.deepEqual(
    calls.map(({ error }) => error?.kind),
    ['not-allowed', 'not-allowed'],
  )
  assert.match(calls[0]!.error!.detail, /does not allow 127\.0\.0\.1:\d+\/ to api1\/prod/)
  assert.match(calls[1]!.error!.detail, /not in the list of the agent/)
  assert.equal(passes.status, 200)
  assert.equal(served, before + 1)
})

test('the agent refuses what its link does not list, even when the hub asks', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, hub, origin } = setup
  // The hub is told of a wider list than the agent: one that it never passed on.
  const [agent] = setup.agents
  agent!.pools.useList([])
  const call = new Call(origin)
  await network.until(() => call.over)
  assert.equal(call.error?.kind, 'not-allowed')
  assert.match(call.error!.detail, /agent agent0: agent: not in the list of the link/)
  // A new list reaches the agent on the connection that it has.
  hub.useDocument({ revision: 2, links: [linkOf([{ host: '127.0.0.1', port, pathPrefix: '/x' }])] })
  await network.pass(50)
  const calls = [new Call(origin, { path: '/x' }), new Call(origin, { path: '/y' })]
  await network.until(() => calls.every(({ over }) => over))
  assert.deepEqual(
    calls.map(({ status, error }) => error?.kind ?? status),
    [200, 'not-allowed'],
  )
})

test('a health check, of no stage, gets what any stage may get, by GET alone', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, hub } = setup
  const allow = [{ host: '127.0.0.1', port, pathPrefix: '/health', stage: STAGE }]
  hub.useDocument({ revision: 2, links: [linkOf(allow)] })
  await network.pass(50)
  const address = { host: '127.0.0.1', port, tls: undefined }
  const origin = (stage: string) => hub.origin({ vpcLinkId: LINK_ID, address, stage })
  const calls = [
    new Call(origin(''), { path: '/health' }),
    new Call(origin(''), { path: '/other' }),
    new Call(origin(''), { path: '/health', method: 'DELETE' }),
    new Call(origin('api1/other'), { path: '/health' }),
  ]
  await network.until(() => calls.every(({ over }) => over))
  assert.deepEqual(
    calls.map(({ status, error }) => error?.kind ?? status),
    [200, 'not-allowed', 'not-allowed', 'not-allowed'],
  )
  assert.match(calls[2]!.error!.detail, /does not allow .* to health checks/)
  // The agent does not take the hub's word for it.
  const refused = Promise.withResolvers<WireError>()
  const nothing = () => {}
  origin('').send(
    {
      ...{ method: 'GET', head: 'DELETE /health HTTP/1.1\r\nhost: x\r\n\r\n', body: undefined },
      ...{ streamedBodyBytes: undefined, responseTimeoutMs: 1_000, idleTimeoutMs: 1_000 },
    },
    {
      ...{ onResponseData: nothing, onResponseEnd: nothing, onRequestDrain: nothing },
      onResponse: () => refused.reject(new Error('it has reached the target')),
      onOriginError: refused.resolve,
    },
  )
  await network.pass(100)
  assert.match((await refused.promise).detail, /agent: a health check that is no GET/)
})

test('another link, a revoked agent and a link that is gone are cut at once', async (t) => {
  const setup = await setUp({ agents: 2 })
  t.after(() => stop(setup))
  const { network, hub, origin } = setup
  const allow = [{ host: '127.0.0.1', port, pathPrefix: '/' }]
  hub.useDocument({
    revision: 2,
    links: [{ ...linkOf(allow), revokedAgents: ['serial-agent0'] }, linkOf(allow, 'link2')],
  })
  await network.pass(100)
  assert.deepEqual(
    hub.figures().map(({ agentId }) => agentId),
    ['agent1'],
  )
  const address = { host: '127.0.0.1', port, tls: undefined }
  const foreign = new Call(hub.origin({ vpcLinkId: 'link2', address, stage: STAGE }))
  const own = new Call(origin)
  await network.until(() => foreign.over && own.over)
  assert.deepEqual([foreign.error?.kind, own.status], ['no-agent', 200])
  hub.useDocument({ revision: 3, links: [] })
  await network.pass(100)
  assert.equal(hub.figures().length, 0)
  const gone = new Call(origin)
  await network.until(() => gone.over)
  assert.equal(gone.error?.kind, 'no-agent')
})

test('the agent with the least to do gets the request', async (t) => {
  const setup = await setUp({ agents: 3 })
  t.after(() => stop(setup))
  const { network, hub, origin } = setup
  const calls = Array.from({ length: 9 }, () => new Call(origin, { path: '/hold' }))
  await network.until(() => held.length === 9)
  assert.deepEqual(
    hub.figures().map(({ streamsOpen }) => streamsOpen),
    [3, 3, 3],
  )
  for (const response of held.splice(0)) response.end('late')
  await network.until(() => calls.every(({ over }) => over))
  assert.ok(calls.every(({ body }) => body === 'late'))
})

test('a black hole is found within five seconds, and what can be repeated is', async (t) => {
  const setup = await setUp({ agents: 2 })
  t.after(() => stop(setup))
  const { network, origin, hub } = setup
  const [first] = network.pairs
  for (const end of first!) end.blackHole = true
  const before = network.clock.ms
  const calls = Array.from({ length: 4 }, () => new Call(origin))
  const posts = Array.from({ length: 4 }, () => new Call(origin, { method: 'POST' }))
  await network.until(() => [...calls, ...posts].every(({ over }) => over), 6_000)
  assert.ok(network.clock.ms - before <= 5_000, `${network.clock.ms - before} ms`)
  assert.deepEqual(
    calls.map(({ status }) => status),
    [200, 200, 200, 200],
  )
  // Nobody knows whether the target has acted on these.
  assert.deepEqual(posts.map(({ status, error }) => error?.kind ?? status).toSorted(), [
    200,
    200,
    'closed',
    'closed',
  ])
  // And the agent is back.
  await network.until(() => hub.figures().length === 2)
})

test('an agent that leaves loses nothing: open requests end, new ones go elsewhere', async (t) => {
  const setup = await setUp({ agents: 2 })
  t.after(() => stop(setup))
  const { network, origin, agents, hub } = setup
  const calls = Array.from(
    { length: 10 },
    () => new Call(origin, { method: 'POST', path: '/hold' }),
  )
  await network.until(() => held.length === 10)
  let left = false
  const leaving = agents[0]!.drain(60_000).then(() => {
    left = true
  })
  // These cross the GOAWAY on the wire.
  calls.push(...Array.from({ length: 10 }, () => new Call(origin, { method: 'POST' })))
  await network.pass(300)
  calls.push(...Array.from({ length: 10 }, () => new Call(origin, { method: 'POST' })))
  await network.pass(300)
  assert.equal(left, false)
  assert.equal(hub.figures().filter(({ draining }) => draining).length, 1)
  for (const response of held.splice(0)) response.end('done')
  await network.until(() => calls.every(({ over }) => over) && left)
  await leaving
  assert.deepEqual(
    new Set(calls.map(({ status, error }) => error?.detail ?? status)),
    new Set([200]),
  )
  assert.equal(hub.figures().length, 1)
})

test('a gateway that leaves loses nothing either, and its agent finds the other', async (t) => {
  const network = new FakeNetwork()
  const hubs = ['a', 'b'].map((gatewayId) => hubOn(network, { gatewayId }))
  for (const hub of hubs) {
    hub.useDocument({
      revision: 1,
      links: [linkOf([{ host: '127.0.0.1', port, pathPrefix: '/' }])],
    })
  }
  const identity = identityOf(LINK_ID, 'agent0', network.clock.epochMs())
  const agent = agentOn(network, [hubs[0]!], { agentId: 'agent0', identity })
  const second = agentOn(network, [hubs[1]!], { agentId: 'agent1', identity, seed: 2 })
  t.after(() => {
    agent.close()
    second.close()
  })
  await network.until(() => hubs.every((hub) => hub.figures().length === 1))
  const calls = Array.from({ length: 5 }, () => new Call(originOf(hubs[0]!), { path: '/hold' }))
  await network.until(() => held.length === 5)
  let drained = false
  void hubs[0]!.drain(60_000).then(() => {
    drained = true
  })
  await network.pass(500)
  assert.equal(drained, false)
  for (const response of held.splice(0)) response.end('done')
  await network.until(() => calls.every(({ over }) => over) && drained)
  assert.deepEqual(new Set(calls.map(({ status }) => status)), new Set([200]))
})

test('an agent has one connection to each worker, whichever of them answers its dials', async (t) => {
  const network = new FakeNetwork()
  const hubs = [0, 1, 2, 3].map((worker) => hubOn(network, { worker, workers: 4 }))
  for (const hub of hubs) hub.useDocument({ revision: 1, links: [linkOf([])] })
  const identity = identityOf(LINK_ID, 'agent0', network.clock.epochMs())
  const agent = agentOn(network, hubs, { agentId: 'agent0', identity, seed: 7 })
  t.after(() => agent.close())
  await network.until(() => hubs.every((hub) => hub.figures().length === 1))
  await network.pass(200)
  assert.equal(agent.connections, 4)
  // One dies: it alone comes back.
  hubs[2]!.useDocument({ revision: 2, links: [] })
  await network.pass(20)
  hubs[2]!.useDocument({ revision: 3, links: [linkOf([])] })
  await network.until(() => hubs.every((hub) => hub.figures().length === 1))
})

test('a request waits for an agent that was here a moment ago, and not for one that never was', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, hub, origin } = setup
  network.pairs[0]![0].destroy()
  await network.pass(10)
  const waits = new Call(origin)
  await network.pass(20)
  assert.equal(waits.over, false)
  await network.until(() => waits.over)
  assert.equal(waits.status, 200)
  network.down = true
  network.pairs.at(-1)![0].destroy()
  await network.pass(10)
  const inVain = new Call(origin)
  await network.until(() => inVain.over, 4_000)
  assert.equal(inVain.error?.kind, 'no-agent')
  hub.useDocument({ revision: 2, links: [linkOf([], 'link9')] })
  const address = { host: 'h', port: 1, tls: undefined }
  const never = new Call(hub.origin({ vpcLinkId: 'link8', address, stage: STAGE }))
  await network.pass(5)
  assert.equal(never.error?.kind, 'no-agent')
})

test('ten thousand requests are under way on one connection', async (t) => {
  const setup = await setUp({ limits: linkLimits({ connections: 200, waiting: 20_000 }) })
  t.after(() => stop(setup))
  const { network, hub, origin } = setup
  const calls = Array.from({ length: 10_000 }, () => new Call(origin, { path: '/x' }))
  assert.equal(hub.figures()[0]!.streamsOpen, 10_000)
  const beyond = new Call(origin)
  await network.until(() => calls.every(({ over }) => over) && beyond.over, 60_000)
  const failed = calls.filter(({ status }) => status !== 200)
  assert.equal(failed.length, 0, failed[0]?.error?.detail)
  assert.equal(beyond.status, 200)
})

test('a stream that is not read stalls itself and no other', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, origin, hub } = setup
  const slow = Array.from(
    { length: 3 },
    () => new Call(origin, { path: '/large=8000000', slow: true }),
  )
  await network.pass(200)
  const quick = Array.from({ length: 20 }, () => new Call(origin, { path: '/large=400000' }))
  await network.until(() => quick.every(({ over }) => over))
  assert.ok(quick.every(({ bytes }) => bytes === 400_000))
  const [figures] = hub.figures()
  assert.ok(figures!.bytesReceived < 3 * 400_000 + 20 * 410_000, `${figures!.bytesReceived}`)
  for (const call of slow) call.exchange.resumeResponse()
  await network.until(() => slow.every(({ over }) => over))
  assert.ok(slow.every(({ bytes }) => bytes === 8_000_000))
})

test('an answer that nobody wants any more ends at the target, too', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, origin, hub } = setup
  const call = new Call(origin, { path: '/hold' })
  await network.until(() => held.length === 1)
  let closed = false
  held.splice(0)[0]!.on('close', () => {
    closed = true
  })
  call.exchange.abort()
  await network.until(() => closed)
  assert.equal(call.over, false)
  assert.equal(hub.figures()[0]!.streamsOpen, 0)
})

test('no answer in time is an error of its own', async (t) => {
  const setup = await setUp()
  t.after(() => stop(setup))
  const { network, origin } = setup
  const call = new Call(origin, { path: '/hold', timeoutMs: 500 })
  await network.until(() => call.over, 1_000)
  assert.equal(call.error?.kind, 'response-timeout')
  held.splice(0)
})
