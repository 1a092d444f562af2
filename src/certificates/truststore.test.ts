import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { DocumentRequest } from '../http/client/fetch-document.ts'
import { fakeCertificate, fakeRevocationList } from './authority.fake.ts'
import { sigV4Verifier } from './object-store.fake.ts'
import {
  lookAtTruststore,
  readTruststore,
  TruststoreError,
  type TruststoreSource,
} from './truststore.ts'
import { truststoreSource } from './truststore-source.ts'

const NOW = Date.now()
const root = fakeCertificate({ name: 'Root', authority: true })
const other = fakeCertificate({ name: 'Other', authority: true })
const old = fakeCertificate({ name: 'Old', authority: true, untilEpochMs: NOW - 1_000 })
const early = fakeCertificate({ name: 'Early', authority: true, fromEpochMs: NOW + 60_000 })

function holding(objects: Readonly<Record<string, string>>): TruststoreSource {
  return { read: async (uri) => objects[uri], look: async () => 'same' }
}

function readText(text: string, lists?: string) {
  const source = holding({
    's3://b/k': text,
    ...(lists === undefined ? {} : { 's3://b/k.crl': lists }),
  })
  return readTruststore({ uri: 's3://b/k' }, source, NOW)
}

test('what clients cannot be let in by is left out and told', async () => {
  const { trust, warnings } = await readText(
    `Bag attributes\n${root.pem}\n${old.pem}${early.pem}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
  )
  assert.equal(trust.authorities.trim(), root.pem.trim())
  assert.match(warnings[0]!, /^Certificate 2 of the truststore: CN=Old has expired on /)
  assert.match(warnings[1]!, /^Certificate 3 of the truststore: CN=Early is not valid before /)
  assert.equal(warnings[2], 'Certificate 4 of the truststore: it cannot be parsed')
})

test('the version changes with authorities and lists, and with nothing else', async () => {
  const version = async (text: string, lists?: string) =>
    (await readText(text, lists)).trust.version
  const list = fakeRevocationList(root, [])
  const plain = await version(root.pem)
  assert.equal(await version(`# a comment\n${root.pem.replaceAll('\n', '\r\n')}`), plain)
  const all = [plain, await version(root.pem + other.pem), await version(root.pem, list)]
  assert.equal(new Set(all).size, 3)
})

const REFUSED: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
  [
    'nothing there',
    () => readTruststore({ uri: 's3://b/none' }, holding({}), NOW),
    /does not exist/,
  ],
  ['no certificate', () => readText('hello'), /has no valid certificate$/],
  ['only expired ones', () => readText(old.pem), /no valid certificate: .*has expired/],
  ['too many', () => readText(root.pem.repeat(1_001)), /more than 1000 certificates|longer than/],
  ['too long', () => readText(root.pem + ' '.repeat(1_048_576)), /longer than 1048576 bytes/],
  ['lists that are none', () => readText(root.pem, 'nothing'), /holds no revocation list/],
  [
    'a damaged list',
    () => readText(root.pem, '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n'),
    /cannot be parsed/,
  ],
  [
    'two issuers of one name',
    () =>
      readText(root.pem + fakeCertificate({ name: 'Root', authority: true, issuer: other }).pem),
    /^The certificate subject CN=Root conflicts with an existing certificate from a different issuer\.$/,
  ],
]

for (const [what, run, message] of REFUSED) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(run, (thrown: unknown) => {
      assert.ok(thrown instanceof TruststoreError)
      assert.match(thrown.message, message)
      return true
    })
  })
}

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'truststore-'))
  t.after(() => rm(made, { recursive: true }))
  return made
}

test('files are read from the one folder, links followed', async (t) => {
  const outside = await folder(t)
  const inside = path.join(outside, 'stores')
  await mkdir(inside)
  await writeFile(path.join(inside, 'a.pem'), root.pem)
  await writeFile(path.join(outside, 'secret.pem'), other.pem)
  await symlink(path.join(outside, 'secret.pem'), path.join(inside, 'link.pem'))
  const source = truststoreSource({ folder: inside, objects: undefined })
  const read = (name: string) => source.read(pathToFileURL(path.join(inside, name)).href, undefined)
  assert.equal(await read('a.pem'), root.pem)
  assert.equal(await read('a.pem.crl'), undefined)
  for (const name of ['link.pem', '../secret.pem', '.']) {
    await assert.rejects(read(name), /it is not in the folder of --truststore-folder/, name)
  }
  const none = truststoreSource({ folder: undefined, objects: undefined })
  await assert.rejects(none.read('file:///etc/passwd', undefined), /no folder is named/)
  await assert.rejects(none.read('s3://bucket/key', undefined), /no object store is named/)
  for (const uri of ['https://example.com/a', 's3://b', '/etc/passwd', 's3:///key', '']) {
    await assert.rejects(none.read(uri, undefined), /is s3:\/\/bucket\/key or file/)
  }
})

