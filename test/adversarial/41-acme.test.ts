/**
 * ACME under attack and in trouble: the path of challenges shadows and leaks nothing, also where everything redirects; a
 * server leads nobody inside; two programs on one store order once; rate limits are obeyed; what is lost is made anew.
 */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import * as acm from '@aws-sdk/client-acm'
import { systemClock } from '../../src/base/clock.ts'
import { orderByAccount } from '../../src/certificates/acme/account-orders.ts'
import {
  AcmeCertificates,
  acmeCertificates,
} from '../../src/certificates/acme/acme-certificates.ts'
import { AcmeOrders } from '../../src/certificates/acme/acme-orders.ts'
import { createAcmeTransport } from '../../src/certificates/acme/acme-transport.ts'
import { Attempts } from '../../src/certificates/acme/attempts.ts'
import { makeAuthority, makeServerCertificate } from '../../src/certificates/certificate.ts'
import { CERTIFICATE, type CertificateRecord } from '../../src/certificates/certificate-record.ts'
import type { AcmeChallenge } from '../../src/domain/acme-challenge.ts'
import { limitsOf } from '../../src/domain/limits.ts'
import { Sealer } from '../../src/identity/installation-key.ts'
import { MemoryStore } from '../../src/storage/memory-store.fake.ts'
import { connectClient } from '../harness/client.ts'
import { freePorts } from '../harness/free-ports.ts'
import { startGateway } from '../harness/gateway.ts'
import { startAnswering } from '../harness/origin.ts'
import { type Pebble, startPebble } from '../harness/pebble.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const SCOPE = { accountId: '000000000000', region: 'us-east-1' }
const TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA'
const PATH = `/.well-known/acme-challenge/${TOKEN}`

test('the path of a challenge is there for one host, one token and as long as it lasts', async (t) => {
  const moved =
    'HTTP/1.1 301 Moved\r\nlocation: https://api.example.com/\r\ncontent-length: 0\r\n\r\n'
  const origin = await startAnswering(t, moved)
  const gateway = await startGateway(t, { routes: { $default: origin.url } })
  const host = 'localhost'
  const challenge = { type: 'http-01', host, token: TOKEN, keyAuthorization: `${TOKEN}.x` } as const
  const ask = async (target: string, { method = 'GET', to = host } = {}) => {
    const client = await connectClient(t, gateway.port)
    const { status, body } = await client.call(method, target, [`Host: ${to}`])
    client.socket.destroy()
    return `${status} ${body}`
  }
  const others = [
    ...['/', '/.well-known/acme-challenge', '/.well-known/acme-challenge/', `${PATH}/`, `${PATH}x`],
    ...[PATH.slice(0, -1), PATH.toUpperCase(), PATH.replace('/acme', '//acme'), `/x${PATH}`],
    ...['/.well-known/acme-challenge/toString', '/.well-known/acme-challenge/__proto__'],
  ]
  const before = await Promise.all([PATH, ...others].map((target) => ask(target)))
  assert.equal(before[0], '301 ')
  await gateway.plane.challenge(challenge, true)
  assert.equal(await ask(PATH), `200 ${TOKEN}.x`, 'though everything is redirected')
  assert.equal(await ask(`${PATH}?x=1`), `200 ${TOKEN}.x`)
  assert.deepEqual(await Promise.all(others.map((target) => ask(target))), before.slice(1))
  assert.equal(await ask(PATH, { method: 'POST' }), '301 ')
  assert.notEqual(await ask(PATH, { to: 'other.example.com' }), `200 ${TOKEN}.x`)
  await gateway.plane.challenge(challenge, false)
  assert.equal(await ask(PATH), '301 ')
})

