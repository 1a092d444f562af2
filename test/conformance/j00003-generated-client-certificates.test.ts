/**
 * Client certificates by the official client: generated, listed, described, deleted; and shown to an origin by an API
 * whose definition names one.
 */

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import * as v1 from '@aws-sdk/client-api-gateway'
import * as v2 from '@aws-sdk/client-apigatewayv2'
import { fakeCertificate } from '../../src/certificates/authority.fake.ts'
import { startServer } from '../harness/server.ts'

test('a generated certificate opens an origin that trusts it', async (t) => {
  const root = fakeCertificate({ name: 'Root', authority: true })
  const pair = fakeCertificate({ name: 'origin', issuer: root, dnsNames: ['orders.internal'] })
  const folder = mkdtempSync(join(tmpdir(), 'postern-client-certificates-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'ca.pem'), root.pem)
  const server = await startServer(t, undefined, '--origin-ca', join(folder, 'ca.pem'))
  const { url: endpoint, region, accessKeyId, secretAccessKey } = server.endpoint
  const access = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 }
  const gateway = new v1.APIGatewayClient(access)
  const apis = new v2.ApiGatewayV2Client(access)
  t.after(() => gateway.destroy())
  t.after(() => apis.destroy())

  const made = await gateway.send(
    new v1.GenerateClientCertificateCommand({ description: 'orders', tags: { team: 'a' } }),
  )
  const id = made.clientCertificateId!
  assert.match(id, /^[a-z0-9]{6}$/)
  const certificate = new X509Certificate(made.pemEncodedCertificate!)
  assert.ok(certificate.verify(certificate.publicKey))
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  const days = (certificate.validToDate.getTime() - Date.now()) / 86_400_000
  assert.ok(days > 364.9 && days < 365.1, `${days} days`)
  const patch = [{ op: 'replace', path: '/description', value: 'new' }] as const
  await gateway.send(
    new v1.UpdateClientCertificateCommand({ clientCertificateId: id, patchOperations: [...patch] }),
  )
  const { items } = await gateway.send(new v1.GetClientCertificatesCommand({}))
  assert.deepEqual(
    items?.map(({ clientCertificateId, description }) => [clientCertificateId, description]),
    [[id, 'new']],
  )
  assert.ok(!JSON.stringify(items).includes('PRIVATE'))

  const origin = tls.createServer(
    { cert: pair.pem, key: pair.keyPem, ca: made.pemEncodedCertificate!, requestCert: true },
    (socket) => {
      socket.on('error', () => {})
      socket.on('data', () => {
        const { fingerprint256 = '' } = socket.getPeerX509Certificate() ?? {}
        const head = `HTTP/1.1 200 OK\r\nContent-Length: ${fingerprint256.length}`
        socket.write(`${head}\r\n\r\n${fingerprint256}`)
      })
    },
  )
  await once(origin.listen(0, '127.0.0.1'), 'listening')
  t.after(() => origin.close())
  const uri = `https://127.0.0.1:${(origin.address() as AddressInfo).port}`
  const definition = (clientCertificateId: string) =>
    JSON.stringify({
      openapi: '3.0.1',
      info: { title: 'orders', version: '1' },
      paths: {
        '/orders': {
          get: {
            responses: {},
            'x-amazon-apigateway-integration': {
              ...{ type: 'http_proxy', httpMethod: 'ANY', payloadFormatVersion: '1.0', uri },
              tlsConfig: { serverNameToVerify: 'orders.internal', clientCertificateId },
            },
          },
        },
      },
    })
  const { ApiId } = await apis.send(new v2.ImportApiCommand({ Body: definition(id) }))
  await apis.send(
    new v2.CreateStageCommand({ ApiId: ApiId!, StageName: '$default', AutoDeploy: true }),
  )
  const answer = await server.ask({ apiId: ApiId!, target: '/orders' })
  assert.deepEqual([answer.status, answer.text], [200, certificate.fingerprint256])

  const wrong = await apis.send(new v2.ImportApiCommand({ Body: definition('nobody') }))
  await assert.rejects(
    apis.send(
      new v2.CreateStageCommand({ ApiId: wrong.ApiId!, StageName: '$default', AutoDeploy: true }),
    ),
    /there is no client certificate nobody/,
  )
  const remove = () =>
    gateway.send(new v1.DeleteClientCertificateCommand({ clientCertificateId: id }))
  await assert.rejects(remove(), {
    name: 'BadRequestException',
    message: new RegExp(`in use by stage \\$default of API ${ApiId}`),
  })
  assert.equal((await server.ask({ apiId: ApiId!, target: '/orders' })).status, 200)
  await apis.send(new v2.DeleteApiCommand({ ApiId: ApiId! }))
  await remove()
  await assert.rejects(
    gateway.send(new v1.GetClientCertificateCommand({ clientCertificateId: id })),
    { name: 'NotFoundException', message: 'Invalid Client Certificate identifier specified' },
  )
})