test('objects are asked for with a signature over what is sent', async () => {
  const asked: string[] = []
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  const verify = sigV4Verifier(credentials)
  const store = {
    endpoint: new URL('http://minio.internal:9000/base/'),
    region: 'eu-west-1',
    credentials,
    clock: { now: () => 0, epochMs: () => NOW },
    fetchDocument: async (request: DocumentRequest) => {
      asked.push(await verify(request))
      if (request.url.pathname.endsWith('.crl')) {
        return { kind: 'failed', reason: 'status 404', status: 404 } as const
      }
      return { kind: 'document', text: root.pem } as const
    },
  }
  const source = truststoreSource({ folder: undefined, objects: store })
  const place = { uri: 's3://bucket/a folder/tr\u00fcst+1.pem', objectVersion: 'v/1' }
  const { trust } = await readTruststore(place, source, NOW)
  assert.equal(trust.authorities.trim(), root.pem.trim())
  assert.deepEqual(asked, [
    '/base/bucket/a%20folder/tr%C3%BCst%2B1.pem?versionId=v%2F1 verified',
    '/base/bucket/a%20folder/tr%C3%BCst%2B1.pem.crl verified',
  ])
  await assert.rejects(source.read('s3://bucket/../other/key', undefined), /dot segments/)
})

test('a file says another word when it is written, replaced, or its link is moved', async (t) => {
  const inside = await folder(t)
  const source = truststoreSource({ folder: inside, objects: undefined })
  const file = path.join(inside, 'a.pem')
  const look = () => source.look(pathToFileURL(file).href, undefined)
  assert.equal(await look(), 'absent')
  await writeFile(path.join(inside, 'one'), root.pem)
  await writeFile(path.join(inside, 'two'), root.pem)
  await symlink('one', file)
  const words = [await look()]
  assert.equal(await look(), words[0])
  await writeFile(file, other.pem)
  words.push(await look())
  await rm(file)
  await symlink('two', file)
  words.push(await look())
  assert.equal(new Set(words).size, 3)
  assert.ok(words.every((word) => !word.includes('\n')))
  const outside = pathToFileURL(path.join(inside, '..', 'x')).href
  assert.equal(await source.look(outside, undefined), 'absent')
  await assert.rejects(source.look('file:///etc/passwd', undefined), /is not in the folder/)
})

/** A store whose object has this content and tag; what it was asked for is in `conditions`. */
function storeOf(object: { text?: string; etag?: string; status?: number }) {
  const conditions: (string | undefined)[] = []
  const fetchDocument = async ({ headers = [] }: DocumentRequest) => {
    const condition = new Map(headers).get('if-none-match')
    conditions.push(condition)
    const { text, etag, status = 500 } = object
    if (condition !== undefined && condition === etag) {
      return { kind: 'failed', reason: 'status 304', status: 304 } as const
    }
    if (text === undefined) return { kind: 'failed', reason: `status ${status}`, status } as const
    return { kind: 'document', text, ...(etag === undefined ? {} : { etag }) } as const
  }
  const objects = {
    ...{ endpoint: new URL('http://s3.internal'), region: 'x', credentials: undefined },
    ...{ clock: { now: () => 0, epochMs: () => NOW }, fetchDocument },
  }
  const source = truststoreSource({ folder: undefined, objects })
  return { source, conditions, look: (known?: string) => source.look('s3://bucket/key', known) }
}

test('an object is sent again only where its tag is another one', async () => {
  const object: { text?: string; etag?: string; status?: number } = { text: 'a', etag: '"1"' }
  const { look, conditions } = storeOf(object)
  const first = await look()
  assert.equal(first, '"1"')
  assert.equal(await look(first), first)
  object.etag = 'W/"2"'
  assert.equal(await look(first), 'W/"2"')
  assert.deepEqual(conditions, [undefined, '"1"', '"1"'])
  // Without tags, or with one that no field may hold, the content speaks.
  for (const etag of [undefined, '"a\nb"', 'untagged']) {
    if (etag === undefined) delete object.etag
    else object.etag = etag
    object.text = 'b'
    const hash = await look()
    assert.match(hash, /^[0-9a-f]{64}$/)
    assert.equal(await look(hash), hash)
    object.text = 'c'
    assert.notEqual(await look(hash), hash)
  }
  assert.deepEqual(conditions.slice(3), Array(9).fill(undefined))
  delete object.text
  object.status = 404
  assert.equal(await look(first), 'absent')
  object.status = 503
  await assert.rejects(look(first), /s3:\/\/bucket\/key cannot be read: status 503/)
  object.status = 304
  await assert.rejects(look(), /status 304/, 'nothing was asked that it could be the answer to')
})

test('a version of an object is not looked at, its revocation list is', async () => {
  const asked: string[] = []
  const source: TruststoreSource = {
    read: async () => undefined,
    look: async (uri, known) => {
      asked.push(`${uri} ${known}`)
      return known ?? 'first'
    },
  }
  const pinned = { uri: 's3://b/k', objectVersion: 'v1' }
  const word = await lookAtTruststore(pinned, source, undefined)
  assert.equal(await lookAtTruststore(pinned, source, word), word)
  assert.deepEqual(asked, ['s3://b/k.crl undefined', 's3://b/k.crl first'])
  asked.length = 0
  await lookAtTruststore(
    { uri: 's3://b/k' },
    source,
    await lookAtTruststore({ uri: 's3://b/k' }, source, undefined),
  )
  assert.deepEqual(asked.slice(2), ['s3://b/k first', 's3://b/k.crl first'])
})
