import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Clock } from '../base/clock.ts'
import { ensureLocalCertificate } from './local-ca.ts'

const DAY_MS = 86_400_000

class Calendar implements Clock {
  ms = Date.UTC(2026, 0, 1)

  now(): number {
    return this.ms
  }

  epochMs(): number {
    return this.ms
  }

  passDays(days: number): void {
    this.ms += days * DAY_MS
  }
}

async function place(t: TestContext): Promise<{ directory: string; calendar: Calendar }> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-certificates-'))
  t.after(() => rm(directory, { recursive: true }))
  return { directory, calendar: new Calendar() }
}

const authorityOf = (directory: string) => join(directory, 'certificates', 'ca.key.pem')
const serverOf = (directory: string) => join(directory, 'certificates', 'server.pem')

test('the first start makes everything, private where it must be', async (t) => {
  const { directory, calendar } = await place(t)
  const made = await ensureLocalCertificate(directory, calendar)
  assert.equal(made.notes.length, 2)
  const server = new X509Certificate(made.certificate)
  const authority = new X509Certificate(await readFile(made.caFile))
  assert.ok(server.verify(authority.publicKey))
  const days = (server.validToDate.getTime() - server.validFromDate.getTime()) / DAY_MS
  assert.ok(days <= 397, `${days} days`)
  assert.deepEqual(server.subjectAltName?.split(', '), [
    'DNS:localhost',
    'DNS:*.localhost',
    'DNS:*.execute-api.localhost',
    'IP Address:127.0.0.1',
    'IP Address:0:0:0:0:0:0:0:1',
  ])
  const files = (await readdir(join(directory, 'certificates'))).sort()
  assert.deepEqual(files, ['ca.key.pem', 'ca.pem', 'server.pem'])
  for (const path of [authorityOf(directory), serverOf(directory)]) {
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  }
  assert.doesNotMatch(await readFile(made.caFile, 'latin1'), /PRIVATE/)
})

test('later starts use what is there', async (t) => {
  const { directory, calendar } = await place(t)
  const first = await ensureLocalCertificate(directory, calendar)
  calendar.passDays(300)
  const second = await ensureLocalCertificate(directory, calendar)
  assert.deepEqual(second, { ...first, notes: [] })
})

test('the server certificate is renewed when thirty days are left, under the same authority', async (t) => {
  const { directory, calendar } = await place(t)
  const first = await ensureLocalCertificate(directory, calendar)
  const authority = await readFile(first.caFile, 'latin1')
  calendar.passDays(366)
  assert.equal((await ensureLocalCertificate(directory, calendar)).certificate, first.certificate)
  calendar.passDays(2)
  const second = await ensureLocalCertificate(directory, calendar)
  assert.notEqual(second.certificate, first.certificate)
  assert.match(second.notes.join(), /made a certificate for localhost \(it expires 2027-/)
  assert.equal(await readFile(second.caFile, 'latin1'), authority)
})

test('an authority that would expire before what it signs is replaced', async (t) => {
  const { directory, calendar } = await place(t)
  const first = await ensureLocalCertificate(directory, calendar)
  const authority = await readFile(first.caFile, 'latin1')
  calendar.passDays(3_650 - 396)
  const second = await ensureLocalCertificate(directory, calendar)
  assert.notEqual(await readFile(second.caFile, 'latin1'), authority)
  assert.equal(second.notes.length, 2)
})

interface Damage {
  readonly what: string
  readonly file: (directory: string) => string
  readonly change: (text: string) => string
  readonly note: RegExp
}

const DAMAGES: readonly Damage[] = [
  { what: 'an empty server file', file: serverOf, change: () => '', note: /its file is damaged/ },
  {
    what: 'half a server file',
    file: serverOf,
    change: (text) => text.slice(0, text.length / 2),
    note: /its file is damaged/,
  },
  {
    what: 'a server certificate with a changed byte',
    file: serverOf,
    change: (text) => text.replace(/\n(.{20})./, '\n$1*'),
    note: /its file is damaged/,
  },
  { what: 'an empty authority', file: authorityOf, change: () => '', note: /its file is damaged/ },
  {
    what: 'an authority without its key',
    file: authorityOf,
    change: (text) => text.slice(0, text.indexOf('-----BEGIN PRIVATE')),
    note: /its file is damaged/,
  },
]

for (const { what, file, change, note } of DAMAGES) {
  test(`mended: ${what}`, async (t) => {
    const { directory, calendar } = await place(t)
    await ensureLocalCertificate(directory, calendar)
    const path = file(directory)
    await writeFile(path, change(await readFile(path, 'latin1')))
    const mended = await ensureLocalCertificate(directory, calendar)
    assert.match(mended.notes.join('\n'), note)
    const authority = new X509Certificate(await readFile(mended.caFile))
    assert.ok(new X509Certificate(mended.certificate).verify(authority.publicKey))
    assert.deepEqual((await ensureLocalCertificate(directory, calendar)).notes, [])
  })
}

test('mended: the key of another certificate', async (t) => {
  const { directory, calendar } = await place(t)
  const other = await place(t)
  const good = await ensureLocalCertificate(directory, calendar)
  const wrong = await ensureLocalCertificate(other.directory, calendar)
  await writeFile(serverOf(directory), good.certificate + wrong.privateKey)
  const mended = await ensureLocalCertificate(directory, calendar)
  assert.match(mended.notes.join(), /its key is not that of the certificate/)
})

test('mended: a certificate of another authority', async (t) => {
  const { directory, calendar } = await place(t)
  const other = await place(t)
  await ensureLocalCertificate(directory, calendar)
  await ensureLocalCertificate(other.directory, calendar)
  await writeFile(serverOf(directory), await readFile(serverOf(other.directory)))
  const mended = await ensureLocalCertificate(directory, calendar)
  assert.match(mended.notes.join(), /it was signed by another authority/)
})

test('a missing public copy of the authority comes back', async (t) => {
  const { directory, calendar } = await place(t)
  const { caFile } = await ensureLocalCertificate(directory, calendar)
  const text = await readFile(caFile, 'latin1')
  await rm(caFile)
  await ensureLocalCertificate(directory, calendar)
  assert.equal(await readFile(caFile, 'latin1'), text)
})

test('a key that others can read is closed, and said so', async (t) => {
  const { directory, calendar } = await place(t)
  await ensureLocalCertificate(directory, calendar)
  await chmod(serverOf(directory), 0o644)
  const { notes } = await ensureLocalCertificate(directory, calendar)
  assert.match(notes.join(), /others could read .*server\.pem/)
  assert.equal((await stat(serverOf(directory))).mode & 0o777, 0o600)
})

test('many that start at once agree on one authority', async (t) => {
  const { directory, calendar } = await place(t)
  const all = await Promise.all(
    Array.from({ length: 12 }, () => ensureLocalCertificate(directory, calendar)),
  )
  const authority = new X509Certificate(await readFile(all[0]!.caFile))
  for (const { certificate } of all) {
    assert.ok(new X509Certificate(certificate).verify(authority.publicKey))
  }
  const files = (await readdir(join(directory, 'certificates'))).sort()
  assert.deepEqual(files, ['ca.key.pem', 'ca.pem', 'server.pem'])
})
