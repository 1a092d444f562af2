/**
 * Adversarial test 40, at the TLS port: certificates of clients that do not count, each wrong in one way, and names whose
 * trust is not that of the handshake.
 *
 * Oracle: OpenSSL's code for what is wrong; a client that has none is not served at all.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import tls from 'node:tls'
import {
  CLIENT_AUTHENTICATION,
  type FakeCertificate,
  fakeCertificate,
  fakeRevocationList,
  SERVER_AUTHENTICATION,
} from '../../src/certificates/authority.fake.ts'
import type { TlsDocument, TlsHost } from '../../src/domain/tls.ts'
import type { ClientConnection } from '../../src/http/exchange.ts'
import type { SecureHosts } from '../../src/http/server/secure-hosts.ts'
import { type FakeTlsServer, startFakeTlsServer } from '../../src/http/server/tls-server.fake.ts'
import { compileTls } from '../../src/runtime/snapshot/compile-tls.ts'

const HOUR_MS = 3_600_000
const now = Date.now()

const root = fakeCertificate({ name: 'Root', authority: true })
const middle = fakeCertificate({ name: 'Middle', authority: true, issuer: root })
const stranger = fakeCertificate({ name: 'Stranger', authority: true })
const server = fakeCertificate({
  name: 'server',
  dnsNames: ['api.test', 'other.test', 'open.test'],
})
const good = client({ name: 'good', issuer: root })
const revoked = client({ name: 'revoked', issuer: root })

function client(options: Partial<Parameters<typeof fakeCertificate>[0]>): FakeCertificate {
  return fakeCertificate({ name: 'client', usages: [CLIENT_AUTHENTICATION], ...options })
}

interface Trust {
  readonly authorities?: readonly FakeCertificate[]
  readonly lists?: readonly string[]
  readonly version?: string
}

function host(name: string, trust?: Trust): TlsHost {
  const { authorities = [root], lists = [], version = '1' } = trust ?? {}
  return {
    serverNames: [name],
    certificate: server.pem,
    privateKey: server.keyPem,
    securityPolicy: 'TLS_1_2',
    ...(trust === undefined
      ? {}
      : {
          clientTrust: {
            authorities: authorities.map(({ pem }) => pem).join(''),
            revocationLists: lists,
            version,
          },
        }),
  }
}

let revision = 0
function hostsOf(...hosts: readonly TlsHost[]): SecureHosts {
  const document: TlsDocument = { revision: ++revision, hosts, clientCertificates: {} }
  return compileTls(document, undefined)
}

async function start(t: TestContext, hosts: SecureHosts) {
  const clients: ClientConnection[] = []
  const fake = await startFakeTlsServer({
    acceptHttp1: (socket, connection) => {
      clients.push(connection)
      socket.on('error', () => {})
      socket.write('served')
    },
  })
  fake.listener.useHosts(hosts)
  t.after(() => fake.close())
  return { fake, clients }
}

interface Shown {
  readonly own?: FakeCertificate
  readonly chain?: readonly FakeCertificate[]
}

/** 'served', or the code of the error, or 'closed'. */
async function call(
  port: number,
  { own, chain = [] }: Shown,
  options: tls.ConnectionOptions = {},
): Promise<string> {
  const socket = tls.connect({
    port,
    host: '127.0.0.1',
    servername: 'api.test',
    rejectUnauthorized: false,
    ...(own === undefined
      ? {}
      : { cert: [own, ...chain].map(({ pem }) => pem).join(''), key: own.keyPem }),
    ...options,
  })
  const ended = await Promise.race([
    once(socket, 'data').then(() => 'served'),
    once(socket, 'close').then(() => 'closed'),
  ]).catch((error: NodeJS.ErrnoException) => error.code ?? String(error))
  socket.on('error', () => {})
  socket.destroy()
  return ended
}

const rootOfLong = fakeCertificate({ name: 'Long', authority: true })
const long1 = fakeCertificate({ name: 'Long 1', authority: true, issuer: rootOfLong })
const long2 = fakeCertificate({ name: 'Long 2', authority: true, issuer: long1 })
const long3 = fakeCertificate({ name: 'Long 3', authority: true, issuer: long2 })
const long = [rootOfLong, long1, long2, long3]
const shortPath = fakeCertificate({ name: 'Short', authority: true, issuer: root, pathLength: 0 })
const beyondPath = fakeCertificate({ name: 'Beyond', authority: true, issuer: shortPath })
const narrow = fakeCertificate({
  name: 'Narrow',
  authority: true,
  issuer: root,
  permits: 'inside.test',
})
const noAuthority = client({ name: 'no authority', issuer: root })

