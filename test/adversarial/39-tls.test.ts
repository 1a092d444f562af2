/**
 * Adversarial test 39: handshakes that mean no good, and certificates that change while clients connect.
 *
 * Oracle: the client is refused by an alert or served, never anything in between, and the next client is served.
 */

import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { makeAuthority, makeServerCertificate } from '../../src/certificates/certificate.ts'
import {
  FAKE_CERTIFICATE,
  FAKE_PRIVATE_KEY,
  type FakeTlsOptions,
  type FakeTlsServer,
  startFakeTlsServer,
} from '../../src/http/server/tls-server.fake.ts'
import { clientHello } from './client-hello.ts'
import { headers, RawClient, request } from './h2-frames.ts'

const HANDSHAKE_RECORD = 22
const ALERT_RECORD = 21
/** Values of OpenSSL's session; it leaves out a size of early data that is zero. */
const PEER_CERTIFICATE_TAG = 0xa3
const EARLY_DATA_TAG = 0xaf

async function start(t: TestContext, options: FakeTlsOptions = {}): Promise<FakeTlsServer> {
  const server = await startFakeTlsServer({
    acceptHttp1: (socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => socket.write(bytes))
      socket.on('end', () => socket.end())
    },
    ...options,
  })
  t.after(() => server.close())
  return server
}

/** A handshake that must succeed. */
function dial(port: number, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      { port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...options },
      () => resolve(socket),
    )
    socket.on('error', reject)
  })
}

/** Why a handshake failed, or 'served'. */
async function refusal(port: number, options: tls.ConnectionOptions): Promise<string> {
  try {
    const socket = await dial(port, options)
    socket.destroy()
    return 'served'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}

async function assertServed(server: FakeTlsServer): Promise<void> {
  const client = await RawClient.connect(server.port)
  client.send(headers(1, request()))
  assert.equal(await client.outcome(1), 'status 204')
  client.end()
}

/** Type of the first record that answers these bytes; undefined when the connection is closed without one. */
async function answerTo(port: number, bytes: Buffer): Promise<number | undefined> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  const first = await Promise.race([
    once(socket, 'data').then(([data]) => (data as Buffer)[0]),
    once(socket, 'close').then(() => undefined),
  ])
  socket.destroy()
  return first
}

const SERVER_NAMES: readonly (readonly [string, Buffer, number])[] = [
  ['unknown', Buffer.from('nobody.example'), HANDSHAKE_RECORD],
  ['with a wildcard', Buffer.from('*.localhost'), HANDSHAKE_RECORD],
  ['not ASCII', Buffer.from('b\u00fccher.example', 'utf8'), HANDSHAKE_RECORD],
  ['not UTF-8', Buffer.from([0xff, 0xfe, 0x80]), HANDSHAKE_RECORD],
  ['with line ends', Buffer.from('a\r\nx: y'), HANDSHAKE_RECORD],
  ['of 255 bytes', Buffer.alloc(255, 'a'), HANDSHAKE_RECORD],
  ['with NUL', Buffer.from('localhost\0.evil.example'), ALERT_RECORD],
  ['empty', Buffer.alloc(0), HANDSHAKE_RECORD],
  ['of 256 bytes', Buffer.alloc(256, 'a'), ALERT_RECORD],
  ['of 64 kB', Buffer.alloc(65_400, 'a'), ALERT_RECORD],
  ['longer than its length', Buffer.alloc(65_536, 'a'), ALERT_RECORD],
]

for (const [what, name, record] of SERVER_NAMES) {
  test(`39 a server name ${what}`, async (t) => {
    const server = await start(t)
    assert.equal(await answerTo(server.port, clientHello(name)), record)
    await assertServed(server)
  })
}

test('39 a server name that is no host name does not get past the handshake', async (t) => {
  const names: (string | undefined)[] = []
  const server = await start(t, {
    acceptHttp1: (socket, client) => {
      names.push(client.tls?.serverName)
      socket.end()
    },
  })
  for (const servername of ['LocalHost', 'b\u00fccher', 'a b', '<script>', '']) {
    const socket = await dial(server.port, { servername })
    await once(socket.resume(), 'close')
  }
  assert.deepEqual(names, ['localhost', '', '', '', ''])
})

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
  test(`39 ${version} is off`, async (t) => {
    const server = await start(t)
    const code = await refusal(server.port, {
      minVersion: version,
      maxVersion: version,
      ciphers: 'ALL@SECLEVEL=0',
    })
    assert.match(code, /ALERT_PROTOCOL_VERSION/)
    await assertServed(server)
  })
}

for (const cipher of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-CCM8']) {
  test(`39 the cipher ${cipher} is off`, async (t) => {
    const server = await start(t)
    const code = await refusal(server.port, {
      maxVersion: 'TLSv1.2',
      ciphers: `${cipher}:@SECLEVEL=0`,
    })
    assert.match(code, /HANDSHAKE_FAILURE/)
  })
}

test('39 a client that speaks neither HTTP/1.1 nor HTTP/2 is refused by an alert', async (t) => {
  const server = await start(t)
  const code = await refusal(server.port, { ALPNProtocols: ['spdy/3', 'http/1.0'] })
  assert.match(code, /NO_APPLICATION_PROTOCOL/)
  await assertServed(server)
})

test('39 renegotiation is refused', async (t) => {
  const server = await start(t)
  const socket = await dial(server.port, { maxVersion: 'TLSv1.2' })
  const refused = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve))
  socket.renegotiate({}, () => {})
  assert.equal((await refused).code, 'ERR_SSL_NO_RENEGOTIATION')
  socket.destroy()
  await assertServed(server)
})

