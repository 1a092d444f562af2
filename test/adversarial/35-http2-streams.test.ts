/**
 * Adversarial test 35, the server's own part: what it sends and holds, looked at frame by frame.
 *
 * Oracle: windows are kept to the byte, streams take turns, and nothing that a client does on one stream costs more than
 * its share of memory or holds up another.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Exchange, ExchangeHandler } from '../../src/http/exchange.ts'
import { type FakeTlsServer, startFakeTlsServer } from '../../src/http/server/tls-server.fake.ts'
import {
  ACK,
  CODE,
  CONTINUATION,
  DATA,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  GOAWAY,
  HEADERS,
  headers,
  PING,
  RawClient,
  request,
  resetStream,
  settings,
  WINDOW_UPDATE,
  windowUpdate,
} from './h2-frames.ts'

const post = request([':method', 'POST'])

async function start(
  t: TestContext,
  handle: ExchangeHandler,
  ...first: Buffer[]
): Promise<{ server: FakeTlsServer; client: RawClient }> {
  const server = await startFakeTlsServer({ handle })
  const client = await RawClient.connect(server.port, ...first)
  t.after(() => {
    client.end()
    server.close()
  })
  return { server, client }
}

/** Body bytes that have come on a stream. */
function received(client: RawClient, stream: number): number {
  return client.frames
    .filter((one) => one.type === DATA && one.stream === stream)
    .reduce((sum, { payload }) => sum + payload.length, 0)
}

test('35 windows are used up and not exceeded, by streams and by the connection', async (t) => {
  const body = Buffer.alloc(200_000, 'x')
  const { client } = await start(t, (x) => x.respond(200, '', body), settings([4, 40_000]))
  client.send(headers(1, request()), headers(3, request()))
  await client.alive()
  // 65 535 bytes for both, 40 000 for each; they take turns.
  assert.equal(received(client, 1) + received(client, 3), 65_535)
  assert.ok(received(client, 3) > 16_384)
  client.send(windowUpdate(0, 100_000))
  await client.alive()
  assert.deepEqual([received(client, 1), received(client, 3)], [40_000, 40_000])
  client.send(windowUpdate(1, 1))
  await client.alive()
  assert.equal(received(client, 1), 40_001)
  client.send(settings([4, 39_000]), windowUpdate(3, 1_001))
  await client.alive()
  // The setting has taken 1 000 bytes from both windows.
  assert.deepEqual([received(client, 1), received(client, 3)], [40_001, 40_001])
  client.send(windowUpdate(1, 1_000_000), windowUpdate(3, 1_000_000), windowUpdate(0, 1_000_000))
  for (const id of [1, 3]) {
    const ends = (one: { type: number; flags: number; stream: number }) =>
      one.type === DATA && one.stream === id && one.flags === END_STREAM
    assert.ok((await client.first(ends)) !== undefined)
    assert.equal(received(client, id), body.length)
  }
})

test('35 a large response does not hold up a small one', async (t) => {
  const { client } = await start(
    t,
    (x) => x.respond(200, '', Buffer.alloc(x.request.path === '/large' ? 4_000_000 : 100)),
    settings([4, 8_000_000]),
  )
  client.send(windowUpdate(0, 8_000_000))
  client.send(headers(1, request([':path', '/large'])), headers(3, request()))
  await client.first(
    ({ type, stream, flags }) => type === DATA && stream === 3 && flags === END_STREAM,
  )
  assert.ok(received(client, 1) < 2_000_000, `${received(client, 1)} bytes came first`)
})

test('35 a head larger than a frame comes in several', async (t) => {
  const { client } = await start(t, (x) =>
    x.respond(200, `x-a: ${'a'.repeat(30_000)}\r\nx-b: b\r\n`, undefined),
  )
  client.send(headers(1, request()))
  const last = await client.first(
    ({ flags, type }) => type === CONTINUATION && flags === END_HEADERS,
  )
  assert.ok(last !== undefined)
  const frames = client.frames.filter(({ stream }) => stream === 1)
  assert.deepEqual(
    frames.map(({ type, flags }) => [type, flags]),
    [
      [HEADERS, END_STREAM],
      [CONTINUATION, END_HEADERS],
    ],
  )
  assert.ok(Buffer.concat(frames.map(({ payload }) => payload)).includes('x-b\x01b'))
})

test('35 a body that comes with its head is there as a whole, whatever else comes', async (t) => {
  const bodies: string[] = []
  const { client } = await start(t, (x) => {
    bodies.push(String(x.takeBufferedBody()))
    x.respond(200, '', undefined)
  })
  const split = [headers(1, post, 0), data(1, 'bo'), data(1, ''), data(1, 'dy', END_STREAM)]
  client.send(...split, headers(3, request()), headers(5, post, 0), windowUpdate(0, 1))
  await client.alive()
  assert.deepEqual(bodies, ['body', '', 'undefined'])
})