test('a server leads nobody elsewhere, and nothing of it is without end', async (t) => {
  let followed = 0
  const inside = http.createServer((_, response) => {
    followed++
    response.end('{}')
  })
  t.after(() => inside.close())
  await once(inside.listen(0, '127.0.0.1'), 'listening')
  const secret = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/`
  const { origin, trust } = await startTls(t, (request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: secret }).end()
    else if (request.url === '/long') {
      response.on('error', () => {})
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => response.write('x'.repeat(65_536), (error) => error ?? setImmediate(more))
      more()
    } else if (request.url === '/broken') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{')
    }
  })
  const transport = createAcmeTransport({
    ...{ directory: new URL(origin), trust, timeoutMs: 500, bytesMax: 65_536, clock: systemClock },
    signal: new AbortController().signal,
  })
  t.after(() => transport.close())
  const CASES = [
    [`${origin}/redirect`, /answers 302; redirects are not followed/],
    [`${origin}/long`, /longer than 65536 bytes/],
    [`${origin}/silent`, /does not answer within 500 ms/],
    [`${origin}/broken`, /JSON cannot be read/],
    [secret, /no https:\/\/ URL/],
    ['https://user:x@localhost/', /no https:\/\/ URL/],
    ['file:///etc/passwd', /no https:\/\/ URL/],
    ['https://169.254.169.254/latest/meta-data', /169\.254\.169\.254 is not public/],
    ['https://2852039166/', /169\.254\.169\.254 is not public/],
    ['https://0x7f.1/', /127\.0\.0\.1 is not public/],
    ['https://[::1]/', /::1 is not public/],
    ['https://[::ffff:10.0.0.1]/', /is not public/],
    ['https://sub.localhost/', /is not public|cannot be asked/],
  ] as const
  for (const [url, reason] of CASES) {
    const request = { url, method: 'POST', headers: {}, body: '{}' }
    await assert.rejects(transport.send(request), reason, url)
  }
  assert.equal(followed, 0)
})

test('orders against a real server', async (t) => {
  const shown = new Map<string, string>()
  const answering = http.createServer(({ url = '' }, response) => {
    response.end(shown.get(url.slice(url.lastIndexOf('/') + 1)) ?? '')
  })
  t.after(() => answering.close())
  await once(answering.listen(0, '127.0.0.1'), 'listening')
  const httpPort = (answering.address() as AddressInfo).port
  const pebble = await startPebble({ httpPort })
  t.after(() => pebble.stop())
  const board = boardOver(shown)

  await t.test('two programs on one store: one order', async (t) => {
    const world = worldOf(pebble, board)
    await world.ask('one.example.com')
    const programs = [world.start(t), world.start(t)]
    await world.issued()
    await pause(500)
    assert.equal(ordersIn(pebble), 1)
    for (const { orders } of programs) await orders.close()
    assert.equal(shown.size, 0, 'nothing of it outlives it')
  })

  await t.test('a lost account key is another account, and that is said', async (t) => {
    const world = worldOf(pebble, board)
    await world.ask('first.example.com')
    const first = world.start(t)
    await world.issued()
    await first.orders.close()
    await world.ask('second.example.com')
    const second = world.start(t, { sealer: new Sealer(randomBytes(32)) })
    await world.issued()
    assert.match(
      second.said.join('\n'),
      /key of the ACME account at \S+ cannot be opened: a new account is made/,
    )
    assert.ok(!second.said.join().includes('PRIVATE'))
    await second.orders.close()
  })

  await t.test('a rate limit is obeyed for as long as the server asks', async (t) => {
    const limiting = await startLimiting(t, pebble)
    const world = worldOf({ ...pebble, ...limiting }, board)
    await world.ask('limited.example.com')
    const { orders, said } = world.start(t)
    await world.issued()
    const [first = 0, second = 0] = limiting.ordersAtMs
    assert.equal(limiting.ordersAtMs.length, 2)
    assert.ok(second - first >= 2_000, `${second - first} ms`)
    assert.match(said[0]!, /rateLimited: too many/)
    await orders.close()
  })

  await t.test('an authority that binds accounts gets its proof', async (t) => {
    const key = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'
    await pebble.restart({ httpPort, externalKeys: { 'kid-1': key } })
    const world = worldOf(pebble, board)
    await world.ask('bound.example.com')
    const without = world.start(t)
    while (without.said.length === 0) await pause(50)
    assert.match(without.said[0]!, /externalAccountRequired/)
    await without.orders.close()
    const other = worldOf(pebble, board)
    await other.ask('bound.example.com')
    const bound = other.start(t, { externalAccount: { keyId: 'kid-1', hmacKey: key } })
    await other.issued()
    assert.ok(!bound.said.join().includes(key))
    await bound.orders.close()
  })
})

test('a restart in the middle of an order, and TLS-ALPN-01', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-acme-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [httpPort = 0, tlsPort = 0] = await freePorts(2)
  const environment = { PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '2' }
  const pebble = await startPebble({ httpPort, tlsPort, environment })
  t.after(() => pebble.stop())
  const words = [
    ...['--http', String(httpPort), '--https', String(tlsPort), '--workers', '2'],
    ...['--acme-directory', pebble.directory, '--acme-ca-file', pebble.trustFile],
    ...['--acme-terms-agreed', '--acme-challenges', 'tls-alpn-01'],
    ...['--limit', 'acmeRetryFirstMs=200', '--limit', 'acmeLeaseMs=1500'],
  ]
  const first = await startServer(t, folder, ...words)
  const ask = { DomainName: 'api.example.com' }
  const { CertificateArn } = await acmClient(t, first).send(new acm.RequestCertificateCommand(ask))
  while (!pebble.log().includes('/chalZ/')) await pause(20)
  await first.kill()
  const second = await startServer(t, folder, ...words)
  const client = acmClient(t, second)
  let status: string | undefined = 'PENDING_VALIDATION'
  for (let i = 0; status === 'PENDING_VALIDATION' && i < 600; i++) {
    await pause(100)
    const shown = await client.send(new acm.DescribeCertificateCommand({ CertificateArn }))
    status = shown.Certificate?.Status
  }
  assert.equal(status, 'ISSUED', second.lines.join('\n'))
  assert.equal(ordersIn(pebble), 2)
})

function acmClient(t: TestContext, { endpoint }: TestServer): acm.ACMClient {
  const { url, region, ...credentials } = endpoint
  const client = new acm.ACMClient({ endpoint: url, region, credentials, maxAttempts: 1 })
  t.after(() => client.destroy())
  return client
}

function ordersIn(pebble: Pick<Pebble, 'log'>): number {
  return pebble.log().match(/POST \/order-plz/g)?.length ?? 0
}

function boardOver(shown: Map<string, string>) {
  return {
    show: async (challenge: AcmeChallenge) => {
      if (challenge.type === 'http-01') shown.set(challenge.token, challenge.keyAuthorization)
    },
    hide: (challenge: AcmeChallenge) => {
      if (challenge.type === 'http-01') shown.delete(challenge.token)
    },
  }
}

interface ProgramOptions {
  readonly sealer?: Sealer
  readonly externalAccount?: { readonly keyId: string; readonly hmacKey: string }
}

/** A store, and programs on it. */
function worldOf(
  { directory, trust }: Pick<Pebble, 'directory' | 'trust'>,
  board: ReturnType<typeof boardOver>,
) {
  const store = new MemoryStore(systemClock.epochMs)
  const own = new Sealer(randomBytes(32))
  const limits = limitsOf('extended')
  let number = 0
  const start = (t: TestContext, { sealer = own, externalAccount }: ProgramOptions = {}) => {
    const said: string[] = []
    const warn = (message: string) => void said.push(message)
    const openSealer = async () => sealer
    const account = {
      ...{ store, openSealer, directory, externalAccount, warn, trust, board, limits },
      registration: { contacts: [], termsAgreed: true },
      challenges: ['http-01'] as const,
      clock: systemClock,
      pause: (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }),
    }
    const book = new AcmeCertificates(
      (scope, _, work) => store.write((tx) => work(tx.in(scope), new Date())),
      openSealer,
    )
    const orders = new AcmeOrders({
      ...{ store, warn, clock: systemClock, random: () => 0, info: () => {} },
      book: {
        list: () => store.read(acmeCertificates),
        complete: (certificate, issued) => book.complete(certificate, issued),
        fail: (certificate, end) => book.fail(certificate, end),
        renewing: (certificate, state) => book.renewing(certificate, state),
        onChange: (listener) => store.onCommit(() => listener()),
      },
      attempts: new Attempts(store),
      order: (wish, signal) => orderByAccount(account, wish, signal),
      holder: `program ${number++}`,
      leaseMs: 2_000,
      after: (delayMs, action) => {
        const timer = setTimeout(action, delayMs)
        return () => clearTimeout(timer)
      },
      backoff: { firstMs: 50, maxMs: 60_000 },
      validationMs: 60_000,
    })
    t.after(() => orders.close())
    return { orders, said }
  }
  const ask = (name: string) =>
    store.write((tx) => tx.in(SCOPE).put({ kind: CERTIFICATE, parent: '', id: name }, asked(name)))
  const issued = async () => {
    for (let i = 0; i < 400; i++) {
      const records = await store.read((reader) =>
        reader.everywhere<CertificateRecord>(CERTIFICATE),
      )
      if (records.every(({ body }) => body.Status === 'ISSUED')) return
      await pause(50)
    }
    assert.fail('not every certificate was issued in time')
  }
  return { start, ask, issued }
}

function asked(name: string): CertificateRecord {
  return {
    CertificateArn: `arn:aws:acm:us-east-1:000000000000:certificate/${name}`,
    Type: 'AMAZON_ISSUED',
    issuer: 'acme',
    DomainName: name,
    SubjectAlternativeNames: [name],
    KeyAlgorithm: 'EC_prime256v1',
    Status: 'PENDING_VALIDATION',
    CreatedAt: new Date().toISOString(),
    Tags: [],
  }
}

/** A server with a certificate of its own for localhost. */
async function startTls(t: TestContext, handler: http.RequestListener) {
  const fromEpochMs = Date.now() - 60_000
  const validity = { fromEpochMs, untilEpochMs: fromEpochMs + 86_400_000 }
  const authority = makeAuthority(validity)
  const { certificate, privateKey } = makeServerCertificate(authority, ['localhost'], validity)
  const server = https.createServer({ cert: certificate, key: privateKey }, handler)
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { origin: `https://localhost:${port}`, trust: authority.certificate }
}

/** In front of Pebble, which has no rate limits: refuses the first order for two seconds. */
async function startLimiting(t: TestContext, pebble: Pebble) {
  const ordersAtMs: number[] = []
  const { origin, trust } = await startTls(t, (request, response) => {
    const isOrder = request.method === 'POST' && request.url === '/order-plz'
    if (isOrder && ordersAtMs.push(systemClock.now()) === 1) {
      const type = 'urn:ietf:params:acme:error:rateLimited'
      const fields = { 'content-type': 'application/problem+json', 'retry-after': '2' }
      response.writeHead(429, fields).end(JSON.stringify({ type, detail: 'too many' }))
      return
    }
    const { method, headers, url: path } = request
    const options = { host: 'localhost', port: pebble.port, family: 4, ca: pebble.trust }
    const passed = https.request({ ...options, method, headers, path }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })
  return { directory: `${origin}/dir`, trust, ordersAtMs }
}