test('39 tickets allow no early data', async (t) => {
  const server = await start(t)
  const socket = await dial(server.port, { ALPNProtocols: ['http/1.1'] })
  const [session] = await once(socket, 'session')
  socket.destroy()
  // SSL_SESSION of OpenSSL in DER: version 1, TLS 1.3, then the cipher; Node puts a label in front.
  const whole = session as Buffer
  const sessionStart = whole.indexOf(Buffer.from('020101020203040402', 'hex')) - 4
  const tags = tagsOf(whole.subarray(sessionStart))
  assert.ok(tags.includes(PEER_CERTIFICATE_TAG), 'the session was understood')
  assert.ok(!tags.includes(EARLY_DATA_TAG))
})

/** Tags of the values in a DER sequence. */
function tagsOf(der: Buffer): number[] {
  const tags: number[] = []
  let at = contentStart(der, 0)
  while (at < der.length) {
    tags.push(der[at]!)
    const start = contentStart(der, at)
    at = start + lengthAt(der, at)
  }
  return tags
}

function contentStart(der: Buffer, at: number): number {
  return at + 2 + (der[at + 1]! < 0x80 ? 0 : der[at + 1]! & 0x7f)
}

function lengthAt(der: Buffer, at: number): number {
  const first = der[at + 1]!
  return first < 0x80 ? first : der.readUIntBE(at + 2, first & 0x7f)
}

test('39 the certificate changes under load and no handshake fails', async (t) => {
  const server = await start(t)
  const now = Date.now()
  const validity = { fromEpochMs: now - 3_600_000, untilEpochMs: now + 3_600_000 }
  const next = makeServerCertificate(makeAuthority(validity), ['localhost'], validity)
  const pairs = [next, { certificate: FAKE_CERTIFICATE, privateKey: FAKE_PRIVATE_KEY }]
  const seen = new Set<string>()
  const connect = async (i: number): Promise<void> => {
    const socket = await dial(server.port, { ALPNProtocols: [i % 2 === 0 ? 'h2' : 'http/1.1'] })
    seen.add(socket.getPeerX509Certificate()!.fingerprint256)
    socket.destroy()
  }
  for (let round = 0; round < 20; round++) {
    const handshakes = Array.from({ length: 8 }, (_, i) => connect(i))
    server.listener.replaceCertificate(pairs[round % 2]!)
    await Promise.all(handshakes)
  }
  const expected = pairs.map(({ certificate }) => new X509Certificate(certificate).fingerprint256)
  assert.deepEqual([...seen].sort(), expected.sort())
  assert.equal(server.context.stats.refused.get('tls-handshake'), undefined)
})

test('39 a connection outlives its certificate', async (t) => {
  const server = await start(t)
  const client = await RawClient.connect(server.port)
  server.listener.replaceCertificate({
    certificate: FAKE_CERTIFICATE,
    privateKey: FAKE_PRIVATE_KEY,
  })
  client.send(headers(1, request()))
  assert.equal(await client.outcome(1), 'status 204')
  client.end()
})

test('39 nodes that share ticket keys resume for each other, and none does after a change', async (t) => {
  const keys = (seed: string): Buffer => createHash('sha384').update(seed).digest()
  const nodes = [await start(t), await start(t)]
  for (const node of nodes) node.listener.replaceTicketKeys(keys('first'))
  const options = { ALPNProtocols: ['http/1.1'] }
  const socket = await dial(nodes[0]!.port, options)
  const [session] = await once(socket, 'session')
  socket.destroy()
  const resumed = async (node: FakeTlsServer): Promise<boolean> => {
    const again = await dial(node.port, { ...options, session: session as Buffer })
    const reused = again.isSessionReused()
    again.destroy()
    return reused
  }
  assert.deepEqual([await resumed(nodes[0]!), await resumed(nodes[1]!)], [true, true])
  for (const node of nodes) node.listener.replaceTicketKeys(keys('second'))
  assert.deepEqual([await resumed(nodes[0]!), await resumed(nodes[1]!)], [false, false])
})

test('39 a handshake that does not go on is given up', async (t) => {
  const server = await start(t, { limits: { headTimeoutMs: 30 } })
  const silent = net.connect(server.port, '127.0.0.1')
  const halfway = net.connect(server.port, '127.0.0.1')
  halfway.write(clientHello(Buffer.from('localhost')).subarray(0, 40))
  const closed = Promise.all([once(silent.resume(), 'close'), once(halfway.resume(), 'close')])
  // Served: those who came before are known to the server.
  await assertServed(server)
  server.pass(100)
  await closed
  assert.equal(server.context.stats.refused.get('tls-handshake'), 2)
})

const GARBAGE: readonly (readonly [string, Buffer])[] = [
  ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['zeros', Buffer.alloc(1_000)],
  [
    'an SSL 2 hello',
    Buffer.from('801a0100020015000000100700c00300800100800600400400800200', 'hex'),
  ],
  ['a record too long', Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff]), Buffer.alloc(70_000)])],
  ['a hello with half its extensions', clientHello(Buffer.from('localhost')).fill(0xff, 80)],
]

for (const [what, bytes] of GARBAGE) {
  test(`39 ${what} instead of a handshake`, async (t) => {
    const server = await start(t)
    assert.notEqual(await answerTo(server.port, bytes), HANDSHAKE_RECORD)
    await assertServed(server)
  })
}

test('39 a client that goes away in the middle of its handshake leaves nothing behind', async (t) => {
  const server = await start(t)
  const hello = clientHello(Buffer.from('localhost'))
  for (let end = 1; end < hello.length; end += 7) {
    const socket = net.connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(hello.subarray(0, end))
    socket.resetAndDestroy()
  }
  await assertServed(server)
  while (server.context.stats.connectionsOpen > 0) await new Promise(setImmediate)
  assert.equal(server.context.connections.size, 0)
})