const CASES: readonly (readonly [string, Shown, string, Trust?])[] = [
  ['good', { own: good }, ''],
  [
    'good, by an intermediate',
    { own: client({ issuer: middle }) },
    '',
    { authorities: [root, middle] },
  ],
  [
    'by an intermediate that only the client has',
    { own: client({ issuer: middle }), chain: [middle] },
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ],
  ['good, without extended key usage', { own: fakeCertificate({ name: 'c', issuer: root }) }, ''],
  [
    'an intermediate that is not shown',
    { own: client({ issuer: middle }) },
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  ['expired', { own: client({ issuer: root, untilEpochMs: now - HOUR_MS }) }, 'CERT_HAS_EXPIRED'],
  [
    'not yet valid',
    { own: client({ issuer: root, fromEpochMs: now + HOUR_MS }) },
    'CERT_NOT_YET_VALID',
  ],
  [
    'for servers only',
    { own: client({ issuer: root, usages: [SERVER_AUTHENTICATION] }) },
    'INVALID_PURPOSE',
  ],
  [
    'of another authority',
    { own: client({ issuer: stranger }) },
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  [
    'of another authority that is shown as well',
    { own: client({ issuer: stranger }), chain: [stranger] },
    'SELF_SIGNED_CERT_IN_CHAIN',
  ],
  [
    'of another authority with the name of ours',
    { own: client({ issuer: fakeCertificate({ name: 'Root', authority: true }) }) },
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE',
  ],
  ['self-signed', { own: client({ name: 'self' }) }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [
    'signed by a client',
    { own: client({ issuer: noAuthority }), chain: [noAuthority] },
    'INVALID_CA|UNSPECIFIED',
  ],
  [
    'beyond the path length',
    { own: client({ issuer: beyondPath }), chain: [beyondPath, shortPath] },
    'PATH_LENGTH_EXCEEDED|UNSPECIFIED',
  ],
  [
    'outside the permitted names',
    { own: client({ issuer: narrow, dnsNames: ['a.outside.test'] }), chain: [narrow] },
    'PERMITTED_VIOLATION|UNSPECIFIED',
  ],
  [
    'inside the permitted names',
    { own: client({ issuer: narrow, dnsNames: ['a.inside.test'] }) },
    '',
    { authorities: [root, narrow] },
  ],
  [
    'with a chain of five',
    { own: client({ issuer: long3 }) },
    'CERT_CHAIN_TOO_LONG',
    { authorities: long },
  ],
  ['with a chain of four', { own: client({ issuer: long2 }) }, '', { authorities: long }],
  ['revoked', { own: revoked }, 'CERT_REVOKED', { lists: [fakeRevocationList(root, [revoked])] }],
  ['not revoked', { own: good }, '', { lists: [fakeRevocationList(root, [revoked])] }],
  [
    'with a list that has expired',
    { own: good },
    'CRL_HAS_EXPIRED',
    { lists: [fakeRevocationList(root, [], now - HOUR_MS)] },
  ],
  [
    'with a list that another authority has signed',
    { own: revoked },
    'CRL_SIGNATURE_FAILURE|UNABLE_TO_GET_CRL',
    { lists: [fakeRevocationList({ ...root, key: stranger.key }, [])] },
  ],
  [
    'of an authority without a list',
    { own: client({ issuer: middle }), chain: [middle] },
    'UNABLE_TO_GET_CRL',
    { lists: [fakeRevocationList(root, [])] },
  ],
  [
    'by a revoked intermediate',
    { own: client({ issuer: middle }), chain: [middle] },
    'CERT_REVOKED',
    { lists: [fakeRevocationList(root, [middle]), fakeRevocationList(middle, [])] },
  ],
]

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`40 ${maxVersion}: what is wrong with a certificate of a client`, async (t) => {
    const { fake, clients } = await start(t, hostsOf(host('api.test', {})))
    for (const [what, shown, refusal, trust = {}] of CASES) {
      fake.listener.useHosts(hostsOf(host('api.test', trust)))
      assert.equal(await call(fake.port, shown, { maxVersion }), 'served', what)
      const { trustKey, clientCertificate } = clients.pop()!.tls!
      assert.equal(trustKey, 'truststore 1', what)
      assert.match(clientCertificate!.refusal, new RegExp(`^(${refusal})$`), what)
    }
  })

  test(`40 ${maxVersion}: no certificate, no connection`, async (t) => {
    const { fake, clients } = await start(t, hostsOf(host('api.test', {})))
    assert.notEqual(await call(fake.port, {}, { maxVersion }), 'served')
    assert.equal(clients.length, 0)
    assert.equal(fake.context.stats.connectionsOpen, 0)
    assert.equal(fake.context.stats.refused.get('tls-handshake'), 1)
  })

  test(`40 ${maxVersion}: where clients show certificates, no session is resumed`, async (t) => {
    const { fake, clients } = await start(t, hostsOf(host('api.test', {}), host('open.test')))
    fake.listener.replaceTicketKeys(Buffer.alloc(48, 1))
    const resumes = async (from: string, to: string): Promise<boolean> => {
      const session = await sessionWith(fake, from, maxVersion)
      const reused = await isReused(fake, { servername: to, maxVersion, session })
      return session.length > 0 && reused
    }
    assert.equal(await resumes('open.test', 'open.test'), true)
    assert.equal(await resumes('api.test', 'api.test'), false)
    assert.equal(await resumes('open.test', 'api.test'), false)
    assert.equal(await resumes('api.test', 'open.test'), false)
    const last = clients.filter(({ tls }) => tls?.serverName === 'api.test')
    assert.ok(last.every(({ tls }) => tls?.clientCertificate?.refusal === ''))
  })
}

const credentials = { cert: good.pem, key: good.keyPem, rejectUnauthorized: false }

async function sessionWith(
  { port }: FakeTlsServer,
  servername: string,
  maxVersion: tls.SecureVersion,
): Promise<Buffer> {
  const options = { port, host: '127.0.0.1', servername, maxVersion, ...credentials }
  const socket = tls.connect(options)
  const session = once(socket, 'session').then(([given]) => given as Buffer)
  await once(socket, 'data')
  // A server that gives none says nothing about it.
  const none = pause(100).then(() => Buffer.alloc(0))
  const given = await Promise.race([session, none])
  socket.destroy()
  return given
}

async function isReused({ port }: FakeTlsServer, options: tls.ConnectionOptions): Promise<boolean> {
  const { session, ...others } = options
  const resumed = session === undefined || session.length === 0 ? {} : { session }
  const socket = tls.connect({ port, host: '127.0.0.1', ...credentials, ...others, ...resumed })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  const reused = socket.isSessionReused()
  await Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.destroy()
  return reused
}

test('40 a changed truststore counts from the next handshake on, and ends what it let in', async (t) => {
  const before = hostsOf(host('api.test', {}), host('other.test', { version: '7' }))
  const { fake } = await start(t, before)
  const drained: string[] = []
  for (const [serverName, trustKey] of [
    ['api.test', 'truststore 1'],
    ['other.test', 'truststore 7'],
    ['open.test', ''],
  ] as const) {
    const known = { serverName, trustKey, version: '', cipher: '', clientCertificate: undefined }
    fake.context.connections.add({
      client: { tls: known } as ClientConnection,
      drain: () => drained.push(serverName),
      spare: () => {},
      destroy: () => {},
    })
  }
  fake.listener.useHosts(before)
  assert.deepEqual(drained, [])
  const after = hostsOf(
    host('api.test', { authorities: [stranger], version: '2' }),
    host('other.test', { version: '7' }),
  )
  fake.listener.useHosts(after)
  assert.deepEqual(drained, ['api.test'])
  fake.listener.useHosts(undefined)
  assert.deepEqual(drained, ['api.test', 'api.test', 'other.test'])
  fake.context.connections.clear()
})

test('40 a hello for one name that OpenSSL reads as another is not served', async (t) => {
  const { fake, clients } = await start(t, hostsOf(host('api.test', {}), host('*.wild.test')))
  assert.equal(await call(fake.port, {}, { servername: 'a.wild.test' }), 'served')
  assert.notEqual(await call(fake.port, {}, { servername: 'api.test' }), 'served')
  assert.equal(await call(fake.port, {}, { servername: 'a.b.wild.test' }), 'served')
  assert.deepEqual(
    clients.map(({ tls }) => [tls?.serverName, tls?.trustKey]),
    [
      ['a.wild.test', ''],
      ['a.b.wild.test', ''],
    ],
  )
})

test('40 what $context tells of a certificate', async (t) => {
  const { fake, clients } = await start(t, hostsOf(host('api.test', {})))
  const own = client({
    name: 'Jane, "the" client',
    issuer: root,
    serial: Buffer.from('410b', 'hex'),
  })
  await call(fake.port, { own })
  const shown = clients[0]!.tls!.clientCertificate!
  assert.equal(shown.subject, 'CN=Jane\\, \\"the\\" client')
  assert.equal(shown.issuer, 'CN=Root')
  assert.equal(shown.serialNumber, '41:0b')
  assert.equal(shown.pem, own.pem)
  assert.match(shown.notAfter, /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/)
  assert.ok(Date.parse(shown.notBefore) < now && shown.untilEpochMs > now)
})
