import assert from 'node:assert/strict'
import { createServer, type Server, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { TimerWheel } from '../../base/timer-wheel.ts'
import {
  type DocumentFetcherDeps,
  documentFetcher,
  type FetchedDocument,
} from './fetch-document.ts'

const ORIGIN = {
  headBytes: 8_192,
  headerCount: 64,
  chunkHeadBytes: 1_024,
  chunkExtensionBytes: 1_024,
  trailerBytes: 1_024,
  connections: 8,
  waiting: 8,
  connectTimeoutMs: 1_000,
  idleTimeoutMs: 1_000,
}

interface Asked {
  readonly server: Server
  readonly requests: string[]
  readonly sockets: Set<Socket>
  ask(path?: string, changes?: Partial<DocumentFetcherDeps>): Promise<FetchedDocument>
}

/** A server that answers every request with the same bytes; undefined: with none. */
async function answering(t: TestContext, answer: string | undefined): Promise<Asked> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      requests.push(bytes.toString('latin1'))
      if (answer !== undefined) socket.write(answer)
      if (answer?.includes('Connection: close')) socket.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const timers = new TimerWheel(systemClock)
  t.after(() => {
    timers.stop()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const deps = { timers, origin: ORIGIN, bytesMax: 1_000, timeoutMs: 2_000 }
  const ask: Asked['ask'] = (path = '/', changes = {}) =>
    documentFetcher({ ...deps, ...changes })({
      url: new URL(`http://127.0.0.1:${port}${path}`),
      reach: 'loopback',
    })
  return { server, requests, sockets, ask }
}

function reasonOf(fetched: FetchedDocument): string {
  return fetched.kind === 'failed' ? fetched.reason : 'a document'
}

const OK = 'HTTP/1.1 200 OK\r\n'

const GOOD: [name: string, answer: string][] = [
  ['a length', `${OK}Content-Length: 4\r\n\r\n{"a"`],
  ['chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n2\r\na"\r\n0\r\n\r\n`],
  ['the end of the connection', `${OK}Connection: close\r\n\r\n{"a"`],
  [
    'an interim response before',
    `HTTP/1.1 103 Early Hints\r\n\r\n${OK}Content-Length: 4\r\n\r\n{"a"`,
  ],
]
for (const [name, answer] of GOOD) {
  test(`a document that ends by ${name}`, async (t) => {
    const { ask, requests } = await answering(t, answer)
    assert.deepEqual(await ask('/a/b?c=d'), { kind: 'document', text: '{"a"' })
    assert.match(requests[0]!, /^GET \/a\/b\?c=d HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/)
  })
}

test('the tag of a document comes along', async (t) => {
  const { ask } = await answering(t, `${OK}Content-Length: 2\r\nETag: "a b"\r\n\r\n{}`)
  assert.deepEqual(await ask(), { kind: 'document', text: '{}', etag: '"a b"' })
})

const BAD: [name: string, answer: string | undefined, reason: RegExp][] = [
  ['an error', 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n', /^status 500$/],
  ['nothing there', 'HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n', /^status 404$/],
  [
    'a redirect',
    'HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n',
    /^status 302; redirects are not followed$/,
  ],
  [
    'a declared megabyte',
    `${OK}Content-Length: 1000000\r\n\r\n${'a'.repeat(2_000)}`,
    /longer than/,
  ],
  [
    'an undeclared one',
    `${OK}Connection: close\r\n\r\n${'a'.repeat(1_001)}`,
    /^longer than 1000 bytes$/,
  ],
  ['compression', `${OK}Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\na`, /encoded as gzip/],
  ['half a document', `${OK}Connection: close\r\nContent-Length: 9\r\n\r\n{}`, /closed/],
  ['no HTTP', 'hello\r\n\r\n', /head-invalid/],
]
for (const [name, answer, reason] of BAD) {
  test(`no document: ${name}`, async (t) => {
    const { ask, requests } = await answering(t, answer)
    assert.match(reasonOf(await ask()), reason)
    assert.equal(requests.length, 1, 'asked once')
  })
}

test('a server that says nothing, or not all, has its time and no more', async (t) => {
  for (const answer of [undefined, OK, `${OK}Content-Length: 9\r\n\r\n{`]) {
    const { ask, sockets } = await answering(t, answer)
    assert.equal(reasonOf(await ask('/', { timeoutMs: 60 })), 'no answer within 60 ms')
    for (const socket of [...sockets]) {
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve))
    }
  }
})

test('nothing is left open', async (t) => {
  const { ask, sockets } = await answering(t, `${OK}Content-Length: 2\r\n\r\n{}`)
  await ask()
  for (const socket of [...sockets]) {
    if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve))
  }
  assert.equal(sockets.size, 0)
})

test('names lead only to addresses that may be reached', async (t) => {
  const { server, requests } = await answering(t, `${OK}Content-Length: 2\r\n\r\n{}`)
  const { port } = server.address() as { port: number }
  const timers = new TimerWheel(systemClock)
  t.after(() => timers.stop())
  const ask = (addresses: readonly string[], reach: 'public' | 'loopback') =>
    documentFetcher({
      ...{ timers, origin: ORIGIN, bytesMax: 1_000, timeoutMs: 2_000 },
      lookup: async () => addresses,
    })({ url: new URL(`http://issuer.test:${port}/`), reach })
  const outside = [
    ['127.0.0.1'],
    ['8.8.8.8', '127.0.0.1'],
    ['169.254.169.254'],
    ['::ffff:127.0.0.1'],
  ]
  for (const addresses of outside) {
    assert.match(reasonOf(await ask(addresses, 'public')), /is not public/)
  }
  assert.match(reasonOf(await ask(['8.8.8.8'], 'loopback')), /8\.8\.8\.8 is not loopback/)
  assert.match(reasonOf(await ask([], 'loopback')), /no address/)
  assert.equal(requests.length, 0)
  assert.equal((await ask(['127.0.0.1'], 'loopback')).kind, 'document')
  assert.match(requests[0]!, /\r\nhost: issuer\.test:\d+\r\n/, 'the name is what was asked for')
  assert.equal((await ask(['127.0.0.2', '127.0.0.1'], 'loopback')).kind, 'document', 'the next one')
})

test('a name that nobody knows, and a port where nobody listens', async (t) => {
  const { server } = await answering(t, undefined)
  const lookup = () => Promise.reject(new Error('ENOTFOUND'))
  const timers = new TimerWheel(systemClock)
  t.after(() => timers.stop())
  const fetch = documentFetcher({ timers, origin: ORIGIN, bytesMax: 9, timeoutMs: 2_000, lookup })
  const lost = await fetch({ url: new URL('http://lost.test/'), reach: 'any' })
  assert.equal(reasonOf(lost), 'its name cannot be looked up: ENOTFOUND')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const refused = await documentFetcher({ timers, origin: ORIGIN, bytesMax: 9, timeoutMs: 2_000 })({
    url: new URL(`http://127.0.0.1:${port}/`),
    reach: 'loopback',
  })
  assert.match(reasonOf(refused), /connect-refused/)
})
