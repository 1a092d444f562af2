import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { ensureLocalCertificate } from '../certificates/local-ca.ts'
import { temporaryFolder } from '../storage/sqlite/temporary-folder.fake.ts'
import { ControlServerFake } from './control-server.fake.ts'
import { runWords } from './terminal.fake.ts'

test('the authorities that there are, and how to trust one', async (t) => {
  const data = join(await temporaryFolder(t), "it's here")
  const run = (...words: string[]) => runWords({ words: ['ca', ...words, '--data', data] })
  const none = await run()
  assert.match(none.out, /^local: there is none\..*\n\nprivate: there is none\./)
  assert.deepEqual(JSON.parse((await run('--json')).out), { authorities: [] })
  assert.equal((await run('trust')).code, 1)

  const { caFile } = await ensureLocalCertificate(data, systemClock)
  const { fingerprint256 } = new X509Certificate(readFileSync(caFile))
  const listed = await run()
  assert.ok(listed.out.includes(fingerprint256))
  const trust = await run('trust')
  assert.equal(trust.code, 0)
  assert.ok(trust.out.includes(fingerprint256))
  const quoted = `'${caFile.replaceAll("'", `'\\''`)}'`
  for (const words of [
    `sudo cp ${quoted} /usr/local/share/ca-certificates/postern.crt`,
    `security add-trusted-cert`,
    `certutil -addstore -f ROOT`,
    `certutil -d sql:$HOME/.pki/nssdb`,
    `curl --cacert ${quoted}`,
    `NODE_EXTRA_CA_CERTS=${quoted}`,
    'keytool',
    'Firefox',
  ]) {
    assert.ok(trust.out.includes(words), words)
  }
  assert.doesNotMatch(trust.out, /EVERY name/)
})

test('the private one is trusted with a warning; what is broken or unknown is said', async (t) => {
  const data = await temporaryFolder(t)
  const { caFile } = await ensureLocalCertificate(data, systemClock)
  const text = readFileSync(caFile)
  const file = join(data, 'certificates', 'private-ca.pem')
  writeFileSync(file, text)
  const run = (...words: string[]) => runWords({ words: ['ca', ...words, '--data', data] })
  assert.match((await run('trust', 'private')).out, /EVERY name/)
  assert.equal((await run('trust', 'other')).code, 2)
  assert.equal((await run('sign')).code, 2)
  writeFileSync(file, 'damaged')
  const broken = await run('trust', 'private')
  assert.equal(broken.code, 1)
  assert.match(broken.err, /private-ca\.pem cannot be read/)
})

test('certificates are listed with their days, over every page', async () => {
  const NotAfter = new Date(Date.now() + 30.5 * 86_400_000)
  const one = {
    ...{ CertificateArn: 'arn:1', DomainName: 'a.example.com', Type: 'IMPORTED' },
    ...{ SubjectAlternativeNameSummaries: ['a.example.com', 'b.example.com'], InUse: true },
    ...{ Status: 'ISSUED', NotAfter, CreatedAt: NotAfter },
  }
  const two = { CertificateArn: 'arn:2', DomainName: 'c\u001b', Status: 'PENDING_VALIDATION' }
  const server = await ControlServerFake.start({
    answers: {
      ListCertificates: (input: object) =>
        'NextToken' in input
          ? { CertificateSummaryList: [two] }
          : { CertificateSummaryList: [one], NextToken: 'more' },
    },
  })
  try {
    const { out } = await runWords({ words: ['certificates'], environment: server.environment })
    const [, first = '', second = ''] = out.split('\n')
    assert.match(first, /^a\.example\.com and 1 more +IMPORTED +ISSUED +30 +\S+ +yes +arn:1$/)
    assert.match(second, /^c\? +PENDING_VALIDATION +- +- +no +arn:2$/)
    const json = await runWords({
      words: ['certificates', '--json'],
      environment: server.environment,
    })
    assert.equal(JSON.parse(json.out).certificates.length, 2)
  } finally {
    await server.stop()
  }
})
