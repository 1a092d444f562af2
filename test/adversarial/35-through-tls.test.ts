/**
 * Adversarial tests 12, 13 and 35 through the TLS port of a whole gateway: base paths and names as HTTP/1.1 and HTTP/2
 * say them behind a handshake, and floods of HTTP/2 that are aimed at an origin.
 *
 * Oracle: what the tests without TLS ask for; and while somebody floods, the origin gets a bounded number of calls and
 * others are served on the same port. What single frames do is in `35-http2.test.ts`.
 */

import assert from 'node:assert/strict'
import http2 from 'node:http2'
import { type TestContext, test } from 'node:test'
import { startGateway, type TestGateway } from '../harness/gateway.ts'
import { getNamed, localTls } from '../harness/local-tls.ts'
import { type Origin, startEcho } from '../harness/origin.ts'
import { ESCAPES } from './base-path-escapes.ts'
import {
  block,
  CODE,
  CONTINUATION,
  END_STREAM,
  frame,
  HEADERS,
  headers,
  RawClient,
  request,
  resetStream,
  windowUpdate,
} from './h2-frames.ts'

interface Through {
  readonly gateway: TestGateway
  readonly origin: Origin
  readonly port: number
}

/** `a.localhost/api` and `/admin` lead to two APIs; `two.localhost` is strict, `*.wild.localhost` is not. */
async function start(t: TestContext): Promise<Through> {
  const origin = await startEcho(t)
  const stages = ['public', 'private'].map((name) => ({
    apiId: `${name}api`,
    routes: { $default: `${origin.url}/${name}` },
  }))
  const to = (key: string, name: string) => ({ key, apiId: `${name}api`, stageName: '$default' })
  const all = [to('', 'public')]
  const domains = [
    { domainName: 'a.localhost', mappings: [to('api', 'public'), to('admin', 'private')] },
    { domainName: 'one.localhost', mappings: all },
    { domainName: 'two.localhost', mappings: all, endpointAccessMode: 'STRICT' as const },
    { domainName: '*.wild.localhost', mappings: all },
  ]
  const gateway = await startGateway(t, { stages, domains, tls: await localTls(t) })
  return {
    gateway,
    origin,
    port: await gateway.plane.listenHttps({ port: 0, host: '127.0.0.1' }),
  }
}

/** A connection of HTTP/2 whose handshake names somebody. */
function connect(t: TestContext, port: number, servername: string): http2.ClientHttp2Session {
  const session = http2.connect(`https://127.0.0.1:${port}`, {
    servername,
    rejectUnauthorized: false,
  })
  t.after(() => session.destroy())
  return session
}

/** Status of one GET; 0 where the stream was reset. */
function statusOf(
  session: http2.ClientHttp2Session,
  authority: string,
  path: string,
): Promise<number> {
  return new Promise((resolve) => {
    const stream = session.request({ ':authority': authority, ':path': path })
    stream.on('response', (fields) => resolve(fields[':status'] ?? 0))
    stream.on('error', () => resolve(0))
    stream.resume().on('close', () => resolve(0))
  })
}

test('12 through TLS: a base path leads to its API and to nothing else', async (t) => {
  const { origin, port } = await start(t)
  const session = connect(t, port, 'a.localhost')
  const host = 'a.localhost'
  for (const path of ESCAPES) {
    const overH2 = await statusOf(session, host, path)
    assert.ok([200, 400, 403].includes(overH2), `${path} → ${overH2}`)
    const overH1 = await getNamed({ port, serverName: host, host, path })
    assert.equal(overH2, overH1.status, `${path}: HTTP/2 and HTTP/1.1 agree`)
    if (/^\/(?:apiX|API)/.test(path)) assert.equal(overH2, 403, path)
  }
  assert.ok(origin.requests.length > 6)
  for (const { target } of origin.requests) {
    assert.match(target, /^\/public(\/|$)/)
    const resolved = new URL(target.replaceAll(/;[^/]*/g, ''), 'http://o').pathname
    assert.ok(resolved.startsWith('/public'), target)
    assert.ok(!resolved.startsWith('/public/api'), `the base path is stripped: ${target}`)
  }
})

