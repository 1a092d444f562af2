import assert from 'node:assert/strict'
import { chmodSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { makePrivateAuthority } from '../../certificates/certificate.ts'
import { type CertificateRecord, certificateKey } from '../../certificates/certificate-record.ts'
import { splitChain } from '../../certificates/complete-certificate.ts'
import { issueCertificate } from '../../certificates/issue-certificate.ts'
import { sealPlaceOf } from '../../certificates/tls-records.ts'
import { openInstallationKey } from '../../identity/installation-key.ts'
import { openSqliteStore } from '../../storage/sqlite/sqlite-store.ts'
import { temporaryFolder } from '../../storage/sqlite/temporary-folder.fake.ts'
import { runWords } from '../terminal.fake.ts'
import { checkClock } from './clock-check.ts'
import type { Finding } from './finding.ts'
import { checkFiles, checkNode } from './program-check.ts'

const DAY_MS = 86_400_000
const SCOPE = { accountId: '123456789012', region: 'eu-central-1' }
const OFF = ['--http', 'off', '--https', 'off', '--control', 'off']

interface Wish {
  readonly name: string
  /** Until it expires. */
  readonly days: number
  readonly chain?: (chain: string) => string
  readonly keyOf?: string
}

/** A data folder with certificates, and domain names that name certificates by their names. */
async function folderWith(
  t: TestContext,
  wishes: readonly Wish[],
  domains: Record<string, string> = {},
) {
  const folder = await temporaryFolder(t)
  const sealer = await openInstallationKey(folder, true)
  const fromEpochMs = Date.now() - 1_000 * DAY_MS
  const root = makePrivateAuthority({ fromEpochMs, untilEpochMs: fromEpochMs + 5_000 * DAY_MS })
  const arnOf = (name: string) => `arn:aws:acm:eu-central-1:123456789012:certificate/${name}`
  const store = await openSqliteStore({ folder, clock: systemClock })
  await store.write(async (transaction) => {
    const records = transaction.in(SCOPE)
    for (const { name, days, chain = (text: string) => text, keyOf = name } of wishes) {
      // Whatever is issued lives 395 days, and begins an hour before.
      const now = new Date(Date.now() + (days - 395) * DAY_MS + 2 * 3_600_000)
      const wish = { names: [name], keyAlgorithm: 'EC_prime256v1', now } as const
      const { chain: whole, privateKey } = await issueCertificate(root, wish)
      const parts = splitChain(whole)
      const arn = arnOf(name)
      await records.put(certificateKey(arn), {
        ...{ CertificateArn: arn, Type: 'IMPORTED', issuer: 'import', DomainName: name },
        ...{ SubjectAlternativeNames: [name], KeyAlgorithm: 'EC_prime256v1', Status: 'ISSUED' },
        ...{ CreatedAt: now.toISOString(), Tags: [] },
        issued: {
          certificate: parts.certificate,
          chain: chain(parts.chain),
          sealedKey: sealer.seal(sealPlaceOf(arnOf(keyOf)), derOf(privateKey)),
          notBefore: now.toISOString(),
          notAfter: new Date(Date.now() + days * DAY_MS + 60_000).toISOString(),
        },
      } satisfies CertificateRecord)
    }
    for (const [id, name] of Object.entries(domains)) {
      const DomainNameConfigurations = [{ CertificateArn: arnOf(name) }]
      const key = { kind: 'domain-name', parent: '', id }
      await records.put(key, { DomainName: id, DomainNameConfigurations, endpointId: 'd-1' })
    }
  })
  await store.close()
  return folder
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----.*?-----|\s/g, ''), 'base64')
}

async function examine(folder: string, ...words: string[]) {
  const run = await runWords({ words: ['doctor', '--data', folder, '--json', ...OFF, ...words] })
  const { healthy, findings } = JSON.parse(run.out) as { healthy: boolean; findings: Finding[] }
  assert.equal(run.code, healthy ? 0 : 1)
  const of = (subject: string) => findings.filter((each) => each.subject === subject)
  return { healthy, of, findings }
}

test('an installation in order is healthy', async (t) => {
  const name = 'api.example.com'
  const folder = await folderWith(t, [{ name, days: 200 }], { [name]: name })
  const { healthy, of, findings } = await examine(folder)
  assert.deepEqual(
    findings.filter(({ level }) => level === 'problem'),
    [],
  )
  assert.ok(healthy)
  assert.equal(of(`certificate of ${name}`)[0]?.level, 'ok')
  assert.equal(of(`domain name ${name}`)[0]?.level, 'ok')
  const text = await runWords({ words: ['doctor', '--data', folder, ...OFF] })
  assert.match(text.out, /^ok +certificate of api\.example\.com +good for 200 days$/m)
  assert.match(text.out, /\n0 problems, \d warnings?\n$/)
})

