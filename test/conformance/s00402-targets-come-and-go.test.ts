/** Targets that die, drain, start slowly, or have enough to do. */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { TargetGroup } from '../../src/domain/target-group.ts'
import {
  CHECK,
  documentOf,
  groupOf,
  NO_DETECTION,
  THROUGH_LISTENER,
  targetAt,
  UNCHECKED,
  untilStates,
} from '../harness/balancing.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { type Echo, type Origin, ok, startEcho, startOrigin } from '../harness/origin.ts'

const ROUTES = { routes: { $default: THROUGH_LISTENER } }

async function balanced(t: TestContext, group: TargetGroup): Promise<TestGateway> {
  return startGateway(t, { ...ROUTES, balancing: documentOf([group]) })
}

/** The same group with other targets. */
function change(gateway: TestGateway, group: TargetGroup, revision: number): void {
  gateway.balancing = documentOf([group], undefined, revision)
  gateway.apply(ROUTES)
}

async function askMany(gateway: TestGateway, times: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const client = await gateway.client()
  for (let i = 0; i < times; i++) {
    const { origin } = (await client.get('/')).json as Echo
    counts.set(origin, (counts.get(origin) ?? 0) + 1)
  }
  return counts
}

test('s00402 a target is killed under load: no request is lost', async (t) => {
  const origins = await Promise.all(['a', 'b', 'c'].map((name) => startEcho(t, name)))
  const [victim] = origins as [Origin, Origin, Origin]
  const group = groupOf(
    'three',
    origins.map(({ port }) => port),
    {
      outlierDetection: { ...NO_DETECTION, consecutive5xx: 3 },
      healthCheck: { ...CHECK, intervalMs: 1_000 },
    },
  )
  const gateway = await balanced(t, group)
  await untilStates(gateway, group, ['healthy', 'healthy', 'healthy'])
  let killed = false
  let behind = 0
  const ask = async () => {
    const client = await gateway.client()
    while (behind < 300) {
      // A POST that reaches a dead target is saved too: it has reached nobody.
      const answer =
        killed && behind % 3 === 0 ? await client.call('POST', '/', [], 'x') : await client.get('/')
      assert.equal(answer.status, 200, answer.text)
      if (killed) behind++
    }
  }
  const clients = Array.from({ length: 4 }, ask)
  await new Promise((resolve) => setTimeout(resolve, 100))
  // No POST is under way while it dies: one of those could not be saved.
  await victim.close()
  killed = true
  await Promise.all(clients)
  const figures = gateway.targets.figures().get(group.arn)!
  assert(figures.retries > 0, 'somebody was saved')
  assert.equal(figures.ejections, 1)
  await untilStates(gateway, group, ['unhealthy', 'healthy', 'healthy'])
  assert.equal(gateway.targets.healthOf(group.arn)![0]!.reason, 'Target.FailedHealthChecks')
})

test('s00402 a draining target gets nothing new and ends what it has', async (t) => {
  const slow = await startOrigin(t)
  const other = await startEcho(t, 'other')
  const group = groupOf('pair', [slow.port], { healthCheck: UNCHECKED })
  const gateway = await balanced(t, group)
  const held = (await gateway.client()).ask('GET', '/held')
  const connection = await slow.accepted()
  await connection.request()
  const draining = {
    ...group,
    targets: [targetAt(slow.port, { draining: true }), targetAt(other.port)],
  }
  change(gateway, draining, 2)
  assert.deepEqual([...(await askMany(gateway, 10))], [['other', 10]])
  change(gateway, { ...group, targets: [targetAt(other.port)] }, 3)
  connection.send(ok('whole'))
  assert.equal((await held.response()).text, 'whole')
  assert.equal(slow.connections.length, 1)
})

test('s00402 requests that a draining target does not end in its time are ended', async (t) => {
  const slow = await startOrigin(t)
  const group = groupOf('one', [slow.port], { healthCheck: UNCHECKED, deregistrationDelayMs: 200 })
  const gateway = await balanced(t, group)
  const held = (await gateway.client()).ask('GET', '/held')
  await (await slow.accepted()).request()
  change(gateway, { ...group, targets: [targetAt(slow.port, { draining: true })] }, 2)
  const answer = await held.response()
  assert.equal(answer.status, 503)
  const told = gateway.explain(answer)
  assert.match(told.detail ?? '', /deregistration/)
  assert.match(told.hop ?? '', /^target 127\.0\.0\.1:\d+ of targetgroup\/one\/\w+ by /)
})

