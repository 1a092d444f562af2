/**
 * Test 6: two tenants send valid and malformed requests over few shared origin connections; every response is tagged.
 * No tenant ever sees a byte of the other's, or the answer to another of its own requests.
 *
 * 20 000 requests unless POSTERN_SOAK says otherwise (up to 10^6 in a nightly run); POSTERN_SEED repeats a failure.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startGateway, type TestGateway } from '../harness/gateway.ts'
import type { Message } from '../harness/message.ts'
import { ok, startOrigin } from '../harness/origin.ts'
import type { Peer } from '../harness/peer.ts'
import { randomFrom } from '../harness/seeded-random.ts'

const REQUESTS = Number(process.env['POSTERN_SOAK'] ?? 20_000)
const SEED = Number(process.env['POSTERN_SEED'] ?? 20_261_122)
const LANES = 16

/** Requests that end their connection, each in its own way; `TAG` is replaced. */
const MALFORMED = [
  'POST /TAG HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG',
  'POST /TAG HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nTAGxx',
  'POST /TAG HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n',
  'GET /TAG HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n',
  'GET /TAG HTTP/1.1\nHost: a\n\n',
  'POST /TAG HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nGET /TAG',
  'POST /TAG HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nGET /stolen HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /%2e%2e/TAG HTTP/1.1\r\nHost: a\r\n\r\n',
]

/** What the origin does with a request, decided by its target: most behave, some break the connection. */
function answer(request: Message): { readonly bytes: string; readonly last: boolean } {
  const { target } = request
  const tag = JSON.stringify({ target, body: request.text })
  if (target.includes('surplus'))
    return { bytes: `${ok(tag)}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsurplu`, last: false }
  if (target.includes('hangup')) return { bytes: '', last: true }
  if (target.includes('cut')) return { bytes: ok(tag).slice(0, -3), last: true }
  if (target.includes('chunked')) {
    return {
      bytes: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${tag.length.toString(16)}\r\n${tag}\r\n0\r\n\r\n`,
      last: false,
    }
  }
  return { bytes: ok(tag), last: false }
}

async function serve(connection: Peer): Promise<void> {
  while (await connection.stream.more()) {
    const { bytes, last } = answer(await connection.request())
    connection.send(bytes)
    if (last) connection.socket.destroySoon()
    if (last) return
  }
}

/** One client of one tenant, connection after connection, until its share is done. */
async function lane(
  gateway: TestGateway,
  tenant: string,
  index: number,
  share: number,
): Promise<number> {
  const random = randomFrom(SEED + index * 7_919)
  let client = await gateway.client()
  let verified = 0
  for (let n = 0; n < share; n++) {
    const kind = KINDS[random(KINDS.length)]!
    const tag = `${tenant}-${index}-${n}-${kind}`
    if (kind === 'malformed') {
      client.send(MALFORMED[random(MALFORMED.length)]!.replaceAll('TAG', `${tenant}/${tag}`)).end()
      assertOwn(await client.closed(), tenant, tag)
      client = await gateway.client()
      continue
    }
    const body = random(3) === 0 ? `${tag} ${'b'.repeat(random(3_000))}` : ''
    const response = await client
      .ask(body === '' ? 'GET' : 'POST', `/${tenant}/${tag}`, [], body)
      .response()
      .catch(() => undefined)
    if (response?.status === 200) {
      const echo = response.json as { target: string; body: string }
      assert.deepEqual(echo, { target: `/${tag}`, body }, `seed ${SEED}`)
      verified++
    }
    if (response === undefined || response.get('connection') === 'close') {
      client.socket.destroy()
      client = await gateway.client()
    }
  }
  client.socket.destroy()
  return verified
}

const KINDS = [
  'plain',
  'plain',
  'plain',
  'chunked',
  'plain',
  'malformed',
  'surplus',
  'hangup',
  'cut',
  'plain',
]

/** Whatever came back names no request but this one. */
function assertOwn(received: string, tenant: string, tag: string): void {
  for (const [found] of received.matchAll(/(?:red|blue)-\d+-\d+-[a-z]+/g)) {
    assert.equal(
      found,
      tag,
      `seed ${SEED}: ${tenant} received ${JSON.stringify(received.slice(0, 300))}`,
    )
  }
}

test(`6 ${REQUESTS} mixed requests of two tenants: no cross-talk`, async (t) => {
  const origin = await startOrigin(t, serve)
  const gateway = await startGateway(t, {
    stages: ['red', 'blue'].map((stage) => ({ stage, routes: { $default: origin.url } })),
    limits: { originConnections: 8 },
  })
  const lanes = Array.from({ length: LANES }, (_, index) =>
    lane(gateway, index % 2 === 0 ? 'red' : 'blue', index, Math.ceil(REQUESTS / LANES)),
  )
  const verified = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0)
  assert.ok(verified > REQUESTS / 2, `${verified} of ${REQUESTS} verified`)
  assert.deepEqual(origin.faults, [], 'every byte at the origin is part of a request')
})