test('35 a body in single bytes that nobody reads takes the room of its bytes', async (t) => {
  const { client, server } = await start(t, () => {})
  const bytes = Buffer.concat(Array.from({ length: 10_000 }, () => data(1, 'x')))
  client.send(headers(1, post, 0))
  await client.alive()
  const before = process.memoryUsage().rss
  for (let i = 0; i < 13; i++) await client.flood(bytes)
  assert.equal(await client.alive(), true)
  const grownBytes = process.memoryUsage().rss - before
  assert.ok(grownBytes < 60_000_000, `${grownBytes} bytes more`)
  const body = Promise.withResolvers<number>()
  let count = 0
  server.exchanges[0]!.receiveBody({
    onData: (chunk) => {
      count += chunk.length
      assert.ok(chunk.every((byte) => byte === 0x78))
    },
    onEnd: () => body.resolve(count),
    onBodyError: (error) => body.reject(new Error(error.detail)),
  })
  client.send(data(1, '', END_STREAM))
  assert.equal(await body.promise, 130_000)
})

test('35 a body that is read goes on beyond its window, with few updates', async (t) => {
  const { client } = await start(t, (x) =>
    x.receiveBody({
      onData: () => {},
      onEnd: () => x.respond(200, '', undefined),
      onBodyError: (error) => assert.fail(error.detail),
    }),
  )
  client.send(headers(1, post, 0))
  const piece = data(1, Buffer.alloc(16_384))
  for (let i = 0; i < 60; i++) {
    client.send(piece)
    if (i % 4 === 0) assert.equal(await client.alive(), true)
  }
  client.send(data(1, '', END_STREAM))
  assert.equal(await client.outcome(1), 'status 200')
  const updates = client.frames.filter(({ type }) => type === WINDOW_UPDATE)
  assert.ok(updates.length > 10 && updates.length < 25, `${updates.length} updates`)
})

test('35 content-length 0 is a whole body before the stream says so', async (t) => {
  const { client } = await start(t, (x) => {
    assert.equal(x.takeBufferedBody()?.length, 0)
    x.respond(200, '', undefined)
  })
  client.send(headers(1, [...post, ['content-length', '0']], 0))
  assert.equal(await client.outcome(1), 'status 200')
})

test('35 a request that is reset in the same breath is never served, and counts', async (t) => {
  const { client, server } = await start(t, (x) => x.respond(200, '', undefined))
  for (let id = 1; id < 2_000; id += 2) {
    if (!client.send(headers(id, request()), resetStream(id, CODE.NO_ERROR))) break
    if (id % 50 === 1) await new Promise(setImmediate)
  }
  server.pass(5_000)
  const { goaway } = await client.closed
  if (goaway !== undefined) assert.equal(goaway, CODE.ENHANCE_YOUR_CALM)
  assert.ok(server.exchanges.length < 10, `${server.exchanges.length} requests`)
})

/** Last stream and code of each GOAWAY. */
function farewells(client: RawClient): number[][] {
  return client.frames
    .filter(({ type }) => type === GOAWAY)
    .map(({ payload }) => [payload.readUInt32BE(0), payload.readUInt32BE(4)])
}

test('35 who does not answer the PING of a farewell is not waited for', async (t) => {
  const { client, server } = await start(t, (x) => x.respond(200, '', undefined))
  client.send(headers(1, request()))
  await client.alive()
  for (const connection of server.context.connections) connection.drain()
  server.pass(1_500)
  await client.closed
  assert.deepEqual(farewells(client), [
    [0x7fffffff, CODE.NO_ERROR],
    [1, CODE.NO_ERROR],
  ])
})

test('35 streams opened behind our GOAWAY are refused, and only so many of them', async (t) => {
  const held: Exchange[] = []
  const { client, server } = await start(t, (x) => held.push(x))
  client.send(headers(1, request()))
  await client.alive()
  for (const connection of server.context.connections) connection.drain()
  // RFC 9113 §6.8: a word of warning, and which stream was the last when the client has seen it.
  const ping = await client.first(({ type, flags }) => type === PING && flags !== ACK)
  assert.deepEqual(farewells(client), [[0x7fffffff, CODE.NO_ERROR]])
  client.send(headers(3, request()))
  await client.alive()
  assert.equal(held.length, 2)
  client.send(frame(PING, ACK, 0, ping!.payload), headers(5, request()))
  assert.equal(await client.outcome(5), `reset ${CODE.REFUSED_STREAM}`)
  assert.deepEqual(farewells(client).at(-1), [3, CODE.NO_ERROR])
  const many = Array.from({ length: 300 }, (_, i) => headers(7 + i * 2, request()))
  client.send(...many)
  const last = await client.first(
    ({ type, payload }) => type === GOAWAY && payload.readUInt32BE(4) === CODE.ENHANCE_YOUR_CALM,
  )
  assert.equal(last?.payload.readUInt32BE(0), 3)
  assert.equal(held.length, 2)
})

test('35 whoever answers nothing and reads nothing is not read on', async (t) => {
  const { client, server } = await start(t, (x) =>
    x.respond(200, `x: ${'y'.repeat(10_000)}\r\n`, undefined),
  )
  client.socket.pause()
  let id = 1
  for (; id < 20_000; id += 2) {
    client.send(headers(id, request()))
    if (client.socket.writableLength > 200_000) break
    if (id % 20 === 1) await new Promise(setImmediate)
  }
  // What system buffers hold, and a little more.
  assert.ok(server.exchanges.length < 3_000, `${server.exchanges.length} requests were served`)
  for (let i = 0; i < 4; i++) {
    server.pass(11_000)
    await new Promise(setImmediate)
  }
  while (server.context.connections.size > 0) await new Promise(setImmediate)
  assert.equal(server.context.stats.connectionsOpen, 0)
})
