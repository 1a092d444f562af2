import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Clock } from '../../base/clock.ts'
import { AccessKeyRing } from '../../identity/access-key-ring.ts'
import { Sealer } from '../../identity/installation-key.ts'
import { MIGRATIONS } from '../../storage/sqlite/schema.ts'
import { openSqliteStore } from '../../storage/sqlite/sqlite-store.ts'
import { openWriter } from '../../storage/sqlite/store-file.ts'
import { temporaryFolder } from '../../storage/sqlite/temporary-folder.fake.ts'
import { identitiesOf } from './identities.ts'
import { sealStoredKeys } from './seal-stored-keys.ts'

const clock: Clock = { now: () => 0, epochMs: () => 0 }
const sealer = new Sealer(Buffer.alloc(32, 3))
const openSealer = async () => sealer

/** As they stood in the file before anything of them was sealed. */
const OLD_RECORDS = [
  [
    '*',
    '*',
    'access-key',
    '',
    'AKPOOWN',
    {
      accessKeyId: 'AKPOOWN',
      secretAccessKey: 'plain-secret-of-the-account',
      accountId: '123456789012',
      readOnly: false,
      description: 'made on the first start',
      createdAt: '2026-11-01T00:00:00.000Z',
    },
  ],
  ['*', '*', 'iam-session-key', '', 'current', { key: Buffer.alloc(32, 5).toString('base64') }],
  [
    '123456789012',
    'global',
    'iam-user',
    '',
    'ada',
    {
      Name: 'ada',
      Id: 'AIDAADA',
      Arn: 'arn:aws:iam::123456789012:user/ada',
      Path: '/',
      CreateDate: '2026-11-01T00:00:00.000Z',
      Tags: [],
      inline: {},
      attached: [],
    },
  ],
  [
    '123456789012',
    'global',
    'iam-access-key',
    'iam-user/ada',
    'AKPOADA',
    {
      UserName: 'ada',
      UserId: 'AIDAADA',
      AccessKeyId: 'AKPOADA',
      SecretAccessKey: 'plain-secret-of-ada',
      Status: 'Active',
      CreateDate: '2026-11-01T00:00:00.000Z',
    },
  ],
] as const
const SECRETS = [
  'plain-secret-of-the-account',
  'plain-secret-of-ada',
  'plain-secret-of-a-deleted-key',
  Buffer.alloc(32, 5).toString('base64'),
]

/** A file of version 1, with a key that was deleted before. */
function writeOldStore(folder: string): void {
  const migrations = MIGRATIONS.slice(0, 1)
  const options = { folder, durability: 'process', faults: undefined, epochMs: 0 } as const
  const connection = openWriter({ ...options, isAfterCrash: false, migrations })
  connection.execute('PRAGMA secure_delete = OFF')
  const insert = `INSERT INTO record (account_id, region, kind, parent, id, body, revision)
    VALUES (?, ?, ?, ?, ?, ?, 1)`
  const put = (...row: readonly [...string[], object]) => {
    const values = row.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    connection.write('put-record', insert, ...values)
  }
  for (const row of OLD_RECORDS) put(...row)
  const gone = { secretAccessKey: 'plain-secret-of-a-deleted-key', filling: 'x'.repeat(9_000) }
  put('*', '*', 'access-key', '', 'AKPOGONE', gone)
  connection.execute(`DELETE FROM record WHERE id = 'AKPOGONE'`)
  connection.close()
}

/** Which of the secrets a file of the folder holds. */
function secretsIn(folder: string, name: string): string[] {
  const file = join(folder, name)
  const text = existsSync(file) ? readFileSync(file, 'latin1') : ''
  return SECRETS.filter((secret) => text.includes(secret))
}

test('an old store is sealed once, and its keys go on working', async (t) => {
  const folder = await temporaryFolder(t)
  writeOldStore(folder)
  assert.deepEqual(secretsIn(folder, 'postern.db'), SECRETS)
  const store = await openSqliteStore({ folder, clock, durability: 'process' })
  t.after(() => store.close())
  assert.equal(await sealStoredKeys(store, openSealer), 3)
  assert.equal(await sealStoredKeys(store, () => assert.fail('nothing is left to be sealed')), 0)

  const ring = await AccessKeyRing.open(store, sealer)
  assert.equal(ring.secretOf('AKPOOWN')?.secretAccessKey, 'plain-secret-of-the-account')
  assert.equal(ring.find('AKPOOWN')?.description, 'made on the first start')
  const document = await store.read((reader) => identitiesOf(reader, openSealer))
  assert.equal(document.sessionKey, Buffer.alloc(32, 5).toString('base64'))
  const [, ada] = document.keys
  assert.equal(ada?.secretAccessKey, 'plain-secret-of-ada')
  assert.deepEqual([ada.userId, ada.active], ['AIDAADA', true])

  const [entry] = await store.auditLog({ limit: 1 })
  assert.equal(entry?.action, 'postern:SealSecrets')
  assert.deepEqual(
    entry.changes.map(({ resource }) => resource),
    ['access-key/AKPOOWN', 'iam-access-key/AKPOADA', 'iam-session-key/current'],
  )
  assert.equal(await store.verifyAuditLog(), undefined)
})

test('nothing of a secret stays in the file or its log, not even of a key deleted long ago', async (t) => {
  const folder = await temporaryFolder(t)
  writeOldStore(folder)
  const store = await openSqliteStore({ folder, clock, durability: 'process' })
  await sealStoredKeys(store, openSealer)
  assert.deepEqual(secretsIn(folder, 'postern.db-wal'), [])
  await store.close()
  assert.deepEqual(secretsIn(folder, 'postern.db'), [])
})

test('a sealed secret opens for its own key only, and with the right key of the installation only', async (t) => {
  const folder = await temporaryFolder(t)
  writeOldStore(folder)
  const store = await openSqliteStore({ folder, clock, durability: 'process' })
  t.after(() => store.close())
  await sealStoredKeys(store, openSealer)
  const other = async () => new Sealer(Buffer.alloc(32, 4))
  await assert.rejects(
    store.read((reader) => identitiesOf(reader, other)),
    /opens with the installation key/,
  )
  await store.write(async (transaction) => {
    const records = transaction.in({ accountId: '*', region: '*' })
    const key = { kind: 'access-key', parent: '', id: 'AKPOOWN' }
    const { body } = (await records.get<{ readonly sealedSecret: string }>(key))!
    await records.put({ ...key, id: 'AKPOEVIL' }, { ...body, accessKeyId: 'AKPOEVIL' })
  })
  await assert.rejects(AccessKeyRing.open(store, sealer), /AKPOEVIL opens/)
})
