import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { type TestContext, test } from 'node:test'
import type { Exchange, ExchangeHandler } from '../exchange.ts'
import { ask, connectTo, open } from './h2-client.fake.ts'
import { ALLOWANCES, CONCURRENT_STREAMS_MAX } from './h2-limits.ts'
import type { HttpServerLimits } from './server-context.ts'
import { startFakeTlsServer } from './tls-server.fake.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = http2.constants

async function start(
  t: TestContext,
  handle: ExchangeHandler = (exchange) => exchange.respond(200, '', undefined),
  limits: Partial<HttpServerLimits> = {},
) {
  const server = await startFakeTlsServer({ handle, limits })
  const session = connectTo(server.port)
  t.after(() => {
    session.destroy()
    server.close()
  })
  await once(session, 'remoteSettings')
  return { server, session }
}

/** Code of the GOAWAY that ends a session. */
function farewell(session: http2.ClientHttp2Session): Promise<number> {
  let code = -1
  session.on('goaway', (received) => {
    code = received
  })
  return new Promise((resolve) => session.on('close', () => resolve(code)))
}

/** Handler that leaves requests open, and the next of them. */
function held() {
  const waiting: Exchange[] = []
  const wanted: ((exchange: Exchange) => void)[] = []
  return {
    handle: (exchange: Exchange) => {
      const first = wanted.shift()
      if (first === undefined) waiting.push(exchange)
      else first(exchange)
    },
    next: (): Promise<Exchange> => {
      const first = waiting.shift()
      if (first !== undefined) return Promise.resolve(first)
      return new Promise((resolve) => wanted.push(resolve))
    },
  }
}

test('the settings say what is allowed', async (t) => {
  const { session } = await start(t)
  const { remoteSettings } = session
  assert.equal(remoteSettings.maxConcurrentStreams, CONCURRENT_STREAMS_MAX)
  assert.equal(remoteSettings.enablePush, false)
  assert.equal(remoteSettings.enableConnectProtocol, false)
  assert.equal(remoteSettings.maxHeaderListSize, 20_480)
  assert.equal(remoteSettings.maxFrameSize, 16_384)
  assert.equal(remoteSettings.headerTableSize, 4_096)
})

test('connections and requests are counted', async (t) => {
  const { session, server } = await start(t)
  await ask(session)
  await ask(session)
  const { stats, connections } = server.context
  assert.deepEqual([stats.connectionsAccepted, stats.connectionsOpen, stats.requests], [1, 1, 2])
  assert.equal(connections.size, 1)
  session.close()
  await once(session, 'close')
  while (stats.connectionsOpen > 0) await new Promise(setImmediate)
  assert.equal(connections.size, 0)
})

test('a refused request is answered, counted, and leaves the connection', async (t) => {
  const { session, server } = await start(t)
  const answer = await ask(session, { ':path': '/', 'x-large': 'a'.repeat(11_000) })
  assert.equal(answer.status, 431)
  assert.match(answer.body.toString(), /^head-too-large/)
  assert.equal((await ask(session)).status, 200)
  assert.equal(server.context.stats.refused.get('head-too-large'), 1)
  assert.equal(server.exchanges.length, 1)
})

test('a client that stays idle is asked to go', async (t) => {
  const { session, server } = await start(t)
  await ask(session)
  const code = farewell(session)
  server.pass(74_000)
  assert.equal(server.context.connections.size, 1)
  assert.equal(session.closed, false)
  server.pass(2_000)
  assert.equal(await code, NGHTTP2_NO_ERROR)
})

test('a client that never asks is sent away after the head timeout', async (t) => {
  const { session, server } = await start(t)
  const code = farewell(session)
  server.pass(11_000)
  assert.equal(await code, NGHTTP2_NO_ERROR)
})

test('a request that takes long is no idle connection', async (t) => {
  const { handle, next } = held()
  const { session, server } = await start(t, handle)
  const { answer } = open(session, {}, true)
  const exchange = await next()
  server.pass(600_000)
  exchange.respond(200, '', undefined)
  assert.equal((await answer).status, 200)
})