test('an empty folder has nothing wrong with it, and stays empty', async (t) => {
  const folder = join(await temporaryFolder(t), 'not-yet')
  const { healthy, of } = await examine(folder)
  assert.ok(healthy)
  assert.match(of('data folder')[0]!.message, /is not there yet/)
  assert.ok((await examine(folder)).healthy)
})

test('certificates that are over, near their end, or do not hold together', async (t) => {
  const folder = await folderWith(
    t,
    [
      { name: 'over.example.com', days: -3 },
      { name: 'soon.example.com', days: 12 },
      { name: 'chain.example.com', days: 200, chain: () => '' },
      { name: 'key.example.com', days: 200, keyOf: 'another.example.com' },
    ],
    { 'shop.example.com': 'none', 'www.example.com': 'soon.example.com' },
  )
  const { healthy, of } = await examine(folder)
  assert.ok(!healthy)
  const expected = [
    ['certificate of over.example.com', 'problem', /it has expired/],
    ['certificate of soon.example.com', 'warning', /expires in 12 days/],
    ['certificate of chain.example.com', 'problem', /CertificateChain: there is none/],
    ['certificate of key.example.com', 'problem', /does not open the key/],
    ['domain name shop.example.com', 'problem', /does not exist/],
    ['domain name www.example.com', 'problem', /does not cover www\.example\.com/],
  ] as const
  for (const [subject, level, message] of expected) {
    const [finding, ...more] = of(subject)
    assert.equal(more.length, 0)
    assert.equal(finding?.level, level, subject)
    assert.match(finding.message, message)
    assert.notEqual(finding.mend, '')
    assert.doesNotMatch(JSON.stringify(finding), /PRIVATE KEY/)
  }
})

test('the key of the installation: missing, elsewhere, in the environment', async (t) => {
  const folder = await folderWith(t, [{ name: 'api.example.com', days: 200 }])
  const elsewhere = join(await temporaryFolder(t), 'key')
  renameSync(join(folder, 'installation.key'), elsewhere)
  const missing = await examine(folder)
  assert.equal(missing.of('installation key')[0]?.level, 'problem')
  assert.match(missing.of('installation key')[0]!.message, /installation\.key is missing/)
  assert.ok((await examine(folder, '--installation-key-file', elsewhere)).healthy)
  writeFileSync(elsewhere, 'not a key')
  const broken = await examine(folder, '--installation-key-file', elsewhere)
  assert.match(broken.of('installation key')[0]!.message, /holds no key/)
  writeFileSync(elsewhere, 'ab'.repeat(32))
  const wrong = await examine(folder, '--installation-key-file', elsewhere)
  assert.match(wrong.of('certificate of api.example.com')[0]!.message, /does not open the key/)
})

test('a port that somebody else has', async (t) => {
  const folder = await temporaryFolder(t)
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const words = ['--control', String(port), '--control-host', '127.0.0.1']
  const run = await runWords({
    words: ['doctor', '--data', folder, '--json', '--http', 'off', '--https', 'off', ...words],
  })
  assert.equal(run.code, 1)
  assert.match(run.out, /is in use by another program/)
})

test('a Postern that is said to run and does not answer', async (t) => {
  const folder = await temporaryFolder(t)
  const control = { url: 'http://127.0.0.1:1/', pid: process.pid, region: 'eu-central-1' }
  writeFileSync(join(folder, 'control.json'), JSON.stringify(control))
  const { healthy, of } = await examine(folder)
  assert.ok(!healthy)
  assert.match(of('Postern at http://127.0.0.1:1/')[0]!.message, /does not answer/)
  rmSync(join(folder, 'control.json'))
  assert.ok((await examine(folder)).healthy)
})

test('secrets that others can read', async (t) => {
  const folder = await folderWith(t, [{ name: 'api.example.com', days: 200 }])
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'installation.key'), 0o644)
  const { of } = await examine(folder)
  assert.match(of('secrets')[0]!.message, /installation\.key$/)
})

test('a clock that is behind what was written', async (t) => {
  const folder = await folderWith(t, [])
  const tomorrow = Date.now() / 1_000 + 86_400
  utimesSync(join(folder, 'postern.db'), tomorrow, tomorrow)
  const [finding] = await checkClock(folder, new Date())
  assert.equal(finding?.level, 'problem')
  const [early] = await checkClock(folder, new Date('2019-01-01T00:00:00Z'))
  assert.match(early!.message, /is in the past/)
})

test('the Node that runs, and its files', () => {
  assert.equal(checkNode('22.3.0').level, 'problem')
  assert.equal(checkNode('26.0.0').level, 'ok')
  const limits = (soft: string) =>
    `Max processes  1  1\nMax open files            ${soft}  4096 files`
  assert.equal(checkFiles(limits('1024'))[0]?.level, 'warning')
  assert.equal(checkFiles(limits('65536'))[0]?.level, 'ok')
  assert.equal(checkFiles(limits('unlimited'))[0]?.level, 'ok')
  assert.deepEqual(checkFiles(''), [])
})
