/**
 * Certificates by ACME, from a real server (Pebble) that refuses nonces, through the official client: asked for,
 * validated over the plain port and over TLS, renewed, refused. One Postern for all of it.
 */

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import * as acm from '@aws-sdk/client-acm'
import { freePorts } from '../harness/free-ports.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startPebble } from '../harness/pebble.ts'
import { startServer } from '../harness/server.ts'

const EXTERNAL_KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'

test('certificates by ACME', async (t) => {
  const [http = 0, https = 0] = await freePorts(2)
  const options = {
    ...{ httpPort: http, tlsPort: https, blocked: ['blocked.example.com'] },
    environment: { PEBBLE_WFE_NONCEREJECT: '20' },
  }
  const pebble = await startPebble(options)
  t.after(() => pebble.stop())
  const folder = mkdtempSync(join(tmpdir(), 'postern-acme-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const words = [
    ...['--http', String(http), '--https', String(https), '--workers', '2'],
    ...['--acme-directory', pebble.directory, '--acme-ca-file', pebble.trustFile],
    ...['--acme-terms-agreed', '--acme-contact', 'ops@example.com'],
    ...['--limit', 'acmeRetryFirstMs=300', '--limit', 'acmeLeaseMs=2000'],
  ]
  const server = await startServer(t, folder, ...words)
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const client = new acm.ACMClient({
    ...{ endpoint: url, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 },
  })
  t.after(() => client.destroy())
  const cli = new AwsCli(server.endpoint)

  const ask = async (...names: string[]) => {
    const [DomainName, ...SubjectAlternativeNames] = names
    const request = new acm.RequestCertificateCommand({
      ...{ DomainName, ValidationMethod: 'HTTP', KeyAlgorithm: 'EC_prime256v1' },
      ...(SubjectAlternativeNames.length === 0 ? {} : { SubjectAlternativeNames }),
    })
    return (await client.send(request)).CertificateArn!
  }
  const describe = async (CertificateArn: string) =>
    (await client.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!
  const until = async (arn: string, isDone: (shown: acm.CertificateDetail) => boolean) => {
    for (let i = 0; i < 300; i++) {
      const shown = await describe(arn)
      if (isDone(shown)) return shown
      await pause(100)
    }
    return assert.fail(`${JSON.stringify(await describe(arn))}\n${server.lines.join('\n')}`)
  }
  const issued = (arn: string) => until(arn, ({ Status }) => Status !== 'PENDING_VALIDATION')

  let first = ''
  await t.test('by the plain port, of the kind that was asked for', async () => {
    const { CertificateArn } = await cli.call<{ CertificateArn: string }>(
      ...['acm', 'request-certificate', '--domain-name', 'api.example.com'],
      ...['--subject-alternative-names', 'www.example.com'],
    )
    first = CertificateArn
    assert.equal((await issued(first)).Status, 'ISSUED')
    const got = await client.send(new acm.GetCertificateCommand({ CertificateArn: first }))
    const leaf = new X509Certificate(got.Certificate!)
    assert.equal(leaf.subjectAltName, 'DNS:api.example.com, DNS:www.example.com')
    assert.equal(leaf.publicKey.asymmetricKeyType, 'rsa')
    const { root } = await pebble.authorities()
    const intermediate = new X509Certificate(got.CertificateChain!)
    assert.ok(leaf.verify(intermediate.publicKey))
    assert.ok(intermediate.verify(new X509Certificate(root).publicKey))
    assert.ok(server.lines.some((line) => line.includes('was issued')))
  })

  await t.test('it is renewed when somebody asks for it, under the same ARN', async () => {
    const before = await describe(first)
    await client.send(new acm.RenewCertificateCommand({ CertificateArn: first }))
    const shown = await until(first, ({ Serial }) => Serial !== before.Serial)
    assert.equal(shown.Status, 'ISSUED')
    assert.equal(shown.RenewalSummary?.RenewalStatus, 'SUCCESS')
  })

  await t.test(
    'what the authority refuses is FAILED, with the reason as ACM names it',
    async () => {
      const shown = await issued(await ask('blocked.example.com'))
      assert.equal(shown.Status, 'FAILED')
      assert.equal(shown.FailureReason, 'DOMAIN_NOT_ALLOWED')
    },
  )

  await t.test('what cannot be proved here is refused at once', async () => {
    await assert.rejects(ask('*.example.com'), /a wildcard is proved by an entry in the DNS only/)
  })

  await t.test(
    'a server that has forgotten the account gets a new one, and it is said',
    async () => {
      await pebble.restart({ ...options, validitySeconds: 8 })
      const shown = await issued(await ask('after.example.com'))
      assert.equal(shown.Status, 'ISSUED')
      assert.ok(
        server.lines.some((line) => line.includes('does not know our ACME account any more')),
      )
    },
  )

  await t.test('renewal comes by itself when a third of the lifetime is left', async () => {
    const arn = await ask('short.example.com')
    const before = await issued(arn)
    const shown = await until(arn, ({ Serial }) => Serial !== before.Serial)
    const aheadMs = before.NotAfter!.getTime() - shown.NotBefore!.getTime()
    assert.ok(aheadMs >= 1_000 && aheadMs <= 4_000, `${aheadMs} ms before the end`)
  })

  await t.test('no secret of it is in the log or the audit log', async () => {
    const said = server.lines.join('\n')
    assert.ok(!said.includes('PRIVATE KEY') && !said.includes(EXTERNAL_KEY))
    const { stdout } = await cli.run('acm', 'list-certificates')
    assert.ok(!stdout.includes('PRIVATE KEY'))
  })
})
