/**
 * Adversarial test 35: what a hostile HTTP/2 client can send, frame by frame.
 *
 * The first table follows the sections that h2spec checks (RFC 9113 §3 to §8); the rest are floods and bombs with a
 * history. Oracle: the connection ends as the RFC says, no request comes out of it, the next client is served.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ExchangeHandler } from '../../src/http/exchange.ts'
import type { HttpServerLimits } from '../../src/http/server/server-context.ts'
import { type FakeTlsServer, startFakeTlsServer } from '../../src/http/server/tls-server.fake.ts'
import { FATES, reset } from './h2-conformance.ts'
import {
  ACK,
  block,
  CODE,
  CONTINUATION,
  DATA,
  data,
  END_HEADERS,
  END_STREAM,
  type Field,
  frame,
  GOAWAY,
  HEADERS,
  headers,
  PADDED,
  PING,
  PREFACE,
  PRIORITY,
  prefixInteger,
  RawClient,
  request,
  resetStream,
  SETTINGS,
  settings,
  windowUpdate,
} from './h2-frames.ts'

/** Answers when the whole body is there. */
const answer: ExchangeHandler = (exchange) => {
  if (exchange.takeBufferedBody() !== undefined) {
    exchange.respond(200, '', Buffer.from('ok'))
    return
  }
  exchange.receiveBody({
    onData: () => {},
    onEnd: () => exchange.respond(200, '', Buffer.from('ok')),
    onBodyError: (error) => exchange.respond(413, '', Buffer.from(error.kind)),
  })
}

/** Leaves every request open. */
const hold: ExchangeHandler = () => {}

async function start(
  t: TestContext,
  handle: ExchangeHandler = answer,
  limits: Partial<HttpServerLimits> = {},
): Promise<FakeTlsServer> {
  const server = await startFakeTlsServer({ handle, limits })
  t.after(() => server.close())
  return server
}

/** The server still serves, and forgets everybody else, at the latest in the idle time. */
async function assertUnharmed(server: FakeTlsServer): Promise<void> {
  const client = await RawClient.connect(server.port)
  const before = server.exchanges.length
  client.send(headers(1, request()))
  assert.equal(await client.alive(), true)
  assert.equal(server.exchanges.length, before + 1)
  client.end()
  for (let i = 0; i < 1_000 && server.context.connections.size > 0; i++) {
    server.pass(100)
    await new Promise(setImmediate)
  }
  assert.equal(server.context.connections.size, 0)
  assert.equal(server.context.stats.connectionsOpen, 0)
}

const zeros = (count: number): Buffer => Buffer.alloc(count)
const post = request([':method', 'POST'])
const whole = END_STREAM | END_HEADERS

const { PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED } = CODE
const { INTERNAL_ERROR, ENHANCE_YOUR_CALM } = CODE

for (const { outcome, requests, cases } of FATES) {
  for (const [what, frames] of Object.entries(cases)) {
    test(`35 RFC 9113 §${what}`, async (t) => {
      const server = await start(t)
      const client = await RawClient.connect(server.port)
      client.send(...frames)
      assert.equal(await client.outcome(1), outcome)
      assert.equal(server.exchanges.length, requests)
      client.end()
      await assertUnharmed(server)
    })
  }
}

test('35 RFC 9113 §5.1: half closed: HEADERS', async (t) => {
  const server = await start(t)
  const client = await RawClient.connect(server.port)
  client.send(headers(1, request()), headers(1, request()))
  assert.equal(await client.outcome(1), `closed ${STREAM_CLOSED}`)
  assert.equal(server.exchanges.length, 1)
  client.end()
  await assertUnharmed(server)
})

test('35 RFC 9113 §5.1.1: the last stream id there is', async (t) => {
  const server = await start(t)
  const client = await RawClient.connect(server.port)
  client.send(headers(0x7fffffff, request()))
  assert.equal(await client.outcome(0x7fffffff), 'status 200')
  client.end()
})