test('s00402 a new target starts slowly', async (t) => {
  const clock = new TestClock()
  const [old, fresh] = await Promise.all([startEcho(t, 'old'), startEcho(t, 'fresh')])
  const group = groupOf('pair', [old.port], {
    slowStartMs: 30_000,
    healthCheck: { ...CHECK, intervalMs: 50 },
  })
  const gateway = await startGateway(t, { ...ROUTES, balancing: documentOf([group]), clock })
  await untilStates(gateway, group, ['healthy'])
  const both = { ...group, targets: [targetAt(old.port), targetAt(fresh.port)] }
  change(gateway, both, 2)
  await untilStates(gateway, both, ['healthy', 'healthy'])
  const shareAfter = async (ms: number) => {
    clock.advance(ms)
    await new Promise((resolve) => setTimeout(resolve, 60))
    return (await askMany(gateway, 100)).get('fresh') ?? 0
  }
  const shares = [await shareAfter(3_000), await shareAfter(12_000), await shareAfter(16_000)]
  assert(shares[0]! > 5 && shares[0]! < 14, `a tenth of the weight: ${shares}`)
  assert(shares[1]! > 28 && shares[1]! < 38, `half of the weight: ${shares}`)
  assert.equal(shares[2], 50)
})

test('s00402 a client stays with its target, and goes elsewhere when that is gone', async (t) => {
  const origins = await Promise.all(['a', 'b', 'c'].map((name) => startEcho(t, name)))
  const group = groupOf(
    'sticky',
    origins.map(({ port }) => port),
    {
      healthCheck: UNCHECKED,
      stickiness: { cookieName: 'AWSALB', durationMs: 60_000, generated: true },
    },
  )
  const gateway = await balanced(t, group)
  const client = await gateway.client()
  const first = await client.get('/')
  const cookies = first.fields.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
  assert.match(cookies[0]!, /^AWSALB=[\w-]{22}; Max-Age=60; Path=\/$/)
  assert.match(cookies[1]!, /^AWSALBCORS=[\w-]{22}; .*SameSite=None; Secure$/)
  const { origin } = first.json as Echo
  const cookie = `Cookie: ${cookies[0]!.split(';')[0]}`
  for (let i = 0; i < 10; i++)
    assert.equal(((await client.get('/', cookie)).json as Echo).origin, origin)
  assert.doesNotMatch(cookies.join(), /127|\d{5}/, 'no address is told')
  const left = origins.filter((_, i) => ['a', 'b', 'c'][i] !== origin)
  change(gateway, { ...group, targets: left.map(({ port }) => targetAt(port)) }, 2)
  const moved = await client.get('/', cookie)
  assert.notEqual((moved.json as Echo).origin, origin)
  assert.notEqual(moved.get('set-cookie')?.split(';')[0], cookies[0]!.split(';')[0])
})

test('s00402 a cookie of the application keeps the client as well', async (t) => {
  const answers = ['a', 'b'].map((name) =>
    startOrigin(t, async (connection) => {
      while (await connection.stream.more()) {
        await connection.request()
        connection.send(ok(name, 'Set-Cookie: SID=1; Path=/'))
      }
    }),
  )
  const origins = await Promise.all(answers)
  const group = groupOf(
    'app',
    origins.map(({ port }) => port),
    {
      healthCheck: UNCHECKED,
      stickiness: { cookieName: 'SID', durationMs: 60_000, generated: false },
    },
  )
  const gateway = await balanced(t, group)
  const client = await gateway.client()
  const first = await client.get('/')
  const pairs = first.fields
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .map(([, value]) => value.split(';')[0])
  const [app, own] = pairs
  assert.equal(app, 'SID=1')
  assert.match(own ?? '', /^AWSALBAPP-0=/)
  for (let i = 0; i < 6; i++) {
    assert.equal((await client.get('/', `Cookie: ${pairs.join('; ')}`)).text, first.text)
  }
  const others = await Promise.all(
    Array.from({ length: 4 }, () => client.get('/', `Cookie: ${own}`)),
  )
  assert.equal(
    new Set(others.map(({ text }) => text)).size,
    2,
    'without its own cookie it does not stay',
  )
})

