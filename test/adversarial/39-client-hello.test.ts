/** Adversarial test 39: the first message of a client, whole, in pieces and damaged, as our reader reads it. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import {
  HELLO_BYTES_MAX,
  INCOMPLETE_HELLO,
  NO_HELLO,
  readClientHello,
} from '../../src/http/server/client-hello.ts'
import { clientHello } from './client-hello.ts'

/** What a real client sends first. */
async function realHello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as net.AddressInfo
  const client = tls.connect({ port, host: '127.0.0.1', ...options })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  server.close()
  return bytes
}

const READ: readonly (readonly [tls.ConnectionOptions, string, readonly string[]])[] = [
  [
    { servername: 'API.example.com', ALPNProtocols: ['h2', 'http/1.1'] },
    'API.example.com',
    ['h2', 'http/1.1'],
  ],
  [
    { servername: 'a.b', ALPNProtocols: ['acme-tls/1'], maxVersion: 'TLSv1.2' },
    'a.b',
    ['acme-tls/1'],
  ],
  [{}, '', []],
]

for (const [options, serverName, protocols] of READ) {
  test(`the hello of OpenSSL for ${serverName}`, async () => {
    const bytes = await realHello(options)
    assert.deepEqual(readClientHello(bytes), { serverName, protocols })
    for (let end = 0; end < bytes.length; end++) {
      assert.equal(readClientHello(bytes.subarray(0, end)), INCOMPLETE_HELLO, `${end} bytes`)
    }
    assert.deepEqual(readClientHello(inSmallRecords(bytes)), { serverName, protocols })
  })
}

/** The same message, a byte a record. */
function inSmallRecords(bytes: Buffer): Buffer {
  return Buffer.concat([...bytes.subarray(5)].map((byte) => Buffer.from([22, 3, 1, 0, 1, byte])))
}

const NONE: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['another message', Buffer.from('16030100050200000100', 'hex')],
  ['an empty record', Buffer.from('1603010000', 'hex')],
  ['a record that is too long', Buffer.from('160301ffff01', 'hex')],
  ['a message that is too long', Buffer.from('160301000401ffffff', 'hex')],
  ['a session id that does not end', clientHello(Buffer.from('localhost')).fill(0xff, 43, 44)],
  [
    'a name longer than its extension',
    clientHello(Buffer.alloc(65_536, 'a')).subarray(0, HELLO_BYTES_MAX + 500),
  ],
]

for (const [what, bytes] of NONE) {
  test(`no hello: ${what}`, () => assert.equal(readClientHello(bytes), NO_HELLO))
}

test('no bytes make the reader throw', () => {
  const hello = clientHello(Buffer.from('localhost'))
  for (let at = 5; at < hello.length; at++) {
    for (const byte of [0, 1, 0x7f, 0xff]) {
      const changed = Buffer.from(hello)
      changed[at] = byte
      readClientHello(changed)
    }
  }
})
