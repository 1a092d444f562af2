/**
 * J12, Appendix C: a domain with a truststore lets in clients whose certificates it accepts; routes, logs and origins
 * learn who they are. Everybody else gets 403, no connection, or is sent to a connection of their own (421).
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import {
  CLIENT_AUTHENTICATION,
  type FakeCertificate,
  fakeCertificate,
  fakeRevocationList,
} from '../../src/certificates/authority.fake.ts'
import type { ClientTrust, TlsHost } from '../../src/domain/tls.ts'
import { startGateway, TestClock, type TestGateway } from '../harness/gateway.ts'
import { localTls } from '../harness/local-tls.ts'
import { startEcho } from '../harness/origin.ts'

const HOUR_MS = 3_600_000
/** OpenSSL verifies by the time of day, the gateway watches over connections by a clock that the test moves. */
const now = Date.now()
const at = new TestClock().epochMs()
const times = { fromEpochMs: at - HOUR_MS, untilEpochMs: now + 24 * HOUR_MS }
const root = fakeCertificate({ name: 'Root', authority: true, ...times })
const stranger = fakeCertificate({ name: 'Stranger', authority: true, ...times })
const pair = fakeCertificate({ name: 'server', ...times })
const jane = clientOf('Jane', root)
const eve = clientOf('Eve', stranger)

function clientOf(name: string, issuer: FakeCertificate, untilEpochMs = times.untilEpochMs) {
  return fakeCertificate({ ...times, name, issuer, usages: [CLIENT_AUTHENTICATION], untilEpochMs })
}

function trust(authority: FakeCertificate, version: string): ClientTrust {
  return { authorities: authority.pem, revocationLists: [], version }
}

function host(name: string, clientTrust?: ClientTrust): TlsHost {
  return {
    serverNames: [name],
    certificate: pair.pem,
    privateKey: pair.keyPem,
    securityPolicy: 'TLS_1_2',
    ...(clientTrust === undefined ? {} : { clientTrust }),
  }
}

const LOG =
  '{"id":"$context.requestId","subject":"$context.identity.clientCert.subjectDN","issuer":"$context.identity.clientCert.issuerDN",' +
  '"serial":"$context.identity.clientCert.serialNumber","pem":"$context.identity.clientCert.clientCertPem",' +
  '"from":"$context.identity.clientCert.validity.notBefore","to":"$context.identity.clientCert.validity.notAfter"}'

async function start(t: TestContext) {
  const origin = await startEcho(t)
  const clock = new TestClock()
  const mappings = [{ key: '', apiId: 'pets000000', stageName: '$default' }]
  const stages = [
    {
      apiId: 'pets000000',
      routes: {
        $default: {
          uri: origin.url,
          requestParameters: {
            'overwrite:header.x-client': '$context.identity.clientCert.subjectDN',
            'overwrite:header.x-until': '$context.identity.clientCert.validity.notAfter',
          },
        },
      },
    },
  ]
  const gateway = await startGateway(t, {
    stages,
    clock,
    logFormat: LOG,
    tls: await localTls(t),
    hosts: [
      host('mine.test', trust(root, '1')),
      host('other.test', trust(stranger, '1b')),
      host('open.test'),
    ],
    domains: [
      { domainName: 'mine.test', mutualTls: true, mappings },
      { domainName: 'other.test', mutualTls: true, mappings },
      { domainName: 'open.test', mappings },
      { domainName: 'bare.test', mutualTls: true, mappings },
    ],
  })
  const port = await gateway.plane.listenHttps({ port: 0, host: '127.0.0.1' })
  return { gateway, port, origin, clock, stages }
}

/** One request over HTTP/2. 0: no connection. */
async function ask(
  port: number,
  serverName: string,
  client: FakeCertificate | undefined,
  authority = serverName,
): Promise<{ status: number; body: string; requestId: string }> {
  const session = connect(port, serverName, client)
  try {
    return await askOn(session, authority)
  } catch {
    return { status: 0, body: '', requestId: '' }
  } finally {
    session.destroy()
  }
}

function connect(port: number, servername: string, client: FakeCertificate | undefined) {
  const session = http2.connect(`https://127.0.0.1:${port}`, {
    servername,
    rejectUnauthorized: false,
    ...(client === undefined ? {} : { cert: client.pem, key: client.keyPem }),
  })
  session.on('error', () => {})
  return session
}

async function askOn(session: http2.ClientHttp2Session, authority: string) {
  const stream = session.request({ ':path': '/pets', ':authority': authority })
  const closed = once(stream, 'close').then(() => [{}])
  const [head] = (await Promise.race([once(stream, 'response'), closed])) as [
    http2.IncomingHttpHeaders,
  ]
  if (head[':status'] === undefined) return { status: 0, body: '', requestId: '' }
  let body = ''
  for await (const chunk of stream.setEncoding('utf8')) body += chunk
  const requestId = String(head['apigw-requestid'] ?? '')
  return { status: Number(head[':status']), body, requestId }
}

