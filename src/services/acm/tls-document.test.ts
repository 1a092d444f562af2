import assert from 'node:assert/strict'
import { randomBytes, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import { makeClientCertificate } from '../../certificates/client-certificate.ts'
import {
  CLIENT_CERTIFICATE,
  type ClientCertificateRecord,
  clientKeyPlace,
} from '../../certificates/client-certificate-record.ts'
import { completeCertificate, failCertificate } from '../../certificates/complete-certificate.ts'
import { testAuthority } from '../../certificates/issued-pair.fake.ts'
import type { HttpApiStage } from '../../domain/http-api.ts'
import { Sealer } from '../../identity/installation-key.ts'
import { ServiceCalls, TEST_SCOPE } from '../service-calls.fake.ts'
import { requireServable } from './serving-pair.ts'
import { refuseUnservable, showsOthers, tlsDocumentOf, touchesTls } from './tls-document.ts'

const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012'
const NAME = 'api.shop.localhost'

const pending: CertificateRecord = {
  CertificateArn: ARN,
  Type: 'AMAZON_ISSUED',
  issuer: 'acme',
  DomainName: NAME,
  SubjectAlternativeNames: [NAME],
  KeyAlgorithm: 'EC_prime256v1',
  Status: 'PENDING_VALIDATION',
  CreatedAt: '2026-11-22T12:00:00.000Z',
  Tags: [],
}
const domain = {
  DomainName: NAME,
  DomainNameConfigurations: [{ CertificateArn: ARN, SecurityPolicy: 'TLS_1_2' }],
  endpointId: 'd-1',
}

async function begin() {
  const calls = new ServiceCalls()
  const sealer = new Sealer(randomBytes(32))
  const openSealer = async () => sealer
  await calls.write(async ({ records }) => {
    await records.put(certificateKey(ARN), pending)
    await records.put({ kind: 'domain-name', parent: '', id: NAME }, domain)
  })
  const issuer = testAuthority(calls.now)
  const localPair = async (name: string) => issuer.issue([name])
  const complete = (names: readonly string[], withKeyOf = names) => {
    const pair = issuer.issue(names)
    const privateKey = withKeyOf === names ? pair.privateKey : issuer.issue(withKeyOf).privateKey
    const chain = pair.certificate + issuer.authority.certificate
    return calls
      .write(({ records, now }) =>
        completeCertificate({ records, openSealer, now }, { arn: ARN, chain, privateKey }),
      )
      .then(() => pair)
  }
  const document = (stages: readonly HttpApiStage[] = []) =>
    calls.store.read((reader) => tlsDocumentOf(reader, { openSealer, localPair }, stages))
  const record = () =>
    calls.store.read(async (reader) => {
      return (await reader.in(TEST_SCOPE).get<CertificateRecord>(certificateKey(ARN)))!.body
    })
  return { calls, sealer, issuer, complete, document, record }
}

test('a domain name has a host when its certificate is there, with the key that fits', async () => {
  const { complete, document, record, sealer } = await begin()
  assert.deepEqual((await document()).hosts, [])
  const pair = await complete([NAME])
  const [host] = (await document()).hosts
  assert.deepEqual(host?.serverNames, [NAME])
  assert.equal(host?.securityPolicy, 'TLS_1_2')
  const shown = new X509Certificate(host!.certificate)
  assert.equal(shown.fingerprint256, new X509Certificate(pair.certificate).fingerprint256)
  assert.equal(host?.certificate.match(/BEGIN CERTIFICATE/g)?.length, 2)
  assert.equal(host?.privateKey, pair.privateKey)
  const { issued, Status } = await record()
  assert.equal(Status, 'ISSUED')
  assert.doesNotMatch(JSON.stringify(await record()), /PRIVATE KEY/)
  assert.equal(
    sealer.open({ purpose: 'certificate-key', of: 'another' }, issued!.sealedKey),
    undefined,
  )
})

test('a renewal keeps the ARN and changes what is served; a failed one changes nothing of it', async () => {
  const { calls, complete, document, record } = await begin()
  await complete([NAME])
  const before = (await document()).hosts[0]!
  await complete([NAME, 'www.shop.localhost'])
  const after = (await document()).hosts[0]!
  assert.notEqual(after.certificate, before.certificate)
  assert.equal((await record()).renewal?.status, 'SUCCESS')
  await calls.write((context) =>
    failCertificate(context, ARN, { message: 'no answer', isFinal: true }),
  )
  assert.deepEqual((await document()).hosts[0], after)
  assert.equal((await record()).renewal?.message, 'no answer')
  assert.equal((await record()).Status, 'ISSUED')
})

test('what an authority has issued wrongly is not taken', async () => {
  const { complete, record } = await begin()
  await assert.rejects(complete(['other.localhost']), /does not name api\.shop\.localhost/)
  await assert.rejects(complete([NAME], ['x.localhost']), /not the key of the certificate/)
  assert.equal((await record()).Status, 'PENDING_VALIDATION')
})

test('a domain name may have a certificate that is issued, good and covers it', async () => {
  const { calls, complete } = await begin()
  const require = (arn: string, name: string) =>
    calls.store.read((reader) =>
      requireServable({ records: reader.in(TEST_SCOPE), now: calls.now }, arn, name),
    )
  await assert.rejects(require(ARN, NAME), /PENDING_VALIDATION/)
  await complete([NAME])
  assert.equal((await require(ARN, NAME)).CertificateArn, ARN)
  await assert.rejects(require(ARN.replace('eu-central-1', 'x'), NAME), /does not exist/)
  await assert.rejects(require(ARN, 'shop.localhost'), /does not cover shop\.localhost/)
  calls.now = new Date(calls.now.getTime() + 91 * 86_400_000)
  await assert.rejects(require(ARN, NAME), /has expired/)
})

test('whoever asks for certificates of clients and has no truststore lets nobody in', async () => {
  const { calls, complete, document } = await begin()
  await complete([NAME])
  const mutual = { ...domain, MutualTlsAuthentication: { TruststoreUri: 'file:///trust.pem' } }
  const trust = { authorities: 'PEM', revocationLists: [], version: '1' }
  await calls.write(({ records }) =>
    records.put({ kind: 'domain-name', parent: '', id: NAME }, mutual),
  )
  assert.equal((await document()).hosts[0]?.clientTrust?.authorities, '')
  await calls.write(async ({ records }, transaction) => {
    await records.put({ kind: 'truststore', parent: '', id: NAME }, trust)
    assert.ok(touchesTls(transaction.changes()))
  })
  assert.deepEqual((await document()).hosts[0]?.clientTrust, trust)
})

test('a name under localhost without a certificate gets one of the local authority; no other does', async () => {
  const { calls, document } = await begin()
  await calls.write(async ({ records }) => {
    for (const DomainName of ['pets.localhost', 'pets.example.com']) {
      const key = { kind: 'domain-name', parent: '', id: DomainName }
      await records.put(key, { DomainName, DomainNameConfigurations: [{}], endpointId: 'd-2' })
    }
  })
  const { hosts } = await document()
  assert.deepEqual(
    hosts.map(({ serverNames }) => serverNames),
    [['pets.localhost']],
  )
  assert.equal(
    new X509Certificate(hosts[0]!.certificate).checkHost('pets.localhost'),
    'pets.localhost',
  )
})

test('a call that names a certificate that cannot be served is refused; one that leaves it alone is not', async () => {
  const { calls, complete } = await begin()
  const id = 'www.shop.localhost'
  const put = (CertificateArn: string, endpointId: string) =>
    calls.write(async ({ records }, transaction) => {
      const body = { DomainName: id, DomainNameConfigurations: [{ CertificateArn }], endpointId }
      await records.put({ kind: 'domain-name', parent: '', id }, body)
      await refuseUnservable(transaction, transaction.changes(), calls.now)
    })
  await assert.rejects(put(ARN, 'd-1'), /PENDING_VALIDATION/)
  await complete([NAME])
  await assert.rejects(put(ARN, 'd-1'), /does not cover www\.shop\.localhost/)
  await complete([NAME, id])
  await assert.rejects(put(ARN, 'd-1'), /does not cover/)
  await calls.write(async ({ records }) => {
    const { body } = (await records.get<CertificateRecord>(certificateKey(ARN)))!
    const SubjectAlternativeNames = [NAME, id]
    await records.put(certificateKey(ARN), { ...body, SubjectAlternativeNames })
  })
  await put(ARN, 'd-1')
  calls.now = new Date(calls.now.getTime() + 91 * 86_400_000)
  await put(ARN, 'd-2')
  await assert.rejects(put(`${ARN}x`, 'd-2'), /does not exist/)
})

/** Stages whose integrations show these to their origins. */
function showing(...ids: readonly string[]): readonly HttpApiStage[] {
  return ids.map((clientCertificateId) => ({
    ...TEST_SCOPE,
    integrations: { i: { tlsConfig: { clientCertificateId } }, plain: {} },
  })) as unknown as readonly HttpApiStage[]
}

test('keys of certificates that no stage shows stay where they are sealed', async () => {
  const { calls, sealer, complete, document } = await begin()
  const pair = await complete([NAME])
  const made = makeClientCertificate(calls.now.getTime())
  for (const clientCertificateId of ['abc123', 'unused']) {
    const record: ClientCertificateRecord = {
      clientCertificateId,
      pemEncodedCertificate: made.certificate,
      createdDate: '',
      expirationDate: '',
      sealedKey: sealer.seal(clientKeyPlace(TEST_SCOPE, clientCertificateId), made.privateKey),
    }
    const key = { kind: CLIENT_CERTIFICATE, parent: '', id: clientCertificateId }
    await calls.write(({ records }) => records.put(key, record))
  }
  const shown = async (...ids: readonly string[]) =>
    (await document(showing(...ids))).clientCertificates
  assert.deepEqual(await shown(), {})
  const place = '123456789012/eu-central-1/'
  assert.deepEqual(Object.keys(await shown('abc123', 'abc123', 'none')), [`${place}abc123`])
  const { [`${place}${ARN}`]: ofAcm } = await shown(ARN, ARN.replace('eu-central-1', 'x'))
  assert.equal(ofAcm?.privateKey, pair.privateKey)
  assert.deepEqual(Object.keys(await shown(ARN, ARN.replace('eu-central-1', 'x'))).length, 1)

  assert.ok(showsOthers([], showing('abc123')))
  assert.ok(showsOthers(showing('abc123'), showing(ARN)))
  assert.ok(showsOthers(showing('abc123', ARN), showing(ARN)))
  assert.ok(!showsOthers(showing('abc123', ARN), showing(ARN, 'abc123', ARN)))
  const [one, two, three] = showing('abc123', ARN, 'none') as [
    HttpApiStage,
    HttpApiStage,
    HttpApiStage,
  ]
  assert.ok(!showsOthers([one, two], [...showing('abc123'), two]), 'a stage that is deployed anew')
  assert.ok(showsOthers([one, two], [one, two, three]))
  assert.ok(showsOthers([one, two], [two]))
})