test('a drain lets what is in flight end and takes nothing new', async (t) => {
  const { handle, next } = held()
  const { session, server } = await start(t, handle)
  const { answer } = open(session, {}, true)
  const exchange = await next()
  const code = farewell(session)
  const drained = server.listener.drain()
  await once(session, 'goaway')
  assert.equal((await ask(session, { ':path': '/late' })).status, 0)
  exchange.respond(200, '', Buffer.from('in time'))
  assert.equal((await answer).body.toString(), 'in time')
  assert.equal(await code, NGHTTP2_NO_ERROR)
  await drained
})

test('a worker with too much to do answers, and says goodbye', async (t) => {
  const { handle, next } = held()
  const { session, server } = await start(t, handle)
  server.context.sparing = true
  const early = open(session, {}, true)
  const code = farewell(session)
  const exchange = await next()
  await once(session, 'goaway')
  exchange.respond(200, '', Buffer.from('still served'))
  assert.equal((await early.answer).body.toString(), 'still served')
  assert.equal(await code, NGHTTP2_NO_ERROR)
})

test('who has not asked yet is not spared, who has is', async (t) => {
  const { session, server } = await start(t)
  server.listener.spare(10)
  assert.equal((await ask(session)).status, 200)
  const code = farewell(session)
  // Once around ends the round, the next begins anew.
  server.listener.spare(10)
  server.listener.spare(10)
  assert.equal(await code, NGHTTP2_NO_ERROR)
})

test('a drain ends idle connections at once', async (t) => {
  const { session, server } = await start(t)
  await ask(session)
  const code = farewell(session)
  await server.listener.drain()
  assert.equal(await code, NGHTTP2_NO_ERROR)
})

test('destroy breaks what is open', async (t) => {
  const { handle, next } = held()
  const { session, server } = await start(t, handle)
  const { answer } = open(session, {}, true)
  const exchange = await next()
  const gone = new Promise((resolve) => {
    exchange.listener = { onDrain: () => {}, onClientGone: resolve }
  })
  server.listener.destroy()
  assert.equal((await answer).status, 0)
  await gone
})

test('clients that reset what they ask for are calmed', async (t) => {
  const { handle } = held()
  const { session } = await start(t, handle)
  const code = farewell(session)
  for (let i = 0; i <= ALLOWANCES.reset.burst && !session.destroyed; i++) {
    const { stream, answer } = open(session, {}, true)
    stream.close(8)
    await answer
  }
  assert.equal(await code, NGHTTP2_ENHANCE_YOUR_CALM)
})

test('resets at a rate that people reach are nothing', async (t) => {
  const { handle } = held()
  const { session, server } = await start(t, handle)
  for (let i = 0; i < ALLOWANCES.reset.burst * 2; i++) {
    const { stream, answer } = open(session, {}, true)
    stream.close(8)
    await answer
    if (i % ALLOWANCES.reset.perSecond === 0) server.pass(1_100)
  }
  assert.equal(session.destroyed, false)
})

test('requests that are answered are never counted as resets', async (t) => {
  const { session } = await start(t)
  for (let i = 0; i < ALLOWANCES.reset.burst + 10; i++) {
    assert.equal((await ask(session)).status, 200)
  }
  assert.equal(session.destroyed, false)
})

test('pings without end are calmed', async (t) => {
  const { session } = await start(t)
  const code = farewell(session)
  for (let i = 0; i <= ALLOWANCES.ping.burst && !session.destroyed; i++) {
    await new Promise<void>((resolve) => session.ping(() => resolve()))
  }
  assert.equal(await code, NGHTTP2_ENHANCE_YOUR_CALM)
})

test('what a calmed client had open hears of it', async (t) => {
  const { handle, next } = held()
  const { session } = await start(t, handle)
  open(session, {}, true)
  const exchange = await next()
  const gone = new Promise((resolve) => {
    exchange.listener = { onDrain: () => {}, onClientGone: resolve }
  })
  for (let i = 0; i <= ALLOWANCES.ping.burst && !session.destroyed; i++) {
    await new Promise<void>((resolve) => session.ping(() => resolve()))
  }
  await gone
})

test('as many streams as announced are served at once', async (t) => {
  const { handle, next } = held()
  const { session } = await start(t, handle)
  const answers = Array.from(
    { length: CONCURRENT_STREAMS_MAX },
    () => open(session, {}, true).answer,
  )
  const exchanges = await Promise.all(answers.map(() => next()))
  for (const exchange of exchanges) exchange.respond(200, '', undefined)
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  assert.ok(statuses.every((status) => status === 200))
})