function evidenceOf(gateway: TestGateway, requestId: string) {
  const answer = { get: () => requestId } as unknown as Parameters<TestGateway['explain']>[0]
  return gateway.explain(answer)
}

test('who is let in, and what is known of them', async (t) => {
  const { gateway, port, origin } = await start(t)
  const answer = await ask(port, 'mine.test', jane)
  assert.equal(answer.status, 200)
  const seen = JSON.stringify(origin.requests.at(-1))
  assert.match(seen, /CN=Jane/)
  const line = JSON.parse(gateway.logLines.at(-1)!)
  assert.equal(line.subject, 'CN=Jane')
  assert.equal(line.issuer, 'CN=Root')
  assert.match(line.serial, /^[0-9a-f]{2}(:[0-9a-f]{2}){7}$/)
  assert.match(line.to, / GMT$/)
  assert.ok(Date.parse(line.from) < at && line.pem.startsWith('-----BEGIN CERTIFICATE-----'))
})

test('a certificate that does not count: 403, and explain says why', async (t) => {
  const { gateway, port } = await start(t)
  const answer = await ask(port, 'mine.test', eve)
  assert.deepEqual([answer.status, answer.body], [403, '{"message":"Forbidden"}'])
  const told = evidenceOf(gateway, answer.requestId)
  assert.equal(told.reasonCode, 'CLIENT_CERTIFICATE_REFUSED')
  const text = JSON.stringify(told)
  assert.match(text, /CN=Eve: UNABLE_TO_/)
  assert.match(text, /the truststore of mine\.test/)
  assert.equal((await ask(port, 'mine.test', undefined)).status, 0)
  assert.equal((await ask(port, 'other.test', eve)).status, 200)
})

test('what was proved for one name counts for no other', async (t) => {
  const { port, gateway } = await start(t)
  const cases = [
    ['mine.test', jane, 'other.test', 421],
    ['open.test', undefined, 'mine.test', 421],
    ['open.test', jane, 'mine.test', 421],
    ['nobody.test', jane, 'mine.test', 421],
    ['mine.test', jane, 'open.test', 421],
    ['open.test', undefined, 'open.test', 200],
    // Its certificate is not there: nobody can prove anything.
    ['bare.test', jane, 'bare.test', 421],
  ] as const
  for (const [serverName, client, authority, status] of cases) {
    const answer = await ask(port, serverName, client, authority)
    assert.equal(answer.status, status, `${serverName} → ${authority}`)
  }
  const plain = await gateway.get('/', 'Host: mine.test')
  assert.deepEqual([plain.status, plain.text], [403, '{"message":"Forbidden"}'])
})

test('another truststore counts at once, for connections that stand as well', async (t) => {
  const { port, gateway, stages } = await start(t)
  const standing = connect(port, 'mine.test', jane)
  assert.equal((await askOn(standing, 'mine.test')).status, 200)
  gateway.hosts = [host('mine.test', trust(stranger, '2'))]
  gateway.apply(...stages)
  const late = await askOn(standing, 'mine.test').catch(() => ({ status: 0 }))
  assert.ok([0, 421].includes(late.status), `${late.status}`)
  standing.destroy()
  assert.equal((await ask(port, 'mine.test', jane)).status, 403)
  assert.equal((await ask(port, 'mine.test', eve)).status, 200)
  const revoking = { ...trust(root, '3'), revocationLists: [fakeRevocationList(root, [jane])] }
  gateway.hosts = [host('mine.test', revoking)]
  gateway.apply(...stages)
  const revoked = await ask(port, 'mine.test', jane)
  assert.equal(revoked.status, 403)
  assert.match(JSON.stringify(evidenceOf(gateway, revoked.requestId)), /CERT_REVOKED/)
})

test('a certificate that expires while its connection stands is no longer one', async (t) => {
  const { port, clock } = await start(t)
  const standing = connect(port, 'mine.test', clientOf('Brief', root, now + HOUR_MS))
  assert.equal((await askOn(standing, 'mine.test')).status, 200)
  clock.advanceDate(now + 2 * HOUR_MS - at)
  assert.equal((await askOn(standing, 'mine.test')).status, 403)
  standing.destroy()
})

test('the HTTP/1.1 client of a browser or a script is held to the same', async (t) => {
  const { port } = await start(t)
  for (const [client, status] of [
    [jane, '200'],
    [eve, '403'],
  ] as const) {
    const socket = tls.connect({
      ...{ port, host: '127.0.0.1', servername: 'mine.test', rejectUnauthorized: false },
      ...{ cert: client.pem, key: client.keyPem, ALPNProtocols: ['http/1.1'] },
    })
    socket.write('GET /pets HTTP/1.1\r\nHost: mine.test\r\n\r\n')
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    assert.ok(bytes.toString().startsWith(`HTTP/1.1 ${status}`), bytes.toString())
    socket.destroy()
  }
})
