/**
 * Test 33, the stages of overload: reached in order, each doing what it says, and left again; and tests 28 to 30 once more
 * while the worker sheds. Sending the answer of the overload is itself safe (CVE-2024-53270 was not).
 */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connectClient } from '../harness/client.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { startIssuer } from '../harness/issuer.ts'
import { ok, startEcho, startOrigin } from '../harness/origin.ts'
import { startServer } from '../harness/server.ts'

const CALM = 0.1
const STAGE_1 = 0.86
const STAGE_2 = 0.93
const STAGE_3 = 0.98
/** Looks after which stage 2 refuses everything, and after which a stage is left. */
const MANY = 12

async function start(t: TestContext, more: object = {}): Promise<TestGateway> {
  const origin = await startEcho(t)
  return startGateway(t, { routes: { $default: origin.url }, ...more })
}

test('33 stages are reached in order, and recovered from in order', async (t) => {
  const gateway = await start(t)
  const kept = await gateway.client()
  assert.equal((await kept.get('/')).get('connection'), undefined)
  gateway.press(STAGE_1)
  gateway.press(STAGE_2)
  gateway.press(STAGE_3)
  gateway.press(CALM, 40)
  assert.deepEqual(
    gateway.overloads.map(({ before, stage, resource }) => [before, stage, resource]),
    [
      [0, 1, 'memory'],
      [1, 2, 'memory'],
      [2, 3, 'memory'],
      [3, 2, 'memory'],
      [2, 1, 'memory'],
      [1, 0, 'memory'],
    ],
  )
  const fresh = await gateway.client()
  for (let i = 0; i < 3; i++) assert.equal((await fresh.get('/')).status, 200)
})

test('33 stage 1: connections end with their next answer, idle ones at once', async (t) => {
  const gateway = await start(t)
  const idle = await gateway.client()
  await idle.get('/')
  gateway.press(STAGE_1)
  assert.equal(await idle.closed(), '')
  const later = await gateway.client()
  const answer = await later.get('/')
  assert.deepEqual([answer.status, answer.get('connection')], [200, 'close'])
  assert.equal(await later.closed(), '')
})

test('33 stage 2: 503 with Retry-After, before the token is looked at, readable for a browser', async (t) => {
  const issuer = await startIssuer(t)
  const cors = { allowOrigins: ['https://app.test'] }
  const gateway = await start(t, { jwt: issuer.authorizer, cors })
  gateway.press(STAGE_2, MANY)
  const answer = await gateway.get(
    '/',
    'Authorization: Bearer nonsense',
    'Origin: https://app.test',
  )
  assert.equal(answer.status, 503)
  assert.equal(answer.text, '{"message":"Service Unavailable"}')
  assert.match(answer.get('retry-after') ?? '', /^[1-9]$/)
  assert.equal(answer.get('access-control-allow-origin'), 'https://app.test')
  assert.deepEqual(issuer.asked, [])
  const { reasonCode, step, rule, seen } = gateway.explain(answer)
  assert.deepEqual([reasonCode, step], ['OVERLOADED', 'overload'])
  assert.match(rule ?? '', /stage 2 of 3/)
  assert.match(seen ?? '', /^memory: /)
})

test('33 stage 2 begins with a share of the calls', async (t) => {
  const gateway = await start(t)
  gateway.press(STAGE_2)
  const statuses: number[] = []
  for (let i = 0; i < 20; i++) statuses.push((await gateway.get('/')).status)
  assert.deepEqual(
    [200, 503].map((status) => statuses.filter((each) => each === status).length),
    [10, 10],
  )
})

test('33 stage 3: nobody new is let in, who is there is told', async (t) => {
  const gateway = await start(t)
  const there = await gateway.client()
  there.send('GET / HTTP/1.1\r\n')
  await there.flush('Host: a\r\n')
  await pause(50)
  gateway.press(STAGE_3)
  const late = await gateway.client().catch(() => undefined)
  if (late !== undefined)
    assert.equal(await late.get('/').catch(() => 'nobody answered'), 'nobody answered')
  assert.equal((await there.send('\r\n').response()).status, 503)
  gateway.press(CALM, 40)
  assert.equal((await gateway.get('/')).status, 200)
})

test('33 calls under way have a bound of their own, kept between two looks', async (t) => {
  const origin = await startOrigin(t)
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    limits: { overloadRequests: 2 },
  })
  const waiting = [await gateway.client(), await gateway.client()]
  for (const client of waiting) {
    client.ask('GET', '/')
  }
  const connections = [await origin.accepted(0), await origin.accepted(1)]
  for (const connection of connections) await connection.request()
  const refused = await gateway.get('/')
  assert.equal(refused.status, 503)
  assert.match(gateway.explain(refused).seen ?? '', /^requests: 3 of 2$/)
  for (const connection of connections) connection.send(ok('fine'))
  for (const client of waiting) assert.equal((await client.response()).status, 200)
})

