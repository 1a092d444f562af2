/**
 * From a request to a handshake: a certificate that Pebble issues for a domain name is shown to whoever asks for the name,
 * with the response of a responder (OpenSSL, with Pebble's key), and so is its successor, without a restart.
 */

import assert from 'node:assert/strict'
import type { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import tls from 'node:tls'
import { freePorts } from '../harness/free-ports.ts'
import { openssl } from '../harness/openssl.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { type Pebble, startPebble } from '../harness/pebble.ts'
import { startServer } from '../harness/server.ts'

const NAME = 'api.example.com'

interface Described {
  readonly Certificate: { readonly Status: string; readonly Serial: string }
}

/** Says that every certificate is good, in the name of Pebble. */
async function startResponder(t: TestContext, authority: () => ReturnType<Pebble['authorities']>) {
  const folder = mkdtempSync(join(tmpdir(), 'responder-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const server = http.createServer(async (request, response) => {
    const { intermediate, intermediateKey } = await authority()
    writeFileSync(join(folder, 'ca.pem'), intermediate)
    writeFileSync(join(folder, 'ca.key'), intermediateKey)
    writeFileSync(join(folder, 'request.der'), Buffer.concat(await request.toArray()))
    const asked = openssl(
      folder,
      'ocsp',
      '-reqin',
      'request.der',
      '-req_text',
      '-noverify',
    ).toString()
    const [, serial] = /Serial Number: (\w+)/.exec(asked)!
    writeFileSync(join(folder, 'index'), `V\t350101000000Z\t\t${serial}\tunknown\t/CN=x\n`)
    const signer = ['-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key']
    openssl(
      ...[folder, 'ocsp', '-index', 'index', ...signer, '-reqin', 'request.der'],
      ...['-respout', 'response.der', '-ndays', '4'],
    )
    response.setHeader('content-type', 'application/ocsp-response')
    response.end(readFileSync(join(folder, 'response.der')))
  })
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('what was ordered is shown in handshakes, with its response, and so is its successor', async (t) => {
  const [httpPort = 0, tlsPort = 0] = await freePorts(2)
  const pebbles: Pebble[] = []
  const ocspUrl = await startResponder(t, () => pebbles[0]!.authorities())
  const pebble = await startPebble({ httpPort, ocspUrl })
  pebbles.push(pebble)
  t.after(() => pebble.stop())
  const server = await startServer(
    ...[t, undefined, '--http', String(httpPort), '--https', String(tlsPort), '--workers', '2'],
    ...['--acme-directory', pebble.directory, '--acme-ca-file', pebble.trustFile],
    ...['--acme-terms-agreed', '--ocsp', 'any', '--limit', 'acmeRetryFirstMs=200'],
  )
  const cli = new AwsCli(server.endpoint)
  const { CertificateArn: arn } = await cli.call<{ CertificateArn: string }>(
    ...['acm', 'request-certificate', '--domain-name', NAME],
  )
  const describe = () =>
    cli.call<Described>('acm', 'describe-certificate', '--certificate-arn', arn)
  for (let i = 0; (await describe()).Certificate.Status !== 'ISSUED'; i++) {
    assert.ok(i < 60, server.lines.join('\n'))
  }
  await cli.call(
    ...['apigatewayv2', 'create-domain-name', '--domain-name', NAME],
    ...['--domain-name-configurations', `CertificateArn=${arn},EndpointType=REGIONAL`],
  )
  const { root } = await pebble.authorities()
  const first = await untilStapled(tlsPort, root, () => true)
  assert.equal(first.certificate.subjectAltName, `DNS:${NAME}`)
  await cli.call('acm', 'renew-certificate', '--certificate-arn', arn)
  const before = first.certificate.serialNumber
  const second = await untilStapled(tlsPort, root, ({ serialNumber }) => serialNumber !== before)
  assert.notDeepEqual(second.response, first.response)
})

/** Handshakes until one carries a response, which every client of OpenSSL verifies to be about the certificate. */
async function untilStapled(
  port: number,
  ca: string,
  isWanted: (certificate: X509Certificate) => boolean,
) {
  for (let i = 0; i < 300; i++) {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: NAME, ca, requestOCSP: true })
    const stapled = once(socket, 'OCSPResponse') as Promise<[Buffer | null]>
    await once(socket, 'secureConnect')
    const [response] = await stapled
    const certificate = socket.getPeerX509Certificate()!
    socket.destroy()
    if (response !== null && isWanted(certificate)) {
      const serial = Buffer.from(certificate.serialNumber, 'hex')
      assert.ok(response.includes(serial), 'the response is about the certificate it comes with')
      return { certificate, response }
    }
    await pause(100)
  }
  return assert.fail('nothing was stapled in time')
}