test('s00402 so few are well that all are used', async (t) => {
  const [well, sick] = await Promise.all([startEcho(t, 'well'), startServer(t, 500)])
  const http = { ...CHECK, protocol: 'HTTP', path: '/health', intervalMs: 50 } as const
  const calm = groupOf('calm', [well.port, sick], { healthCheck: http, panicThreshold: 0.5 })
  const gateway = await balanced(t, calm)
  await untilStates(gateway, calm, ['healthy', 'unhealthy'])
  assert.deepEqual(gateway.targets.healthOf(calm.arn)![1], {
    ...{ host: '127.0.0.1', port: sick, state: 'unhealthy', ejected: false },
    ...{ reason: 'Target.ResponseCodeMismatch', seenStatus: 500 },
  })
  assert.deepEqual([...(await askMany(gateway, 6))], [['well', 6]])
  change(gateway, { ...calm, panicThreshold: 0.6 }, 2)
  const client = await gateway.client()
  const statuses = [await client.get('/'), await client.get('/')].map(({ status }) => status)
  assert.deepEqual(statuses.sort(), [200, 500])
})

test('s00402 a target has as many calls as it may; one more is refused', async (t) => {
  const origin = await startOrigin(t)
  const group = groupOf('capped', [origin.port], {
    healthCheck: UNCHECKED,
    targetConcurrencyMax: 2,
  })
  const gateway = await balanced(t, group)
  const held = [
    (await gateway.client()).ask('GET', '/1'),
    (await gateway.client()).ask('GET', '/2'),
  ]
  const connections = [await origin.accepted(0), await origin.accepted(1)]
  for (const connection of connections) await connection.request()
  const refused = await gateway.get('/3')
  assert.equal(refused.status, 503)
  assert.equal(gateway.explain(refused).reasonCode, 'TARGETS_BUSY')
  for (const connection of connections) connection.send(ok('done'))
  for (const client of held) assert.equal((await client.response()).text, 'done')
  assert.equal(gateway.targets.figures().get(group.arn)!.inFlight, 0)
})

test('s00402 who fails its callers is left out, and comes back by one good call', async (t) => {
  const clock = new TestClock()
  let sick = true
  const failing = await startServer(t, () => (sick ? 500 : 200))
  const well = await startEcho(t, 'well')
  const group = groupOf('pair', [failing, well.port], {
    healthCheck: UNCHECKED,
    outlierDetection: { ...NO_DETECTION, consecutive5xx: 2, baseEjectionMs: 10_000 },
  })
  const gateway = await startGateway(t, { ...ROUTES, balancing: documentOf([group]), clock })
  const client = await gateway.client()
  const statusesOf = async (count: number) => {
    const statuses: number[] = []
    for (let i = 0; i < count; i++) statuses.push((await client.get('/')).status)
    return statuses.filter((status) => status === 500).length
  }
  assert.equal(await statusesOf(20), 2, 'two failures are enough')
  assert.equal(gateway.targets.healthOf(group.arn)![0]!.ejected, true)
  const forMs = async (ms: number) => {
    clock.advance(ms)
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  await forMs(10_200)
  assert.equal(await statusesOf(20), 1, 'on trial, one failure is enough')
  await forMs(10_200)
  assert.equal(await statusesOf(20), 0, 'the second time is longer')
  sick = false
  await forMs(10_200)
  assert.equal(await statusesOf(20), 0)
  assert.equal(gateway.targets.healthOf(group.arn)![0]!.ejected, false)
  assert.equal(gateway.targets.figures().get(group.arn)!.ejections, 2)
  const figures = gateway.targets.figures().get(group.arn)!
  assert(figures.status2xx >= 28, 'it takes its share again')
})

test('s00402 what was begun is not sent twice', async (t) => {
  const breaking = await startOrigin(t, async (connection) => {
    if (!(await connection.stream.more())) return
    await connection.request()
    connection.socket.destroy()
  })
  const well = await startEcho(t, 'well')
  const group = groupOf('pair', [breaking.port, well.port], { healthCheck: UNCHECKED })
  const gateway = await balanced(t, group)
  const client = await gateway.client()
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await client.call('POST', '/', [], 'once')).status)
  assert.deepEqual(statuses.sort(), [200, 200, 503, 503], 'a POST is not repeated')
  for (let i = 0; i < 4; i++) assert.equal((await client.get('/')).status, 200)
  change(gateway, { ...group, retryBudget: 0 }, 2)
  const more = [await client.get('/'), await client.get('/')].map(({ status }) => status)
  assert.deepEqual(more.sort(), [200, 503], 'without a budget nothing is repeated')
})

/** A server that answers with these statuses; its port. */
async function startServer(t: TestContext, status: number | (() => number)): Promise<number> {
  const server = createServer((_, response) => {
    response.writeHead(typeof status === 'number' ? status : status())
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