/** What one connection may say, whatever else its certificate is good for (RFC 9113 §9.1.1). */
const AUTHORITIES: readonly (readonly [handshake: string, authority: string, status: number])[] = [
  ['one.localhost', 'one.localhost', 200],
  ['ONE.localhost', 'One.LOCALHOST.:8443', 200],
  ['one.localhost', 'two.localhost', 421],
  ['one.localhost', 'localhost', 421],
  ['one.localhost', 'publicapi.execute-api.localhost', 421],
  ['two.localhost', 'one.localhost', 421],
  ['two.localhost', 'two.localhost', 200],
  ['a.wild.localhost', 'b.wild.localhost', 200],
  ['a.wild.localhost', 'one.localhost', 421],
  ['localhost', 'one.localhost', 421],
]

test('13 through TLS: every stream of HTTP/2 is held to the name of its handshake', async (t) => {
  const { port } = await start(t)
  const sessions = new Map<string, http2.ClientHttp2Session>()
  for (const [handshake, authority, status] of AUTHORITIES) {
    const session = sessions.get(handshake) ?? connect(t, port, handshake)
    sessions.set(handshake, session)
    assert.equal(await statusOf(session, authority, '/'), status, `${handshake}, ${authority}`)
  }
  // A refused stream does not end the connection: the next one with the right name is served.
  assert.equal(await statusOf(sessions.get('one.localhost')!, 'one.localhost', '/'), 200)
})

test('13 through TLS: a Host field beside :authority cannot lead elsewhere', async (t) => {
  const { gateway, port, origin } = await start(t)
  const client = await RawClient.connect(port)
  t.after(() => client.end())
  const fields = request([':authority', 'one.localhost'], ['host', 'a.localhost'])
  client.send(headers(1, fields))
  assert.match(await client.outcome(1), /^(status 400|reset 1)$/)
  assert.equal(origin.requests.length, 0)
  assert.deepEqual(gateway.fatal, [])
})

const one = request([':authority', 'one.localhost'])
const FLOODS: readonly (readonly [what: string, unit: (id: number) => Buffer, before?: Buffer])[] =
  [
    ['Rapid Reset', (id) => Buffer.concat([headers(id, one), resetStream(id)])],
    ['MadeYouReset', (id) => Buffer.concat([headers(id, one), windowUpdate(id, 0)])],
    ['streams beyond the limit', (id) => headers(id, one)],
    [
      'CONTINUATION',
      () => frame(CONTINUATION, 0, 1, block([['x', 'y']])),
      frame(HEADERS, END_STREAM, 1, block(one)),
    ],
  ]
/** Streams of one connection whose calls may have reached an origin before it was cut off. */
const CALLS_MAX = 400

for (const [what, unit, before] of FLOODS) {
  test(`35 through TLS: ${what} towards an origin, while others are served`, async (t) => {
    const { origin, port } = await start(t)
    const others = connect(t, port, 'two.localhost')
    const client = await RawClient.connect(port)
    if (before !== undefined) client.send(before)
    for (let next = 1; next < 200_000; next += 100) {
      const units = Array.from({ length: 50 }, (_, i) => unit(next + i * 2))
      if (!(await client.flood(Buffer.concat(units)))) break
      await new Promise(setImmediate)
    }
    assert.equal(await statusOf(others, 'two.localhost', '/'), 200)
    const plain = await getNamed({ port, serverName: 'one.localhost', host: 'one.localhost' })
    assert.equal(plain.status, 200)
    client.end()
    const { goaway } = await client.closed
    if (goaway !== undefined) assert.notEqual(goaway, CODE.NO_ERROR)
    assert.ok(origin.requests.length <= CALLS_MAX, `${origin.requests.length} calls`)
  })
}
