/** Adversarial test 39: names, policies, tickets and staples of the TLS port, while they change under load. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { type FakeCertificate, fakeCertificate } from '../../src/certificates/authority.fake.ts'
import type { TlsDocument, TlsHost } from '../../src/domain/tls.ts'
import { SECURITY_POLICIES } from '../../src/domain/tls-policies.ts'
import type { SecureHosts } from '../../src/http/server/secure-hosts.ts'
import { FAKE_CERTIFICATE, startFakeTlsServer } from '../../src/http/server/tls-server.fake.ts'
import { CompileError } from '../../src/runtime/snapshot/compile.ts'
import { compileTls } from '../../src/runtime/snapshot/compile-tls.ts'

const one = fakeCertificate({ name: 'one' })
const two = fakeCertificate({ name: 'two' })
const wild = fakeCertificate({ name: 'wild' })

function host(
  serverNames: readonly string[],
  { pem: certificate, keyPem: privateKey }: FakeCertificate,
  others: Partial<TlsHost> = {},
): TlsHost {
  return { serverNames, certificate, privateKey, securityPolicy: 'TLS_1_2', ...others }
}

function document(...hosts: readonly TlsHost[]): TlsDocument {
  return { revision: 1, hosts, clientCertificates: {} }
}

async function start(t: TestContext, hosts: SecureHosts | undefined) {
  const fake = await startFakeTlsServer({
    acceptHttp1: (socket) => {
      socket.on('error', () => {})
      socket.write('served')
    },
  })
  fake.listener.useHosts(hosts)
  t.after(() => fake.close())
  return fake
}

interface Seen {
  readonly subject: string
  readonly version: string | null
  readonly session: Buffer | undefined
  readonly reused: boolean
}

/** Rejects where the handshake is refused. */
async function dial(
  port: number,
  servername: string,
  options: tls.ConnectionOptions = {},
): Promise<Seen> {
  const socket = tls.connect({
    ...{ port, host: '127.0.0.1', servername, rejectUnauthorized: false },
    ...options,
  })
  let session: Buffer | undefined
  socket.on('session', (given) => {
    session = given
  })
  try {
    await once(socket, 'secureConnect')
    // A client that resumes a session is shown none.
    const subject = socket.getPeerX509Certificate()?.subject ?? ''
    await once(socket, 'data')
    await new Promise(setImmediate)
    return { subject, version: socket.getProtocol(), session, reused: socket.isSessionReused() }
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

test('each name gets its certificate, an exact one before a wildcard, every other the own', async (t) => {
  const hosts = compileTls(
    document(
      host(['a.test', 'b.test'], one),
      host(['c.wild.test'], two),
      host(['*.wild.test'], wild),
    ),
    undefined,
  )
  const { port } = await start(t, hosts)
  const own = 'O=Postern\nCN=localhost'
  for (const [name, subject] of [
    ['a.test', 'CN=one'],
    ['B.TEST', 'CN=one'],
    ['c.wild.test', 'CN=two'],
    ['d.wild.test', 'CN=wild'],
    ['e.d.wild.test', own],
    ['wild.test', own],
    ['nobody.test', own],
    ['', own],
  ] as const) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      assert.equal((await dial(port, name, { maxVersion })).subject, subject, name)
    }
  }
  assert.ok(FAKE_CERTIFICATE.includes('CERTIFICATE'))
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${maxVersion}: a session is resumed under its name only, and not with another certificate`, async (t) => {
    const hosts = compileTls(document(host(['a.test', 'b.test', '*.wild.test'], one)), undefined)
    const { port, listener } = await start(t, hosts)
    listener.replaceTicketKeys(Buffer.alloc(48, 1))
    const sessionOf = async (name: string) => (await dial(port, name, { maxVersion })).session!
    const reuses = async (name: string, session: Buffer) =>
      (await dial(port, name, { maxVersion, session })).reused
    const session = await sessionOf('a.test')
    assert.equal(await reuses('a.test', session), true)
    assert.equal(await reuses('b.test', session), false)
    assert.equal(await reuses('nobody.test', session), false)
    assert.equal(await reuses('a.test', await sessionOf('nobody.test')), false)
    assert.equal(await reuses('x.wild.test', await sessionOf('x.wild.test')), true)
    listener.useHosts(compileTls(document(host(['a.test'], one), host(['c.test'], two)), hosts))
    assert.equal(await reuses('a.test', session), true)
    listener.useHosts(compileTls(document(host(['a.test'], two)), undefined))
    assert.equal(await reuses('a.test', session), false)
    const fresh = await sessionOf('a.test')
    listener.replaceTicketKeys(Buffer.alloc(48, 2))
    assert.equal(await reuses('a.test', fresh), false)
  })
}

test('names come, change and go under load, and no handshake fails', async (t) => {
  const { port, listener, context } = await start(t, undefined)
  const tables = [
    compileTls(document(host(['a.test'], one)), undefined),
    compileTls(document(host(['a.test'], two), host(['b.test'], one)), undefined),
    undefined,
  ]
  const seen = new Set<string>()
  for (let round = 0; round < 21; round++) {
    const handshakes = Array.from({ length: 8 }, () => dial(port, 'a.test'))
    listener.useHosts(tables[round % 3])
    for (const { subject } of await Promise.all(handshakes)) seen.add(subject)
  }
  assert.deepEqual([...seen].sort(), ['CN=one', 'CN=two', 'O=Postern\nCN=localhost'])
  assert.equal(context.stats.refused.get('tls-handshake'), undefined)
})

for (const securityPolicy of SECURITY_POLICIES) {
  test(`the policy ${securityPolicy} is kept`, async (t) => {
    const hosts = compileTls(document(host(['a.test'], one, { securityPolicy })), undefined)
    const { port } = await start(t, hosts)
    const shakes = (options: tls.ConnectionOptions) =>
      dial(port, 'a.test', options).then(
        ({ version }) => version,
        () => 'refused',
      )
    const old = { ciphers: 'ALL:@SECLEVEL=0' }
    const only13 = /TLS13_1_3|TLS13_2025/.test(securityPolicy)
    const chacha = securityPolicy.includes('FIPS') ? 'refused' : 'TLSv1.3'
    assert.equal(await shakes({}), 'TLSv1.3')
    assert.equal(await shakes({ maxVersion: 'TLSv1.2' }), only13 ? 'refused' : 'TLSv1.2')
    assert.equal(await shakes({ ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }), 'refused')
    assert.equal(await shakes({ ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }), chacha)
    assert.equal(
      await shakes({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }),
      'refused',
    )
    const pq = await shakes({ ecdhCurve: 'X25519MLKEM768' })
    if (securityPolicy.includes('PQ')) assert.equal(pq, 'TLSv1.3')
  })
}

test('what an authority says of a certificate is stapled for clients that ask', async (t) => {
  const response = Buffer.from('300a0a0103', 'hex')
  const staple = response.toString('base64')
  const hosts = compileTls(
    document(host(['a.test'], one, { ocspResponse: staple }), host(['b.test'], two)),
    undefined,
  )
  const { port } = await start(t, hosts)
  const stapled = async (servername: string): Promise<Buffer | null> => {
    const socket = tls.connect({
      ...{ port, host: '127.0.0.1', servername, rejectUnauthorized: false, requestOCSP: true },
    })
    socket.on('error', () => {})
    const [given] = await once(socket, 'OCSPResponse')
    socket.destroy()
    return given
  }
  assert.deepEqual(await stapled('a.test'), response)
  assert.ok(!(await stapled('b.test')))
  const again = compileTls(document(host(['a.test'], one, { ocspResponse: staple })), hosts)
  assert.equal(again.at('a.test'), hosts.at('a.test'))
})

test('a challenge is answered by its protocol, for its name, as long as it lasts', async (t) => {
  const { port, listener } = await start(t, undefined)
  listener.useChallenge('a.test', { certificate: two.pem, privateKey: two.keyPem })
  const challenge = async (servername: string): Promise<string> => {
    const socket = tls.connect({
      ...{ port, host: '127.0.0.1', servername, rejectUnauthorized: false },
      ALPNProtocols: ['acme-tls/1'],
    })
    socket.on('error', () => {})
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => {})
    const seen = `${socket.alpnProtocol || ''} ${socket.getPeerX509Certificate()?.subject ?? ''}`
    if (!socket.destroyed) await once(socket.resume(), 'end')
    socket.destroy()
    return seen
  }
  assert.equal(await challenge('a.test'), 'acme-tls/1 CN=two')
  assert.equal(await challenge('b.test'), ' ')
  assert.equal((await dial(port, 'a.test')).subject, 'O=Postern\nCN=localhost')
  listener.useChallenge('a.test', undefined)
  assert.equal(await challenge('a.test'), ' ')
})

const REFUSED: readonly (readonly [string, TlsDocument, RegExp])[] = [
  [
    'a name twice',
    document(host(['a.test'], one), host(['a.test'], two)),
    /a\.test has two certificates/,
  ],
  [
    'no policy',
    document(host(['a.test'], one, { securityPolicy: 'toString' })),
    /no security policy toString/,
  ],
  [
    'another key',
    document(host(['a.test'], { ...one, keyPem: two.keyPem })),
    /for a\.test cannot be used: .*key values mismatch/,
  ],
  ['no PEM', document(host(['a.test'], { ...one, pem: 'nothing' })), /for a\.test cannot be used/],
]

for (const [what, wrong, message] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => compileTls(wrong, undefined),
      (thrown: unknown) => thrown instanceof CompileError && message.test(thrown.message),
    )
  })
}
