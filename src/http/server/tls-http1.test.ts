/** HTTP/1.1 on the TLS port: the connection of `h1-connection.ts` over a secured socket. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import type { ExchangeHandler } from '../exchange.ts'
import { acceptSecureHttp1 } from './http-server.ts'
import { FAKE_AUTHORITY, startFakeTlsServer } from './tls-server.fake.ts'

async function connect(t: TestContext, handle: ExchangeHandler): Promise<tls.TLSSocket> {
  const server = await startFakeTlsServer({ handle, http1: acceptSecureHttp1 })
  const socket = tls.connect({
    port: server.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: FAKE_AUTHORITY,
  })
  t.after(() => {
    socket.destroy()
    server.close()
  })
  await once(socket, 'secureConnect')
  return socket
}

/** Reads until so many bytes have come. */
async function read(socket: tls.TLSSocket, bytes: number): Promise<string> {
  let text = ''
  while (text.length < bytes) {
    const [chunk] = await once(socket, 'data')
    text += (chunk as Buffer).toString('latin1')
  }
  return text
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`
const answer = (body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

test('requests one after the other', async (t) => {
  const socket = await connect(t, (x) => x.respond(200, '', Buffer.from(x.request.path)))
  for (const path of ['/a', '/bb', '/ccc']) {
    socket.write(get(path))
    assert.equal(await read(socket, answer(path).length), answer(path))
  }
})

test('requests without waiting', async (t) => {
  const socket = await connect(t, (x) => x.respond(200, '', Buffer.from(x.request.path)))
  const paths = Array.from({ length: 300 }, (_, i) => `/${i}`)
  const expected = paths.map(answer).join('')
  socket.write(paths.map(get).join(''))
  assert.equal(await read(socket, expected.length), expected)
})

for (const bytes of [100, 16_384, 100_000, 3_000_000]) {
  test(`a body of ${bytes} bytes, twice`, async (t) => {
    const body = Buffer.alloc(bytes, 'x')
    const socket = await connect(t, (x) => x.respond(200, '', body))
    const expected = answer(body.toString())
    for (let i = 0; i < 2; i++) {
      socket.write(get('/'))
      assert.equal(await read(socket, expected.length), expected)
    }
  })
}

test('a body written in pieces', async (t) => {
  const socket = await connect(t, (x) => {
    x.startResponse(200, '', 10)
    x.writeBody(Buffer.from('hello'))
    x.writeBody(Buffer.from('world'))
    x.endResponse()
  })
  for (let i = 0; i < 2; i++) {
    socket.write(get('/'))
    assert.equal(await read(socket, answer('helloworld').length), answer('helloworld'))
  }
})

test('the last answer before the end arrives whole', async (t) => {
  const body = Buffer.alloc(200_000, 'y')
  const socket = await connect(t, (x) => x.respond(200, '', body))
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await once(socket, 'end')
  assert.ok(bytes > body.length)
})
