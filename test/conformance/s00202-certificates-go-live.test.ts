/**
 * What handshakes get: the certificate of the domain name, its successor as soon as it is imported and without one failed
 * handshake, the same after a restart; and nothing where the key of the installation is missing.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import tls from 'node:tls'
import * as acm from '@aws-sdk/client-acm'
import * as apis from '@aws-sdk/client-apigatewayv2'
import { makePrivateAuthority } from '../../src/certificates/certificate.ts'
import { splitChain } from '../../src/certificates/complete-certificate.ts'
import { issueCertificate } from '../../src/certificates/issue-certificate.ts'
import { startServer, type TestServer } from '../harness/server.ts'

const NAME = 'api.example.com'
const DAY_MS = 86_400_000
const SWAPS = 4
const CLIENTS = 4
const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

const now = new Date()
const fromEpochMs = now.getTime() - DAY_MS
const root = makePrivateAuthority({ fromEpochMs, untilEpochMs: fromEpochMs + 500 * DAY_MS })

interface Seen {
  readonly serial: string
  readonly trusted: boolean
}

/** One full handshake. */
function handshake(port: number, servername: string, ca = root.certificate): Promise<Seen> {
  return new Promise((done, fail) => {
    const options = { port, host: '127.0.0.1', servername, ca, rejectUnauthorized: false }
    const socket = tls.connect(options, () => {
      const { serialNumber: serial } = socket.getPeerX509Certificate()!
      done({ serial, trusted: socket.authorized })
      socket.destroy()
    })
    socket.on('error', fail)
  })
}

function clientsOf(t: TestContext, { endpoint }: TestServer) {
  const { url, region, accessKeyId, secretAccessKey } = endpoint
  const credentials = { accessKeyId, secretAccessKey }
  const settings = { endpoint: url, region, credentials, maxAttempts: 1 }
  const [certificates, gateway] = [
    new acm.ACMClient(settings),
    new apis.ApiGatewayV2Client(settings),
  ]
  t.after(() => {
    certificates.destroy()
    gateway.destroy()
  })
  return { certificates, gateway }
}

/** Imports a new certificate; resolves to its serial number and its ARN. */
async function importOne(client: acm.ACMClient, names: readonly string[], again?: string) {
  const wish = { names, keyAlgorithm: 'EC_prime256v1', now } as const
  const { chain: whole, privateKey } = await issueCertificate(root, wish)
  const { certificate, chain } = splitChain(whole)
  const { CertificateArn: arn } = await client.send(
    new acm.ImportCertificateCommand({
      Certificate: Buffer.from(certificate),
      CertificateChain: Buffer.from(chain),
      PrivateKey: Buffer.from(privateKey),
      CertificateArn: again,
    }),
  )
  return { arn: arn!, serial: new X509Certificate(certificate).serialNumber }
}

