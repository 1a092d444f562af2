import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../storage/memory-store.fake.ts'
import { type CertificateRecord, certificateKey } from './certificate-record.ts'
import { CertificateExpiry, daysLeft } from './expiry.ts'

const DAY_MS = 86_400_000
const SCOPE = { accountId: '123456789012', region: 'eu-central-1' }
const START = Date.UTC(2026, 10, 1)
const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/'

function record(id: string, issuer: CertificateRecord['issuer'], days: number | undefined) {
  const at = (ms: number) => new Date(ms).toISOString()
  const issued = days !== undefined && {
    issued: {
      ...{ certificate: '', chain: '', sealedKey: '' },
      ...{ notBefore: at(START), notAfter: at(START + days * DAY_MS) },
    },
  }
  return {
    ...{ CertificateArn: ARN + id, Type: 'IMPORTED', issuer, DomainName: `${id}.example.com` },
    ...{ SubjectAlternativeNames: [], KeyAlgorithm: 'RSA_2048', Status: 'ISSUED', Tags: [] },
    CreatedAt: at(START),
    ...issued,
  } as CertificateRecord
}

test('it knows what the store holds, and follows every commit', async () => {
  const store = new MemoryStore()
  const put = (body: CertificateRecord) =>
    store.write((transaction) =>
      transaction.in(SCOPE).put(certificateKey(body.CertificateArn), body),
    )
  await put(record('a', 'import', 90))
  const expiry = await CertificateExpiry.open(store)
  const names = () => expiry.all().map(({ domainName }) => domainName)
  assert.deepEqual(names(), ['a.example.com'])
  await put(record('b', 'acme', undefined))
  assert.deepEqual(names(), ['a.example.com'])
  await put(record('b', 'acme', 30))
  assert.deepEqual(names(), ['a.example.com', 'b.example.com'])
  assert.equal(daysLeft(expiry.all()[1]!, START + 10 * DAY_MS), 20)
  await store.write((transaction) => transaction.in(SCOPE).delete(certificateKey(`${ARN}a`)))
  assert.deepEqual(names(), ['b.example.com'])
  expiry.close()
  await put(record('c', 'import', 90))
  assert.deepEqual(names(), ['b.example.com'])
})

test('due is what an own authority signs, when a third of its life is left', async () => {
  const store = new MemoryStore()
  await store.write(async (transaction) => {
    for (const issuer of ['import', 'acme', 'local', 'private'] as const) {
      const body = record(issuer, issuer, 90)
      await transaction.in(SCOPE).put(certificateKey(body.CertificateArn), body)
    }
  })
  const expiry = await CertificateExpiry.open(store)
  const dueAfter = (days: number) => expiry.due(START + days * DAY_MS).map(({ issuer }) => issuer)
  assert.deepEqual(dueAfter(59), [])
  assert.deepEqual(dueAfter(61), ['local', 'private'])
  assert.deepEqual(dueAfter(100), ['local', 'private'])
})
