import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import { CertificateExpiry } from '../../certificates/expiry.ts'
import { Sealer } from '../../identity/installation-key.ts'
import { MetricsRegistry } from '../../observability/metrics/metrics-registry.ts'
import { acmService } from '../../services/acm/acm.ts'
import { readAcmModel } from '../../services/acm/service-model.ts'
import type { Operation } from '../../services/service.ts'
import { ServiceCalls, TEST_SCOPE } from '../../services/service-calls.fake.ts'
import { certificateParts } from './certificate-parts.ts'
import { CertificateWork, startCertificateWork } from './certificate-work.ts'

const DAY_MS = 86_400_000

async function begin(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-certificates-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const calls = new ServiceCalls()
  const sealer = new Sealer(randomBytes(32))
  const clock = { now: () => 0, epochMs: () => calls.now.getTime() }
  const openSealer = async () => sealer
  const { operations } = acmService(readAcmModel(), {
    ...certificateParts(folder, openSealer, clock),
    publicRefusal: () => undefined,
  })
  const request = (DomainName: string, more: object = {}) =>
    calls.call(
      operations['RequestCertificate'] as unknown as Operation<object, { CertificateArn: string }>,
      {
        ...{ DomainName, KeyAlgorithm: 'EC_prime256v1' },
        ...more,
      },
    )
  const lines: string[] = []
  const line = (message: string) => void lines.push(message)
  const registry = new MetricsRegistry(1)
  const parts = {
    ...{ folder, registry, clock },
    apis: {
      store: calls.store,
      openSealer,
      callParts: {
        ...{ store: calls.store, settings: calls.settings, served: () => assert.fail() },
        ...{ now: () => calls.now, newId: () => 'id' },
      },
      // One call a batch, and nothing to publish.
      writes: { run: (_facts: unknown, work: never) => calls.write(work) } as never,
    },
    log: { info: line, warn: line, error: line, problem: () => {}, event: () => {} },
  }
  const record = async (arn: string) =>
    calls.store.read(
      async (reader) =>
        (await reader.in(TEST_SCOPE).get<CertificateRecord>(certificateKey(arn)))!.body,
    )
  const pass = (days: number) => {
    calls.now = new Date(calls.now.getTime() + days * DAY_MS)
  }
  return { parts, request, record, pass, lines, registry, folder }
}

test('own certificates are renewed when a third of their life is left, under their ARN', async (t) => {
  const { parts, request, record, pass, lines } = await begin(t)
  const { CertificateArn: local } = await request('shop.localhost')
  const CertificateAuthorityArn =
    'arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/local'
  const { CertificateArn: inner } = await request('db.internal', { CertificateAuthorityArn })
  const expiry = await CertificateExpiry.open(parts.apis.store)
  const work = new CertificateWork(parts, expiry)
  const before = [await record(local), await record(inner)]
  pass(200)
  await work.run()
  assert.deepEqual([await record(local), await record(inner)], before)
  pass(70)
  await work.run()
  for (const [i, arn] of [local, inner].entries()) {
    const after = await record(arn)
    assert.equal(after.renewal?.status, 'SUCCESS')
    assert.notEqual(after.issued?.sealedKey, before[i]?.issued?.sealedKey)
    const issuer = new X509Certificate(after.issued!.chain)
    assert.ok(new X509Certificate(after.issued!.certificate).verify(issuer.publicKey))
    assert.equal(after.issued!.chain, before[i]!.issued!.chain)
  }
  assert.equal(lines.filter((line) => line.startsWith('renewed the certificate of')).length, 2)
  const renewed = await record(local)
  await work.run()
  assert.deepEqual(await record(local), renewed)
})

test('what nobody renews by itself is told once a day, and counted', async (t) => {
  const { parts, request, pass, lines, registry } = await begin(t)
  const { CertificateArn: arn } = await request('shop.localhost')
  await parts.apis.store.write(async (transaction) => {
    const records = transaction.in(TEST_SCOPE)
    const { body } = (await records.get<CertificateRecord>(certificateKey(arn)))!
    await records.put(certificateKey(arn), { ...body, issuer: 'import' })
  })
  pass(380)
  const end = await startCertificateWork(parts)
  t.after(end)
  await new Promise(setImmediate)
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /shop\.localhost expires on 2027-.*import its successor/)
  const sample = `postern_certificate_expiry_days{certificate_arn="${arn}",domain_name="shop.localhost"} `
  const at = registry.render().indexOf(sample)
  assert.ok(at > 0)
  const days = Number.parseFloat(registry.render().slice(at + sample.length))
  assert.ok(days > 14 && days < 15, `${days} days`)
})

test('the certificate of the private authority is in the data folder as soon as there is one', async (t) => {
  const { parts, request, folder } = await begin(t)
  const end = await startCertificateWork(parts)
  t.after(end)
  const file = join(folder, 'certificates', 'private-ca.pem')
  assert.ok(!existsSync(file))
  const CertificateAuthorityArn =
    'arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/local'
  await request('db.internal', { CertificateAuthorityArn })
  while (!existsSync(file)) await new Promise(setImmediate)
  const text = readFileSync(file, 'latin1')
  assert.ok(new X509Certificate(text).ca)
  assert.doesNotMatch(text, /PRIVATE KEY/)
})