test('certificates go live', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-swap-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const words = ['--https', '0', '--workers', '2']
  const server = await startServer(t, folder, ...words)
  const { certificates, gateway } = clientsOf(t, server)
  const first = await importOne(certificates, [NAME])
  const { arn } = first
  let last = first.serial
  const createDomain = (DomainName: string, CertificateArn: string) =>
    gateway.send(
      new apis.CreateDomainNameCommand({
        DomainName,
        DomainNameConfigurations: [{ CertificateArn, EndpointType: 'REGIONAL' }],
      }),
    )

  await t.test('a domain name shows its certificate as soon as it is made', async () => {
    const before = await handshake(server.tlsPort, NAME)
    assert.ok(!before.trusted)
    await createDomain(NAME, arn)
    assert.deepEqual(await handshake(server.tlsPort, NAME), { serial: last, trusted: true })
    const local = readFileSync(join(folder, 'certificates', 'ca.pem'), 'utf8')
    const other = await handshake(server.tlsPort, 'a1b2c3.execute-api.localhost', local)
    assert.ok(other.trusted)
    assert.notEqual(other.serial, last)
  })

  await t.test('what could not be served is refused, and leaves nothing', async () => {
    await assert.rejects(createDomain('other.example.com', arn), /does not cover other\.example/)
    const missing = arn.replace(/[^/]+$/, 'none')
    await assert.rejects(createDomain('other.example.com', missing), /does not exist/)
    const { Items = [] } = await gateway.send(new apis.GetDomainNamesCommand({}))
    assert.deepEqual(
      Items.map(({ DomainName }) => DomainName),
      [NAME],
    )
  })

  await t.test(
    'imported again under load: no handshake fails, and the next has the new one',
    async () => {
      let isOver = false
      let count = 0
      const valid = new Set([last])
      const load = Array.from({ length: CLIENTS }, async () => {
        while (!isOver) {
          const { serial, trusted } = await handshake(server.tlsPort, NAME)
          assert.ok(trusted && valid.has(serial))
          count++
        }
      })
      for (let i = 0; i < SWAPS; i++) {
        const next = await importOneAhead(valid)
        // Each worker has it: the port is shared among them.
        const seen = await Promise.all(
          Array.from({ length: 12 }, () => handshake(server.tlsPort, NAME)),
        )
        assert.deepEqual([...new Set(seen.map(({ serial }) => serial))], [next])
        last = next
      }
      isOver = true
      await Promise.all(load)
      assert.ok(count > SWAPS, `${count} handshakes`)
    },
  )

  /** The load may see it before the call returns. */
  async function importOneAhead(valid: Set<string>): Promise<string> {
    const wish = { names: [NAME], keyAlgorithm: 'EC_prime256v1', now } as const
    const { chain: whole, privateKey } = await issueCertificate(root, wish)
    const { certificate, chain } = splitChain(whole)
    const { serialNumber } = new X509Certificate(certificate)
    valid.add(serialNumber)
    await certificates.send(
      new acm.ImportCertificateCommand({
        Certificate: Buffer.from(certificate),
        CertificateChain: Buffer.from(chain),
        PrivateKey: Buffer.from(privateKey),
        CertificateArn: arn,
      }),
    )
    return serialNumber
  }

  await t.test('a certificate in use stays; its days are in the metrics', async () => {
    const remove = new acm.DeleteCertificateCommand({ CertificateArn: arn })
    await assert.rejects(certificates.send(remove), acm.ResourceInUseException)
    const { Certificate } = await certificates.send(
      new acm.DescribeCertificateCommand({ CertificateArn: arn }),
    )
    const { region } = server.endpoint
    assert.deepEqual(Certificate?.InUseBy, [`arn:aws:apigateway:${region}::/domainnames/${NAME}`])
    await assert.rejects(importOne(certificates, ['www.example.com', NAME.slice(4)], arn))
    const metrics = await (await fetch(new URL('metrics', server.endpoint.url))).text()
    const sample = metrics.split('\n').find((line) => line.startsWith('postern_certificate_expiry'))
    assert.match(sample ?? '', new RegExp(`certificate_arn="${arn}",domain_name="${NAME}"} 39\\d`))
  })
  await server.stop()

  await t.test(
    'after a restart the same is served, wherever the key of the installation is',
    async (t) => {
      const key = join(folder, 'moved.key')
      renameSync(join(folder, 'installation.key'), key)
      const refused = await startOnce(folder)
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, /installation\.key is missing/)
      const again = await startServer(t, folder, ...words, '--installation-key-file', key)
      assert.deepEqual(await handshake(again.tlsPort, NAME), { serial: last, trusted: true })
      const others = clientsOf(t, again)
      await others.gateway.send(new apis.DeleteDomainNameCommand({ DomainName: NAME }))
      assert.ok(!(await handshake(again.tlsPort, NAME)).trusted)
      await others.certificates.send(new acm.DeleteCertificateCommand({ CertificateArn: arn }))
      await again.stop()
    },
  )
})

/** A start that ends by itself. */
function startOnce(folder: string): Promise<{ code: number; stderr: string }> {
  const words = [MAIN, 'up', '--http', '0', '--https', '0', '--control', '0', '--data', folder]
  return new Promise((done) => {
    execFile(process.execPath, words, { cwd: folder, timeout: 30_000 }, (error, _, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stderr }),
    )
  })
}