test('33 an origin has a cap: as many calls wait, the next is refused at once', async (t) => {
  const origin = await startOrigin(t)
  const place = new URL(origin.url).host
  const gateway = await startGateway(t, {
    routes: { $default: origin.url },
    originCaps: { [place]: 1 },
  })
  const first = (await gateway.client()).ask('GET', '/1')
  const connection = await origin.accepted()
  assert.equal((await connection.request()).target, '/1')
  const second = (await gateway.client()).ask('GET', '/2')
  await pause(20)
  const third = await gateway.get('/3')
  assert.equal(third.status, 503)
  const { reasonCode, step, passes } = gateway.explain(third)
  assert.deepEqual([reasonCode, step], ['OVERLOADED', 'integrate'])
  assert.match(passes ?? '', /^one of 1 connections/)
  connection.send(ok('one'))
  assert.equal((await first.response()).text, 'one')
  assert.equal((await connection.request()).target, '/2')
  connection.send(ok('two'))
  assert.equal((await second.response()).text, 'two')
})

test('33 a client that is gone when it would be refused costs nothing', async (t) => {
  const gateway = await start(t)
  gateway.press(STAGE_2, MANY)
  for (let i = 0; i < 100; i++) {
    const client = await gateway.client()
    await client.flush('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab')
    client.reset()
  }
  const flood = await gateway.client()
  flood.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100))
  flood.reset()
  assert.equal((await gateway.get('/')).status, 503)
})

test('28 while it sheds: slow heads end in 408, slow readers are let go, others hear 503', async (t) => {
  const clock = new TestClock()
  const gateway = await start(t, { clock })
  gateway.press(STAGE_2, MANY)
  const slow = await Promise.all(Array.from({ length: 50 }, () => gateway.client()))
  await Promise.all(slow.map((client) => client.flush('GET / HTTP/1.1\r\n')))
  assert.equal((await gateway.get('/')).status, 503)
  clock.advance(11_000)
  for (const client of slow) assert.equal((await client.response()).status, 408)
})

test('29, 30 while it sheds: a large body is not read, whatever its coding', async (t) => {
  const gateway = await start(t)
  gateway.press(STAGE_2, MANY)
  for (const fields of [
    'Content-Length: 10485760',
    'Transfer-Encoding: chunked\r\nContent-Encoding: gzip',
  ]) {
    const client = await gateway.client()
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`)
    const answer = await client.response('POST')
    assert.deepEqual([answer.status, answer.get('connection')], [503, 'close'])
  }
})

test('33 a flood of calls that are shed leaves turns for others', async (t) => {
  const gateway = await start(t)
  gateway.press(STAGE_2, MANY)
  const flood = await Promise.all(Array.from({ length: 20 }, () => gateway.client()))
  const turns = countTurns()
  // Each is told to go after its first answer: nobody is served on who does not listen.
  for (const client of flood) client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(500))
  for (const client of flood) assert.equal((await client.response()).status, 503)
  assert.ok(turns() > 2)
})

function countTurns(): () => number {
  let turns = 0
  let running = true
  const count = (): void => {
    turns++
    if (running) setImmediate(count)
  }
  setImmediate(count)
  return () => {
    running = false
    return turns
  }
}

test('33 a whole Postern: calls beyond the bound are 503, the control port answers, all is well again', async (t) => {
  const origin = await startOrigin(t)
  const definition = JSON.stringify(oneRoute(origin.url))
  const { port, endpoint } = await startWith(t, definition, '--limit', 'overloadRequests=4')
  const held = await Promise.all(Array.from({ length: 4 }, () => connectClient(t, port)))
  const connections = []
  for (const [i, client] of held.entries()) {
    client.ask('GET', '/')
    const connection = await origin.accepted(i)
    await connection.request()
    connections.push(connection)
  }
  for (let i = 0; i < 20; i++) {
    const refused = await (await connectClient(t, port)).get('/')
    assert.deepEqual([refused.status, refused.get('retry-after') !== undefined], [503, true])
    const begun = performance.now()
    const health = await fetch(new URL('/healthz', endpoint.url))
    assert.equal(health.status, 200)
    await health.arrayBuffer()
    assert.ok(performance.now() - begun < 2_000, 'the control port answers in time')
  }
  assert.match(
    await metricsAfter(endpoint.url, /postern_overload_stage\{[^}]*\} 2/),
    /refusals_total\{[^}]*\} [1-9]/,
  )
  for (const connection of connections) connection.send(ok('fine'))
  for (const client of held) assert.equal((await client.response()).status, 200)
  await metricsAfter(endpoint.url, /postern_overload_stage\{[^}]*\} 0/)
})

/** The figures as soon as they say that. */
async function metricsAfter(url: string, pattern: RegExp): Promise<string> {
  for (let i = 0; i < 150; i++) {
    const text = await (await fetch(new URL('/metrics', url))).text()
    if (pattern.test(text)) return text
    await pause(100)
  }
  return assert.fail(`the figures never say ${pattern}`)
}

function oneRoute(uri: string): object {
  const integration = { type: 'http_proxy', httpMethod: 'GET', payloadFormatVersion: '1.0', uri }
  return {
    openapi: '3.0.1',
    info: { title: 'one', version: '1' },
    paths: { '/': { get: { responses: {}, 'x-amazon-apigateway-integration': integration } } },
  }
}

async function startWith(t: TestContext, definition: string, ...flags: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-overload-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'api.json'), definition)
  return startServer(t, folder, 'api.json', '--workers', '1', ...flags)
}
