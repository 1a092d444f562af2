import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Accepted, acceptHandles, takeHandle } from './accepted-handle.ts'
import { hearReads, sharedSocket } from './shared-read.ts'

async function listening(t: TestContext, server: net.Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return (server.address() as net.AddressInfo).port
}

function dial(t: TestContext, port: number): Socket {
  const socket = net.connect(port, '127.0.0.1').on('error', () => {})
  t.after(() => socket.destroy())
  return socket
}

/** Sends back what comes. */
function echo(accepted: Accepted): void {
  const socket = sharedSocket(accepted)
  socket.on('end', () => socket.end())
  hearReads(socket, (from, bytes, length) => from.write(Buffer.from(bytes.subarray(0, length))))
}

test('a handle that is taken is a connection, which its server counts until it closes', async (t) => {
  const server = net.createServer(() => assert.fail('no socket is made'))
  const port = await listening(t, server)
  acceptHandles(server, (accepted) => {
    echo(accepted)
    return true
  })
  const client = dial(t, port)
  client.write('hello')
  assert.equal(String((await once(client, 'data'))[0]), 'hello')
  let isClosed = false
  const closed = once(server.close(), 'close').then(() => {
    isClosed = true
  })
  client.write('again')
  await once(client, 'data')
  assert.equal(isClosed, false)
  client.end()
  await closed
})

test('one that is not taken becomes a socket, and can be moved out of it', async (t) => {
  const server = net.createServer((socket) => {
    const accepted = takeHandle(socket)
    assert.equal(takeHandle(socket), undefined)
    echo(accepted!)
  })
  const port = await listening(t, server)
  acceptHandles(server, () => false)
  const client = dial(t, port)
  client.write('hello')
  assert.equal(String((await once(client, 'data'))[0]), 'hello')
})

test('a server that is full drops, and nobody is asked', async (t) => {
  const server = net.createServer()
  server.maxConnections = 1
  const port = await listening(t, server)
  let asked = 0
  acceptHandles(server, (accepted) => {
    asked++
    echo(accepted)
    return true
  })
  const first = dial(t, port)
  first.write('hello')
  await once(first, 'data')
  const dropped = once(server, 'drop')
  await once(dial(t, port).resume(), 'close')
  await dropped
  assert.equal(asked, 1)
})

test('a server that does not listen, or whose handle is another, stays as it is', () => {
  const server = net.createServer()
  acceptHandles(server, () => true)
  Object.assign(server, { _handle: {} })
  acceptHandles(server, () => true)
  assert.deepEqual((server as unknown as { _handle: object })._handle, {})
})
