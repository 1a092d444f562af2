import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { type KeyPair, makeAuthority, makeServerCertificate } from './certificate.ts'

const DAY_MS = 86_400_000
const now = Date.now()
const validity = { fromEpochMs: now - DAY_MS, untilEpochMs: now + DAY_MS }

/** What a client that trusts only `authority` says to a server that shows `pair`. */
async function verdict(
  t: TestContext,
  pair: KeyPair,
  authority: KeyPair,
  name: string,
): Promise<string> {
  const server = tls.createServer({ cert: pair.certificate, key: pair.privateKey })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  return new Promise((resolve) => {
    const socket = tls.connect(
      {
        port,
        host: '127.0.0.1',
        ca: authority.certificate,
        ...(name === '127.0.0.1' ? {} : { servername: name }),
      },
      () => {
        socket.destroy()
        resolve('trusted')
      },
    )
    socket.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'UNSPECIFIED' ? error.message : String(error.code)),
    )
  })
}

test('the authority may sign certificates, and only those of servers', () => {
  const { certificate, privateKey } = makeAuthority(validity)
  const parsed = new X509Certificate(certificate)
  assert.equal(parsed.ca, true)
  assert.ok(parsed.checkPrivateKey(createPrivateKey(privateKey)))
  assert.ok(parsed.verify(parsed.publicKey))
  assert.equal(parsed.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.match(parsed.subject, /^O=Postern\nCN=Postern local CA [0-9a-f]{8}$/)
})

test('validity is what was asked for, to the second', () => {
  const parsed = new X509Certificate(makeAuthority(validity).certificate)
  assert.equal(parsed.validFromDate.getTime(), Math.floor(validity.fromEpochMs / 1000) * 1000)
  assert.equal(parsed.validToDate.getTime(), Math.floor(validity.untilEpochMs / 1000) * 1000)
})

test('every certificate has a serial number of its own', () => {
  const authority = makeAuthority(validity)
  const serials = Array.from(
    { length: 20 },
    () =>
      new X509Certificate(makeServerCertificate(authority, ['localhost'], validity).certificate)
        .serialNumber,
  )
  assert.equal(new Set(serials).size, serials.length)
})

const NAMES: readonly (readonly [string, string])[] = [
  ['localhost', 'trusted'],
  // OpenSSL and Node want two labels behind a wildcard; curl with another library does not.
  ['pets.localhost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['a1b2c3.execute-api.localhost', 'trusted'],
  ['127.0.0.1', 'trusted'],
  ['example.com', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]

for (const [name, expected] of NAMES) {
  test(`a client that trusts the authority asks for ${name}: ${expected}`, async (t) => {
    const authority = makeAuthority(validity)
    const names = ['localhost', '*.localhost', '*.execute-api.localhost']
    const pair = makeServerCertificate(authority, names, validity)
    assert.equal(await verdict(t, pair, authority, name), expected)
  })
}

test('another authority is not trusted', async (t) => {
  const authority = makeAuthority(validity)
  const pair = makeServerCertificate(authority, ['localhost'], validity)
  const result = await verdict(t, pair, makeAuthority(validity), 'localhost')
  assert.match(result, /UNABLE_TO_(GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)/)
})

test('whoever has the key of the authority cannot speak for another name', async (t) => {
  const authority = makeAuthority(validity)
  const pair = makeServerCertificate(authority, ['example.com'], validity)
  assert.equal(await verdict(t, pair, authority, 'example.com'), 'permitted subtree violation')
})

test('an expired certificate is refused', async (t) => {
  const authority = makeAuthority(validity)
  const past = { fromEpochMs: now - 2 * DAY_MS, untilEpochMs: now - DAY_MS }
  const pair = makeServerCertificate(authority, ['localhost'], past)
  assert.equal(await verdict(t, pair, authority, 'localhost'), 'CERT_HAS_EXPIRED')
})
