/**
 * Large bodies through a VPC link over real TLS, many at a time in both directions, small requests between them: memory that
 * is used again on the way (blocks of frames, the buffer of reads) never shows one body's bytes to another.
 */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { makeLinkAuthority } from '../../src/certificates/link-certificates.ts'
import { readInto } from '../../src/link/shared-tls-read.ts'
import { Call, targetThat } from '../harness/link-calls.ts'
import { TlsLink } from '../harness/tls-link.ts'

const LARGE_BYTES = 3_000_000

test('what comes back is what was sent, whatever else is under way', async (t) => {
  const { server, port } = await targetThat((request, response) => {
    if (request.method === 'GET') response.end(`answer to ${request.url}`)
    else request.pipe(response)
  })
  const allow = [{ host: '127.0.0.1', port, pathPrefix: '/' }]
  const link = new TlsLink({ links: [['linka', allow]] })
  await link.listen()
  t.after(async () => {
    await link.close()
    server.closeAllConnections()
    server.close()
  })
  await link.agent(await link.enrol(link.token('linka')))
  const origin = link.origin('linka', port)
  while (link.hub.figures().length === 0) await new Promise(setImmediate)
  const bodies = Array.from({ length: 6 }, (_, i) => pattern(i))
  const large = bodies.map((body) => new Call(origin, { method: 'POST', body, streamedBy: 50_000 }))
  let asked = 0
  let small = new Call(origin, { path: '/0' })
  while (!large.every(({ over }) => over)) {
    await new Promise(setImmediate)
    if (!small.over) continue
    assert.equal(small.body, `answer to /${asked}`)
    small = new Call(origin, { path: `/${++asked}` })
  }
  assert.ok(asked > 1, `${asked}`)
  for (const [i, call] of large.entries()) {
    assert.equal(call.error, undefined)
    assert.equal(hashOf(Buffer.concat(call.chunks)), hashOf(bodies[i]!))
  }
})

test('both ends of a TLS connection read into the shared buffer, records and the end', async (t) => {
  const now = Date.now()
  const pair = makeLinkAuthority({ fromEpochMs: now - 60_000, untilEpochMs: now + 60_000 })
  const server = createServer({ cert: pair.certificate, key: pair.privateKey })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const heard: Buffer[] = []
  const ended: Promise<unknown>[] = []
  const read = (socket: TLSSocket): void => {
    socket.on('error', () => {})
    readInto(socket, (bytes) => heard.push(Buffer.from(bytes)))
    assert.equal(socket.listenerCount('data'), 0, 'Node gives sockets their buffer otherwise now')
    ended.push(once(socket, 'end'))
    socket.end(pattern(1).subarray(0, 100_000))
  }
  server.on('secureConnection', read)
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(client, 'secureConnect')
  read(client)
  await once(client, 'close')
  await Promise.all(ended)
  assert.equal(
    heard.reduce((sum, { length }) => sum + length, 0),
    200_000,
  )
})

function pattern(seed: number): Buffer {
  const body = Buffer.alloc(LARGE_BYTES)
  for (let i = 0; i < body.length; i += 4) body.writeUInt32LE((i ^ (seed * 0x1234567)) >>> 0, i)
  return body
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
