/**
 * H11, J12: certificates of the gateway's own. An origin that asks for one is shown the one that its integration names,
 * and the next handshake resumes the session of the last.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import {
  CLIENT_AUTHENTICATION,
  type FakeCertificate,
  fakeCertificate,
} from '../../src/certificates/authority.fake.ts'
import { startGateway } from '../harness/gateway.ts'

const root = fakeCertificate({ name: 'Root', authority: true })
const other = fakeCertificate({ name: 'Other', authority: true })
const server = fakeCertificate({ name: 'origin', issuer: root, dnsNames: ['orders.internal'] })
const gatewayOne = clientOf('gateway one', root)
const gatewayTwo = clientOf('gateway two', root)
const stranger = clientOf('stranger', other)

function clientOf(name: string, issuer: FakeCertificate): FakeCertificate {
  return fakeCertificate({ name, issuer, usages: [CLIENT_AUTHENTICATION] })
}

function pairOf({ pem, keyPem }: FakeCertificate) {
  return { certificate: pem, privateKey: keyPem }
}

/** Answers with who asks, and whether the session was resumed; ends each connection. */
async function startOrigin(t: TestContext): Promise<string> {
  const origin = tls.createServer(
    { cert: server.pem, key: server.keyPem, ca: root.pem, requestCert: true },
    (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        const subject = socket.getPeerX509Certificate()?.subject ?? 'nobody'
        const body = `${subject} ${socket.isSessionReused() ? 'resumed' : 'full'}`
        socket.end(
          `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        )
      })
    },
  )
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  t.after(() => origin.close())
  return `https://127.0.0.1:${(origin.address() as AddressInfo).port}`
}

test('an origin that asks for a certificate is shown the one of the integration', async (t) => {
  const uri = await startOrigin(t)
  const tlsConfig = { serverNameToVerify: 'orders.internal' }
  const routes = {
    'GET /one': { uri, tlsConfig: { ...tlsConfig, clientCertificateId: 'one' } },
    'GET /two': { uri, tlsConfig: { ...tlsConfig, clientCertificateId: 'two' } },
    'GET /none': { uri, tlsConfig },
    'GET /wrong': { uri, tlsConfig: { ...tlsConfig, clientCertificateId: 'stranger' } },
    'GET /name': {
      uri,
      tlsConfig: { serverNameToVerify: 'pets.internal', clientCertificateId: 'one' },
    },
  }
  const key = (id: string) => `123456789012/eu-west-1/${id}`
  const clientCertificates = {
    [key('one')]: pairOf(gatewayOne),
    [key('two')]: pairOf(gatewayTwo),
    [key('stranger')]: pairOf(stranger),
  }
  const gateway = await startGateway(t, {
    routes,
    clientCertificates,
    originAuthorities: root.pem,
  })
  const body = async (path: string) => {
    const { status, text } = await gateway.get(path)
    return status === 200 ? text : String(status)
  }
  assert.equal(await body('/one'), 'CN=gateway one full')
  assert.equal(await body('/one'), 'CN=gateway one resumed')
  assert.equal(await body('/two'), 'CN=gateway two full')
  assert.equal(await body('/one'), 'CN=gateway one resumed')
  for (const path of ['/none', '/wrong', '/name']) assert.equal(await body(path), '503', path)

  gateway.clientCertificates = { ...clientCertificates, [key('one')]: pairOf(gatewayTwo) }
  gateway.apply({ routes })
  assert.equal(await body('/one'), 'CN=gateway two full')

  const { [key('one')]: _, ...rest } = clientCertificates
  gateway.clientCertificates = rest
  assert.throws(() => gateway.apply({ routes }), /there is no client certificate one/)
})
