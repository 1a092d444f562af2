/**
 * Certificates as the official clients see them: imported, asked for, listed, tagged, exported, deleted; and what refuses.
 * One Postern for all of it.
 */

import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as acm from '@aws-sdk/client-acm'
import { makePrivateAuthority } from '../../src/certificates/certificate.ts'
import { issueCertificate } from '../../src/certificates/issue-certificate.ts'
import { AwsCli } from '../harness/outside-clients.ts'
import { startServer } from '../harness/server.ts'

const DAY_MS = 86_400_000
const now = new Date()

const root = makePrivateAuthority({
  fromEpochMs: now.getTime() - DAY_MS,
  untilEpochMs: now.getTime() + 500 * DAY_MS,
})

/** As an operator has them on disk. */
async function brought(names: readonly string[], keyAlgorithm: 'RSA_2048' | 'EC_prime256v1') {
  const { chain, privateKey } = await issueCertificate(root, { names, keyAlgorithm, now })
  const end = chain.indexOf('-----BEGIN', 5)
  return { certificate: chain.slice(0, end), chain: chain.slice(end), privateKey }
}

test('certificates by the official clients', async (t) => {
  // Nobody answers there: what is asked of a public authority waits.
  const acme = ['--acme-directory', 'https://127.0.0.1:1/directory']
  const server = await startServer(t, undefined, ...acme)
  const { url, region, accessKeyId, secretAccessKey } = server.endpoint
  const client = new acm.ACMClient({
    ...{ endpoint: url, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 },
  })
  t.after(() => client.destroy())
  const cli = new AwsCli(server.endpoint)
  const account = (await cli.call<{ Account: string }>('sts', 'get-caller-identity')).Account
  const describe = async (CertificateArn: string) =>
    (await client.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!
  const importOne = (pair: Awaited<ReturnType<typeof brought>>, more: object = {}) =>
    client.send(
      new acm.ImportCertificateCommand({
        Certificate: Buffer.from(pair.certificate),
        CertificateChain: Buffer.from(pair.chain),
        PrivateKey: Buffer.from(pair.privateKey),
        ...more,
      }),
    )

  const first = await brought(['shop.example.com', '*.shop.example.com'], 'RSA_2048')
  const { CertificateArn: arn = '' } = await importOne(first, {
    Tags: [{ Key: 'team', Value: 'shop' }],
  })

  await t.test('what is imported is described as it is', async () => {
    assert.match(arn, new RegExp(`^arn:aws:acm:${region}:${account}:certificate/[0-9a-f-]{36}$`))
    const shown = await describe(arn)
    const parsed = new X509Certificate(first.certificate)
    assert.equal(shown.Type, 'IMPORTED')
    assert.equal(shown.Status, 'ISSUED')
    assert.equal(shown.DomainName, 'shop.example.com')
    assert.deepEqual(shown.SubjectAlternativeNames, ['shop.example.com', '*.shop.example.com'])
    assert.equal(shown.KeyAlgorithm, 'RSA_2048')
    assert.equal(shown.SignatureAlgorithm, 'SHA256WITHECDSA')
    assert.equal(shown.Serial?.replaceAll(':', '').toUpperCase(), parsed.serialNumber)
    assert.deepEqual(shown.NotAfter, parsed.validToDate)
    assert.deepEqual(
      shown.KeyUsages?.map(({ Name }) => Name),
      ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'],
    )
    assert.deepEqual(
      shown.ExtendedKeyUsages?.map(({ Name }) => Name),
      ['TLS_WEB_SERVER_AUTHENTICATION', 'TLS_WEB_CLIENT_AUTHENTICATION'],
    )
    assert.deepEqual(shown.InUseBy, [])
    assert.equal(shown.RenewalEligibility, 'INELIGIBLE')
    const got = await client.send(new acm.GetCertificateCommand({ CertificateArn: arn }))
    assert.equal(got.Certificate, first.certificate)
    assert.equal(got.CertificateChain, first.chain)
  })

  await t.test('imported again, it keeps its ARN and its tags', async () => {
    const next = await brought(['shop.example.com'], 'RSA_2048')
    const again = await importOne(next, { CertificateArn: arn })
    assert.equal(again.CertificateArn, arn)
    assert.deepEqual((await describe(arn)).SubjectAlternativeNames, ['shop.example.com'])
    const { Tags } = await client.send(
      new acm.ListTagsForCertificateCommand({ CertificateArn: arn }),
    )
    assert.deepEqual(Tags, [{ Key: 'team', Value: 'shop' }])
    const other = await brought(['other.example.com'], 'RSA_2048')
    await assert.rejects(importOne(other, { CertificateArn: arn }), /none of the names/)
    const ec = await brought(['shop.example.com'], 'EC_prime256v1')
    await assert.rejects(importOne(ec, { CertificateArn: arn }), /EC_prime256v1.*RSA_2048/)
  })

  await t.test('what is wrong with an import is told with its place', async () => {
    const ec = await brought(['a.example.com'], 'EC_prime256v1')
    const refusals = [
      [{ PrivateKey: Buffer.from(first.privateKey) }, /PrivateKey: it is not the key/],
      [{ CertificateChain: undefined }, /CertificateChain: there is none/],
      [{ CertificateChain: Buffer.from(first.certificate) }, /CertificateChain: certificate 1/],
      [{ Certificate: Buffer.from('hello') }, /Certificate: there is no certificate/],
      [{ Tags: [{ Key: 'aws:x', Value: '1' }] }, /aws:/],
    ] as const
    for (const [change, words] of refusals) {
      await assert.rejects(importOne(ec, change), (thrown: acm.ACMServiceException) => {
        assert.match(thrown.message, words)
        assert.match(thrown.name, /^(?:ValidationException|InvalidTagException)$/)
        assert.doesNotMatch(thrown.message, /PRIVATE KEY/)
        return true
      })
    }
  })

  await t.test('a name under localhost is signed at once, once for a token', async () => {
    const wish = new acm.RequestCertificateCommand({
      DomainName: 'api.shop.localhost',
      IdempotencyToken: 'token1',
      KeyAlgorithm: 'EC_prime256v1',
    })
    const { CertificateArn = '' } = await client.send(wish)
    assert.equal((await client.send(wish)).CertificateArn, CertificateArn)
    const shown = await describe(CertificateArn)
    assert.equal(shown.Status, 'ISSUED')
    assert.equal(shown.Type, 'AMAZON_ISSUED')
    assert.equal(shown.DomainValidationOptions?.[0]?.ValidationStatus, 'SUCCESS')
    const got = await client.send(new acm.GetCertificateCommand({ CertificateArn }))
    const trusted = readFileSync(join(server.folder, 'certificates', 'ca.pem'), 'utf8')
    assert.equal(got.CertificateChain, trusted)
    const leaf = new X509Certificate(got.Certificate!)
    assert.ok(leaf.verify(new X509Certificate(trusted).publicKey))
    assert.equal(leaf.checkHost('api.shop.localhost'), 'api.shop.localhost')
    await client.send(new acm.RenewCertificateCommand({ CertificateArn }))
    const renewed = await describe(CertificateArn)
    assert.notEqual(renewed.Serial, shown.Serial)
    assert.equal(renewed.RenewalSummary?.RenewalStatus, 'SUCCESS')
  })

  await t.test(
    'a public name waits for its authority; records and e-mail prove nothing here',
    async () => {
      const { CertificateArn } = await cli.call<{ CertificateArn: string }>(
        ...['acm', 'request-certificate', '--domain-name', 'api.example.com'],
        ...['--subject-alternative-names', 'www.example.com'],
      )
      const shown = await describe(CertificateArn)
      assert.equal(shown.Status, 'PENDING_VALIDATION')
      assert.equal(shown.DomainValidationOptions?.length, 2)
      const get = new acm.GetCertificateCommand({ CertificateArn })
      await assert.rejects(client.send(get), acm.RequestInProgressException)
      const dns = await cli.refused(
        ...['acm', 'request-certificate', '--domain-name', 'api.example.com'],
        ...['--validation-method', 'DNS'],
      )
      assert.match(dns, /InvalidDomainValidationOptionsException.*Leave out ValidationMethod DNS/)
      for (const other of [
        { ValidationMethod: 'EMAIL' },
        { Options: { ValidationMethod: 'DNS' } },
        { DomainValidationOptions: [{ DomainName: 'a.localhost', ValidationDomain: 'localhost' }] },
      ] as const) {
        const ask = { DomainName: 'a.localhost', ...other } as acm.RequestCertificateRequest
        const refused = client.send(new acm.RequestCertificateCommand(ask))
        await assert.rejects(refused, acm.InvalidDomainValidationOptionsException)
      }
      const mixed = new acm.RequestCertificateCommand({
        DomainName: 'a.localhost',
        SubjectAlternativeNames: ['a.example.com'],
      })
      await assert.rejects(client.send(mixed), /two certificates/)
    },
  )

  await t.test(
    'the private authority signs for any name, and its key can be exported',
    async () => {
      const CertificateAuthorityArn = `arn:aws:acm-pca:${region}:${account}:certificate-authority/local`
      const request = (DomainName: string) =>
        client.send(new acm.RequestCertificateCommand({ DomainName, CertificateAuthorityArn }))
      const [one, two] = await Promise.all([request('db.internal'), request('*.mesh.internal')])
      const chains = await Promise.all(
        [one, two].map(async ({ CertificateArn }) => {
          const got = await client.send(new acm.GetCertificateCommand({ CertificateArn }))
          const authority = new X509Certificate(got.CertificateChain!)
          assert.ok(new X509Certificate(got.Certificate!).verify(authority.publicKey))
          return got.CertificateChain
        }),
      )
      assert.equal(chains[0], chains[1])
      const exported = await client.send(
        new acm.ExportCertificateCommand({
          CertificateArn: one.CertificateArn,
          Passphrase: Buffer.from('correct horse'),
        }),
      )
      const key = createPrivateKey({ key: exported.PrivateKey!, passphrase: 'correct horse' })
      assert.ok(new X509Certificate(exported.Certificate!).checkPrivateKey(key))
      assert.throws(() => createPrivateKey({ key: exported.PrivateKey!, passphrase: 'wrong' }))
      const imported = new acm.ExportCertificateCommand({
        CertificateArn: arn,
        Passphrase: Buffer.from('correct horse'),
      })
      await assert.rejects(client.send(imported), /not exportable/)
      const elsewhere = new acm.RequestCertificateCommand({
        DomainName: 'db.internal',
        CertificateAuthorityArn: CertificateAuthorityArn.replace('local', 'abc'),
      })
      await assert.rejects(client.send(elsewhere), acm.InvalidArnException)
    },
  )

  await t.test('lists have filters and pages', async () => {
    const all = ['RSA_2048', 'EC_prime256v1'] as const
    const list = (input: acm.ListCertificatesCommandInput) =>
      client.send(new acm.ListCertificatesCommand(input))
    const everything = await list({ Includes: { keyTypes: [...all] } })
    assert.equal(everything.CertificateSummaryList?.length, 5)
    // As on AWS: nothing but RSA unless it is asked for.
    assert.equal((await list({})).CertificateSummaryList?.length, 4)
    const pending = await list({ CertificateStatuses: ['PENDING_VALIDATION'] })
    assert.deepEqual(
      pending.CertificateSummaryList?.map(({ DomainName }) => DomainName),
      ['api.example.com'],
    )
    const paged: string[] = []
    for await (const { CertificateSummaryList = [] } of acm.paginateListCertificates(
      { client, pageSize: 2 },
      { Includes: { keyTypes: [...all] }, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' },
    )) {
      assert.ok(CertificateSummaryList.length <= 2)
      paged.push(...CertificateSummaryList.map(({ CertificateArn }) => CertificateArn!))
    }
    assert.equal(new Set(paged).size, 5)
    assert.equal(paged.at(-1), arn)
    await assert.rejects(list({ NextToken: 'bm90aGluZw' }), /NextToken/)
  })

  await t.test('tags come and go', async () => {
    await client.send(
      new acm.AddTagsToCertificateCommand({
        CertificateArn: arn,
        Tags: [{ Key: 'stage', Value: 'test' }, { Key: 'bare' }],
      }),
    )
    await cli.call(
      ...['acm', 'remove-tags-from-certificate', '--certificate-arn', arn],
      ...['--tags', 'Key=team,Value=another', 'Key=bare'],
    )
    const { Tags } = await cli.call<{ Tags: object[] }>(
      ...['acm', 'list-tags-for-certificate', '--certificate-arn', arn],
    )
    assert.deepEqual(Tags, [
      { Key: 'team', Value: 'shop' },
      { Key: 'stage', Value: 'test' },
    ])
    const many = Array.from({ length: 50 }, (_, i) => ({ Key: `key${i}`, Value: '' }))
    const tooMany = new acm.AddTagsToCertificateCommand({ CertificateArn: arn, Tags: many })
    await assert.rejects(client.send(tooMany), acm.TooManyTagsException)
  })

  await t.test('the command line imports from files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-acm-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const pair = await brought(['cli.example.com'], 'RSA_2048')
    const fileOf = (name: keyof typeof pair) => {
      writeFileSync(join(folder, name), pair[name])
      return `fileb://${join(folder, name)}`
    }
    const { CertificateArn } = await cli.call<{ CertificateArn: string }>(
      ...['acm', 'import-certificate', '--certificate', fileOf('certificate')],
      ...['--certificate-chain', fileOf('chain'), '--private-key', fileOf('privateKey')],
    )
    const { Certificate } = await cli.call<{ Certificate: { Status: string; Serial: string } }>(
      ...['acm', 'describe-certificate', '--certificate-arn', CertificateArn],
    )
    assert.equal(Certificate.Status, 'ISSUED')
    await cli.call('acm', 'delete-certificate', '--certificate-arn', CertificateArn)
    const gone = await cli.refused(
      ...['acm', 'describe-certificate', '--certificate-arn', CertificateArn],
    )
    assert.match(gone, /ResourceNotFoundException/)
  })

  await t.test(
    'no private key stands in the store, the log or the audit log in the open',
    async () => {
      const files = readdirSync(server.folder).filter((name) => name.startsWith('postern.db'))
      assert.ok(files.length > 0)
      const store = files.map((name) => readFileSync(join(server.folder, name), 'latin1')).join('')
      assert.match(store, /shop\.example\.com/)
      assert.doesNotMatch(store, /PRIVATE KEY/)
      const der = createPrivateKey(first.privateKey).export({ type: 'pkcs8', format: 'der' })
      assert.ok(!store.includes(der.toString('base64').slice(40, 100)))
    },
  )

  await t.test('what is not built says so by name', async () => {
    const email = new acm.ResendValidationEmailCommand({
      ...{ CertificateArn: arn, Domain: 'a.example.com', ValidationDomain: 'example.com' },
    })
    await assert.rejects(client.send(email), /ResendValidationEmail is not supported.*by ACME/)
    const options = new acm.UpdateCertificateOptionsCommand({ CertificateArn: arn, Options: {} })
    await assert.rejects(client.send(options), /UpdateCertificateOptions is not supported/)
    await assert.rejects(client.send(new acm.ListAcmeEndpointsCommand({})), /ACME server/)
  })
})
