/**
 * Test 34, what concerns the data plane: no file descriptors, a log that cannot be written, names that do not resolve, a
 * clock that jumps. The call suffers, the process does not.
 */

import assert from 'node:assert/strict'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { LogSink } from '../../src/observability/access-log/log-sink.ts'
import { startGateway, TestClock } from '../harness/gateway.ts'
import { ok, startEcho, startOrigin } from '../harness/origin.ts'

test('34 without file descriptors for an origin: 503, and recovery', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { routes: { 'GET /': origin.url } })
  const client = await gateway.client()
  const failing = t.mock.method(net, 'connect', () => {
    const socket = new net.Socket()
    queueMicrotask(() =>
      socket.destroy(Object.assign(new Error('too many open files'), { code: 'EMFILE' })),
    )
    return socket
  })
  assert.equal((await client.get('/')).status, 503)
  assert.ok(failing.mock.callCount() > 0, 'the failure was met')
  failing.mock.restore()
  assert.equal((await client.get('/')).status, 200)
})

test('34 a name that stops resolving: 503 for its route, nothing for the others', async (t) => {
  const origin = await startEcho(t)
  const gateway = await startGateway(t, {
    routes: { 'GET /lost': 'http://lost.invalid/', 'GET /': origin.url },
  })
  const client = await gateway.client()
  for (let i = 0; i < 5; i++) {
    const lost = await client.get('/lost')
    assert.equal(lost.status, 503)
    assert.equal(lost.text, '{"message":"Service Unavailable"}')
    assert.equal((await client.get('/')).status, 200)
  }
})

test('34 a log on a full disk drops and counts its lines; the answers do not suffer', async (t) => {
  const origin = await startEcho(t)
  const sink = new LogSink({ kind: 'file', path: '/dev/full' })
  t.after(() => sink.close())
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    logSink: (line) => sink.write(line),
  })
  const client = await gateway.client()
  for (let i = 0; i < 100; i++) assert.equal((await client.get('/')).status, 200)
  await sink.flush()
  assert.equal(sink.dropped, 100)
})

test('34 a bug behind a step that waited costs its call, not the process', async (t) => {
  const origin = await startEcho(t)
  let bugs = 1
  const gateway = await startGateway(t, {
    routes: { 'GET /': origin.url },
    logSink: () => {
      if (bugs-- > 0) throw new Error('a bug while observing')
    },
  })
  await gateway.get('/')
  assert.equal(gateway.fatal.length, 1, 'it is reported')
  gateway.fatal.length = 0
  assert.equal((await gateway.get('/')).status, 200)
})

test('34 a clock that jumps forward closes idle connections at most; requests go on', async (t) => {
  const clock = new TestClock()
  const origin = await startEcho(t)
  const gateway = await startGateway(t, { clock, routes: { 'GET /': origin.url } })
  for (const jump of [1, 60_000, 86_400_000, 31_536_000_000]) {
    clock.advance(jump)
    assert.equal((await gateway.get('/')).status, 200)
  }
})

test('34 an origin that comes back is used again', async (t) => {
  const first = await startOrigin(t, async (connection) => {
    await connection.request()
    connection.reset()
  })
  const gateway = await startGateway(t, { routes: { 'GET /': first.url } })
  const client = await gateway.client()
  assert.equal((await client.get('/')).status, 503)
  const { port } = first
  await first.close()
  assert.equal((await client.get('/')).status, 503)
  const again = await startAt(t, port)
  assert.equal((await client.get('/')).text, 'back')
  assert.equal(again.listening, true)
})

/** A plain server at a port that was in use a moment ago. */
async function startAt(t: TestContext, port: number): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(ok('back')))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.after(() => server.close())
  return server
}
