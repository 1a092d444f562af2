import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import type { ClientConnection } from '../exchange.ts'
import { ask, connectTo } from './h2-client.fake.ts'
import {
  FAKE_AUTHORITY,
  FAKE_CERTIFICATE,
  FAKE_PRIVATE_KEY,
  type FakeTlsOptions,
  startFakeTlsServer,
} from './tls-server.fake.ts'
import type { AcceptHttp1 } from './tls-server.ts'

async function start(t: TestContext, options: FakeTlsOptions = {}) {
  const server = await startFakeTlsServer(options)
  t.after(() => server.close())
  return server
}

function dial(port: number, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      { port, host: '127.0.0.1', servername: 'localhost', ca: FAKE_AUTHORITY, ...options },
      () => resolve(socket),
    )
    socket.on('error', reject)
  })
}

/** An HTTP/1 side that remembers who came and counts like the real one. */
function http1Side(): { accept: AcceptHttp1; clients: ClientConnection[] } {
  const clients: ClientConnection[] = []
  const accept: AcceptHttp1 = (socket, client) => {
    clients.push(client)
    socket.on('error', () => {})
    socket.on('data', (bytes) => socket.end(bytes))
  }
  return { accept, clients }
}

for (const protocols of [undefined, ['http/1.1'], ['spdy/3', 'http/1.1']]) {
  test(`HTTP/1.1 is chosen for ALPN ${protocols}`, async (t) => {
    const { accept, clients } = http1Side()
    const { port, context } = await start(t, { acceptHttp1: accept })
    const socket = await dial(port, protocols === undefined ? {} : { ALPNProtocols: protocols })
    socket.write('hello')
    const [bytes] = await once(socket, 'data')
    assert.equal(String(bytes), 'hello')
    assert.equal(context.stats.connectionsAccepted, 1)
    assert.deepEqual(clients[0]?.tls, {
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
      serverName: 'localhost',
      trustKey: '',
      clientCertificate: undefined,
    })
    assert.deepEqual([clients[0].remoteAddress, clients[0].localPort], ['127.0.0.1', port])
    assert.equal(clients[0].remotePort, socket.localPort)
    socket.destroy()
  })
}

test('HTTP/2 is preferred, whatever the client prefers', async (t) => {
  const { port } = await start(t)
  const socket = await dial(port, { ALPNProtocols: ['http/1.1', 'h2'] })
  assert.equal(socket.alpnProtocol, 'h2')
  socket.destroy()
})

test('TLS 1.2 is served with a forward-secret AEAD cipher', async (t) => {
  const { accept, clients } = http1Side()
  const { port } = await start(t, { acceptHttp1: accept })
  const socket = await dial(port, { maxVersion: 'TLSv1.2' })
  socket.write('x')
  await once(socket, 'data')
  assert.equal(clients[0]?.tls?.version, 'TLSv1.2')
  assert.equal(clients[0].tls.cipher, 'ECDHE-ECDSA-AES128-GCM-SHA256')
  socket.destroy()
})

test('a certificate that cannot be used is refused and changes nothing', async (t) => {
  const { port, listener } = await start(t)
  assert.throws(() => listener.replaceCertificate({ certificate: 'none', privateKey: 'none' }))
  assert.throws(() =>
    listener.replaceCertificate({ certificate: FAKE_AUTHORITY, privateKey: FAKE_PRIVATE_KEY }),
  )
  const session = connectTo(port)
  assert.equal((await ask(session)).status, 204)
  session.destroy()
})

test('a session is resumed until the ticket keys change', async (t) => {
  const { accept } = http1Side()
  const { port, listener } = await start(t, { acceptHttp1: accept })
  listener.replaceTicketKeys(Buffer.alloc(48, 1))
  const first = await dial(port)
  first.write('x')
  const [ticket] = await once(first, 'session')
  first.destroy()
  const resumed = async (): Promise<boolean> => {
    const socket = await dial(port, { session: ticket as Buffer })
    const reused = socket.isSessionReused()
    socket.destroy()
    return reused
  }
  assert.equal(await resumed(), true)
  listener.replaceCertificate({ certificate: FAKE_CERTIFICATE, privateKey: FAKE_PRIVATE_KEY })
  assert.equal(await resumed(), true)
  listener.replaceTicketKeys(Buffer.alloc(48, 2))
  assert.equal(await resumed(), false)
})

test('connections beyond the limit are dropped before they cost a handshake', async (t) => {
  const { accept } = http1Side()
  const { port, context } = await start(t, { acceptHttp1: accept, limits: { connections: 2 } })
  const first = await dial(port)
  const second = await dial(port)
  await assert.rejects(dial(port))
  assert.equal(context.stats.refused.get('overloaded'), 1)
  assert.equal(context.stats.connectionsAccepted, 2)
  first.destroy()
  second.destroy()
})

test('a failed handshake is counted and costs nobody else anything', async (t) => {
  const { port, context } = await start(t)
  const socket = net.connect(port, '127.0.0.1')
  socket.end('GET / HTTP/1.1\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  assert.equal(context.stats.refused.get('tls-handshake'), 1)
  const session = connectTo(port)
  assert.equal((await ask(session)).status, 204)
  session.destroy()
})

test('the TLS socket stands on the connection itself, in every Node that we run on', async (t) => {
  const sockets: tls.TLSSocket[] = []
  const acceptHttp1: AcceptHttp1 = (socket) => {
    sockets.push(socket)
    socket.on('data', (bytes) => socket.write(bytes))
  }
  const { port } = await start(t, { acceptHttp1 })
  const client = await dial(port)
  client.write('x')
  await once(client, 'data')
  assert.equal('hears' in sockets[0]!, true)
  assert.equal(sockets[0]!.authorized, false)
  assert.deepEqual(
    [sockets[0]!.remotePort, sockets[0]!.getPeerX509Certificate()],
    [client.localPort, undefined],
  )
  client.destroy()
})

test('a record that does not decipher ends the connection', async (t) => {
  const { accept } = http1Side()
  const { port } = await start(t, { acceptHttp1: accept })
  const raw = net.connect(port, '127.0.0.1')
  const client = tls.connect({ socket: raw, servername: 'localhost', ca: FAKE_AUTHORITY })
  client.on('error', () => {})
  await once(client, 'secureConnect')
  raw.write(Buffer.from([23, 3, 3, 0, 32, ...Buffer.alloc(32, 7)]))
  await once(raw, 'close')
})

test('destroy reaches sockets that have not said anything yet', async (t) => {
  const { port, listener } = await start(t)
  const socket = net.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  // The server has accepted it when a later connection is through.
  connectTo(port).destroy()
  const session = connectTo(port)
  await ask(session)
  const closed = once(socket, 'close')
  listener.destroy()
  await closed
})

test('a port in use is an error that says so', async (t) => {
  const { port } = await start(t)
  const server = await start(t)
  await assert.rejects(server.listener.listen({ port, host: '127.0.0.1' }))
})