test('35 RFC 9113 §3.4: HTTP/1.1 where the preface should be', async (t) => {
  const server = await start(t)
  const client = await RawClient.bare(server.port)
  client.send(Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n', 'latin1'))
  await client.closed
  assert.equal(server.exchanges.length, 0)
  await assertUnharmed(server)
})

test('35 RFC 9113 §3.4: a request before the settings', async (t) => {
  const server = await start(t)
  const client = await RawClient.bare(server.port)
  client.send(PREFACE, headers(1, request()))
  assert.deepEqual(await client.closed, { goaway: PROTOCOL_ERROR })
  assert.equal(server.exchanges.length, 0)
})

/** RFC 9113 §5.1: frames that may have been under way when the stream ended have no effect at all. */
const STRAY: readonly (readonly [string, Buffer[], number])[] = [
  ['DATA behind a reset', [headers(1, post, 0), resetStream(1), data(1, 'x', END_STREAM)], 1],
  ['HEADERS behind a reset', [headers(1, post, 0), resetStream(1), headers(1, request())], 1],
  ['a stream id below the highest', [headers(5, request()), headers(3, request())], 1],
  ['a stream after the last', [headers(0x7fffffff, request()), headers(1, request())], 1],
]

for (const [what, send, requests] of STRAY) {
  test(`35 RFC 9113 §5.1: ${what} is no request`, async (t) => {
    const server = await start(t, hold)
    const client = await RawClient.connect(server.port)
    client.send(...send)
    await client.alive()
    assert.equal(server.exchanges.length, requests)
    client.end()
  })
}

test('35 fields with line ends, NUL, space or colon never reach the handler', async (t) => {
  const server = await start(t)
  const bad: readonly Field[] = [
    ['x-a', 'b\nevil: 1'],
    ['x-a', 'b\r\nevil: 1'],
    ['x-a', 'b\0c'],
    ['x a', 'b'],
    ['x-a:evil', 'b'],
    ['x-a\r\nevil', 'b'],
    ['', 'b'],
  ]
  for (const field of bad) {
    const client = await RawClient.connect(server.port)
    client.send(headers(1, request(field)))
    assert.equal(await client.outcome(1), reset(PROTOCOL_ERROR))
    client.end()
  }
  assert.equal(server.exchanges.length, 0)
})

for (const [method, code] of [
  ['POST', CODE.NO_ERROR],
  ['POST', CODE.CANCEL],
  ['HEAD', CODE.NO_ERROR],
] as const) {
  test(`35 a ${method} body that is cut by RST_STREAM ${code} is not taken for a whole one`, async (t) => {
    const events: string[] = []
    const gone = Promise.withResolvers<void>()
    const server = await start(t, (exchange) => {
      exchange.listener = { onDrain: () => {}, onClientGone: () => gone.resolve() }
      exchange.receiveBody({
        onData: (chunk) => events.push(String(Buffer.from(chunk))),
        onEnd: () => events.push('end'),
        onBodyError: () => events.push('error'),
      })
    })
    const client = await RawClient.connect(server.port)
    client.send(headers(1, request([':method', method]), 0), data(1, 'half'), resetStream(1, code))
    await gone.promise
    assert.equal(await client.alive(), true)
    assert.deepEqual(events, ['half'])
    client.end()
  })
}

test('35 a body that ends with the connection is not taken for a whole one', async (t) => {
  const events: string[] = []
  const gone = Promise.withResolvers<void>()
  const server = await start(t, (exchange) => {
    exchange.listener = { onDrain: () => {}, onClientGone: () => gone.resolve() }
    exchange.receiveBody({
      onData: () => client.socket.end(),
      onEnd: () => events.push('end'),
      onBodyError: () => events.push('error'),
    })
  })
  const client = await RawClient.connect(server.port)
  client.send(headers(1, post, 0), data(1, 'half'))
  await gone.promise
  assert.deepEqual(events, [])
  await client.closed
})

test('35 a client that sends beyond the window is cut off', async (t) => {
  const server = await start(t, hold)
  const client = await RawClient.connect(server.port)
  client.send(headers(1, post, 0))
  const piece = data(1, zeros(16_384))
  while (await client.flood(piece));
  assert.deepEqual(await client.closed, { goaway: FLOW_CONTROL_ERROR })
})

interface Flood {
  readonly what: string
  readonly before?: Buffer
  readonly unit: (stream: number) => Buffer
  /** Codes of the GOAWAY that may end it. */
  readonly ends: readonly number[]
  /** Requests that may come of it. */
  readonly requestsMax: number
}

const FLOODS: readonly Flood[] = [
  {
    what: 'Rapid Reset (CVE-2023-44487)',
    unit: (id) => Buffer.concat([headers(id, request()), resetStream(id)]),
    ends: [ENHANCE_YOUR_CALM],
    requestsMax: 400,
  },
  {
    what: 'MadeYouReset (CVE-2025-8671), WINDOW_UPDATE of nothing',
    unit: (id) => Buffer.concat([headers(id, request()), windowUpdate(id, 0)]),
    ends: [PROTOCOL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 400,
  },
  {
    what: 'MadeYouReset, window overflow',
    unit: (id) => Buffer.concat([headers(id, request()), windowUpdate(id, 0x7fffffff)]),
    ends: [FLOW_CONTROL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 400,
  },
  {
    what: 'MadeYouReset, DATA on a half-closed stream',
    unit: (id) => Buffer.concat([headers(id, request()), data(id, 'x')]),
    ends: [STREAM_CLOSED, ENHANCE_YOUR_CALM],
    requestsMax: 400,
  },
  {
    what: 'MadeYouReset, trailers without END_STREAM',
    unit: (id) => Buffer.concat([headers(id, post, 0), headers(id, [['x', 'y']], 0)]),
    ends: [PROTOCOL_ERROR, INTERNAL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 1_500,
  },
  {
    what: 'malformed heads',
    unit: (id) => headers(id, request(['connection', 'close'])),
    ends: [PROTOCOL_ERROR, INTERNAL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
  {
    what: 'streams beyond the limit',
    unit: (id) => headers(id, request()),
    ends: [PROTOCOL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 128,
  },
  { what: 'SETTINGS', unit: () => settings([3, 100]), ends: [ENHANCE_YOUR_CALM], requestsMax: 0 },
  { what: 'empty SETTINGS', unit: () => settings(), ends: [ENHANCE_YOUR_CALM], requestsMax: 0 },
  {
    what: 'SETTINGS acknowledgements',
    unit: () => frame(SETTINGS, ACK, 0),
    ends: [PROTOCOL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
  {
    what: 'PING',
    unit: () => frame(PING, 0, 0, zeros(8)),
    ends: [ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
  {
    what: 'PING acknowledgements',
    unit: () => frame(PING, ACK, 0, zeros(8)),
    ends: [INTERNAL_ERROR, PROTOCOL_ERROR],
    requestsMax: 0,
  },
  {
    what: 'PRIORITY',
    unit: (id) => frame(PRIORITY, 0, id, Buffer.from([0, 0, 0, 0, 1])),
    ends: [ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
  {
    what: 'empty DATA',
    before: headers(1, post, 0),
    unit: () => data(1, ''),
    ends: [INTERNAL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 1,
  },
  {
    what: 'unknown frames',
    unit: () => frame(99, 0, 0, zeros(4)),
    ends: [ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
  {
    what: 'CONTINUATION (CVE-2024-28182)',
    before: frame(HEADERS, END_STREAM, 1, block(request())),
    unit: () => frame(CONTINUATION, 0, 1, block([['x', 'y']])),
    ends: [INTERNAL_ERROR, PROTOCOL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
  {
    what: 'empty CONTINUATION',
    before: frame(HEADERS, END_STREAM, 1, block(request())),
    unit: () => frame(CONTINUATION, 0, 1),
    ends: [INTERNAL_ERROR, PROTOCOL_ERROR, ENHANCE_YOUR_CALM],
    requestsMax: 0,
  },
]

for (const { what, before, unit, ends, requestsMax } of FLOODS) {
  test(`35 flood: ${what}`, async (t) => {
    const server = await start(t, hold)
    const client = await RawClient.connect(server.port)
    if (before !== undefined) client.send(before)
    let next = 1
    const batch = (): Buffer => {
      const units = Array.from({ length: 50 }, (_, i) => unit(next + i * 2))
      next += 100
      return Buffer.concat(units)
    }
    while (next < 200_000 && (await client.flood(batch()))) await new Promise(setImmediate)
    // The server waits a moment for the client to close, then does it itself.
    server.pass(5_000)
    const { goaway: code } = await client.closed
    // A client that never stops sending may lose the farewell to the reset of its connection.
    if (code !== undefined) assert.ok(ends.includes(code), `GOAWAY ${code}`)
    assert.ok(server.exchanges.length <= requestsMax, `${server.exchanges.length} requests`)
    await assertUnharmed(server)
  })
}

test('35 Rapid Reset in small steps is told why', async (t) => {
  const server = await start(t, hold)
  const client = await RawClient.connect(server.port)
  for (let id = 1; id < 100_000; id += 2) {
    if (client.dismissed || !client.send(headers(id, request()), resetStream(id))) break
    if (id % 64 === 1) await new Promise(setImmediate)
  }
  assert.deepEqual(await client.closed, { goaway: ENHANCE_YOUR_CALM })
  assert.equal(server.context.stats.refused.get('overloaded'), 1)
})

/** Frames that cost next to nothing and answer nothing: allowed, and without effect on others. */
for (const [what, unit] of [
  ['WINDOW_UPDATE', windowUpdate(0, 1)],
  ['padding', frame(DATA, PADDED, 1, Buffer.from([1, 0]))],
] as const) {
  test(`35 a hundred thousand frames of ${what} leave the connection usable`, async (t) => {
    const server = await start(t)
    const client = await RawClient.connect(server.port, settings())
    client.send(headers(1, post, 0))
    const batch = Buffer.concat(Array.from({ length: 1_000 }, () => unit))
    for (let i = 0; i < 100; i++) await client.flood(batch)
    client.send(headers(3, request()))
    assert.equal(await client.outcome(3), 'status 200')
    client.end()
    await assertUnharmed(server)
  })
}

/** A block that puts one large field into the dynamic table and names it again and again (RFC 7541 §6.1). */
function bomb(name: string, repeats: number): Buffer {
  const value = 'a'.repeat(3_900)
  const entry = Buffer.concat([
    Buffer.from([0x40]),
    prefixInteger(name.length, 7, 0),
    Buffer.from(name, 'latin1'),
    prefixInteger(value.length, 7, 0),
    Buffer.from(value, 'latin1'),
  ])
  return Buffer.concat([block(request()), entry, Buffer.alloc(repeats, 0x80 | 62)])
}

for (const name of ['x-bomb', 'cookie']) {
  test(`35 HPACK bomb of ${name} behind a closed window: refused, little memory`, async (t) => {
    const server = await start(t)
    const before = process.memoryUsage().rss
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => RawClient.connect(server.port, settings([4, 0]))),
    )
    // 10 000 references stand for 39 MB in every stream, 400 streams in all.
    const payload = bomb(name, 10_000)
    for (let id = 1; id < 100; id += 2) {
      const sent = frame(HEADERS, whole, id, payload)
      await Promise.all(clients.map((client) => client.flood(sent)))
    }
    assert.equal(await clients[0]!.outcome(1), reset(ENHANCE_YOUR_CALM))
    assert.equal(server.exchanges.length, 0)
    const grownBytes = process.memoryUsage().rss - before
    assert.ok(grownBytes < 200_000_000, `${grownBytes} bytes more`)
    for (const client of clients) client.end()
    await assertUnharmed(server)
  })
}

test('35 answers behind a closed window are held back at the source, then given up', async (t) => {
  const chunk = zeros(16_384)
  let written = 0
  let gone = 0
  const server = await start(t, (exchange) => {
    exchange.listener = { onDrain: () => {}, onClientGone: () => gone++ }
    exchange.startResponse(200, '', -1)
    while (exchange.writeBody(chunk)) written += chunk.length
  })
  const client = await RawClient.connect(server.port, settings([4, 0]))
  for (let id = 1; id <= 200; id += 2) client.send(headers(id, request()))
  await client.alive()
  assert.equal(server.exchanges.length, 100)
  assert.ok(written <= 100 * 131_072, `${written} bytes held`)
  server.pass(35_000)
  assert.equal(await client.alive(), true)
  assert.equal(gone, 100)
  assert.equal(server.context.stats.refused.get('write-timeout'), 100)
  client.end()
})

test('35 a trailer section beyond the limit is refused', async (t) => {
  const server = await start(t, hold)
  const client = await RawClient.connect(server.port)
  const large = 'a'.repeat(16_000)
  client.send(
    headers(1, post, 0),
    frame(HEADERS, END_STREAM, 1, block([['x', large]])),
    frame(CONTINUATION, END_HEADERS, 1, block([['y', large]])),
  )
  assert.equal(await client.outcome(1), reset(ENHANCE_YOUR_CALM))
  client.end()
})

test('35 window overflow on hundreds of connections leaves none behind (CVE-2026-21714)', async (t) => {
  const server = await start(t)
  for (let round = 0; round < 20; round++) {
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => RawClient.connect(server.port)),
    )
    for (const client of clients) client.send(windowUpdate(0, 0x7fffffff))
    const farewells = await Promise.all(clients.map(({ closed }) => closed))
    for (const { goaway: code } of farewells) assert.equal(code, FLOW_CONTROL_ERROR)
  }
  await assertUnharmed(server)
})

test('35 a client that says GOAWAY and stays is sent away', async (t) => {
  const server = await start(t)
  const client = await RawClient.connect(server.port)
  client.send(headers(1, request()))
  await client.outcome(1)
  client.send(frame(GOAWAY, 0, 0, zeros(8)))
  while (!server.context.connections.values().next().done && client.send(frame(PING, ACK, 0))) {
    server.pass(10_000)
    await new Promise(setImmediate)
  }
  await client.closed
  await assertUnharmed(server)
})

test('35 half a header block does not hold a connection for ever', async (t) => {
  const server = await start(t)
  const client = await RawClient.connect(server.port)
  client.send(frame(HEADERS, END_STREAM, 1, block(request())))
  await new Promise(setImmediate)
  for (let i = 0; i < 100 && server.context.connections.size > 0; i++) {
    server.pass(1_000)
    await new Promise(setImmediate)
  }
  await client.closed
  assert.equal(server.exchanges.length, 0)
  await assertUnharmed(server)
})
