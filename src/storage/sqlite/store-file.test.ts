import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cp, open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { Clock } from '../../base/clock.ts'
import type { RecordKey, Scope, Store } from '../store.ts'
import { StoreUnusable } from '../store-unusable.ts'
import { MIGRATIONS } from './schema.ts'
import { openSqliteReader } from './sqlite-reader.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { type FileOptions, openWriter } from './store-file.ts'
import { temporaryFolder } from './temporary-folder.fake.ts'

const NOBODY = 65_534

const SCOPE: Scope = { accountId: '111111111111', region: 'eu-central-1' }
const clock: Clock = { now: () => 0, epochMs: () => Date.parse('2026-03-04T05:06:07.008Z') }

test('the folder and its files are for their owner only, whatever the umask', async (t) => {
  const folder = join(await temporaryFolder(t), 'new', 'data')
  const umask = process.umask(0)
  t.after(() => process.umask(umask))
  const store = await openStore(folder)
  await putOne(store, 'a')
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  const names = readdirSync(folder).sort()
  assert.deepEqual(names, [
    'postern.db',
    'postern.db-shm',
    'postern.db-wal',
    'postern.lock',
    'postern.pid',
  ])
  for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  await store.close()
  assert.deepEqual(readdirSync(folder).sort(), ['postern.db', 'postern.lock'])
})

test('what others could read is closed, and the folder of somebody else stays as it is', async (t) => {
  const folder = await temporaryFolder(t)
  await (await openStore(folder)).close()
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'postern.db'), 0o644)
  await (await openStore(folder)).close()
  assert.equal((await stat(join(folder, 'postern.db'))).mode & 0o777, 0o600)
  assert.equal((await stat(folder)).mode & 0o777, 0o755)
})

test('what is not a store is refused as it is', async (t) => {
  const cases: readonly [string, (file: string) => void, RegExp][] = [
    ['text', (file) => writeFileSync(file, 'no database\n'.repeat(99)), /not a store of Postern/],
    ['folder', (file) => mkdirSync(file), /postern\.db is a folder/],
    ['other program', (file) => execute(file, 'CREATE TABLE t (a)'), /of another program/],
    ['other id', (file) => execute(file, 'PRAGMA application_id = 7'), /of another program/],
  ]
  for (const [name, make, message] of cases) {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'postern.db')
    make(file)
    const before = contentOf(file)
    await refuses(folder, message)
    assert.equal(contentOf(file), before, name)
    await assert.rejects(openSqliteReader(folder), StoreUnusable, name)
  }
})

test('a folder that cannot be one is refused', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  await refuses(join(folder, 'file'), /is a file|below a file/)
  await refuses(join(folder, 'file', 'data'), /below a file/)
})

test('a folder that cannot be written is refused', async (t) => {
  const folder = await temporaryFolder(t)
  chmodSync(folder, 0o500)
  // Root may write anywhere: the test is somebody else for a while.
  if (process.getuid?.() === 0) {
    chownSync(folder, NOBODY, NOBODY)
    process.seteuid!(NOBODY)
    t.after(() => process.seteuid!(0))
  }
  await refuses(folder, /cannot be (written|opened)/)
  await refuses(join(folder, 'data'), /cannot be written/)
})

test('a newer file is refused, with both versions', async (t) => {
  const folder = await temporaryFolder(t)
  await (await openStore(folder)).close()
  execute(join(folder, 'postern.db'), 'PRAGMA user_version = 99')
  await refuses(folder, new RegExp(`version 99.*up to ${MIGRATIONS.length}`))
  await assert.rejects(openSqliteReader(folder), /version 99/)
})

test('damage is found at the start, and the mend names the newest backup', async (t) => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'postern.db')
  const store = await openStore(folder)
  for (let i = 0; i < 200; i += 1) await putOne(store, `record-${i}`)
  await store.close()
  const whole = await readFile(file)
  for (const at of [20, 4096 * 2, 4096 * 3, whole.length - 4096]) {
    await writeFile(file, whole)
    const handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(600, 0x5a), 0, 600, at)
    await handle.close()
    await refuses(folder, /damaged/)
  }
  await writeFile(file, whole.subarray(0, whole.length - 4096 * 4))
  for (const backup of ['v9.20260101T000000Z', 'v10.20260202T000000Z', 'v1.20250101T000000Z']) {
    await writeFile(`${file}.${backup}.bak`, '')
  }
  const error = await refuses(folder, /damaged/)
  assert.match(error.mend, /postern\.db\.v10\.20260202T000000Z\.bak/)
})

test('an index that does not fit its table is found after a crash', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await putOne(store, 'a')
  await store.close()
  // SQLite itself would never write this: the index says of every row that it has another kind.
  const database = new DatabaseSync(join(folder, 'postern.db'), { defensive: false })
  database.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema
    SET sql = replace(sql, '(kind, account_id', '(region, account_id') WHERE name = 'record_by_list'`)
  database.close()
  await (await openStore(folder)).close()
  await writeFile(join(folder, 'postern.pid'), '1\n')
  await refuses(folder, /damaged/)
  await refuses(folder, /damaged/)
})

test('one store for each folder', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  const error = await refuses(folder, new RegExp(`Process ${process.pid} already`))
  assert.match(error.mend, /--data/)
  const code = `
    const { openSqliteStore } = await import(${JSON.stringify(moduleOf('sqlite-store'))})
    const clock = { now: () => 0, epochMs: () => 0 }
    await openSqliteStore({ folder: ${JSON.stringify(folder)}, clock }).then(
      () => console.log('opened'), (error) => console.log(error.name + ': ' + error.message))`
  assert.match(evaluate(code), new RegExp(`^StoreUnusable: Process ${process.pid} already`))
  await putOne(store, 'a')
  await store.close()
  assert.match(evaluate(code), /^opened/)
})

test('a write reaches the disk unless a test is in a hurry', async (t) => {
  for (const [durability, synchronous] of [
    ['machine', 2],
    ['process', 0],
  ] as const) {
    const folder = await temporaryFolder(t)
    const connection = openWriter({ ...openingOf(folder), durability })
    const row = connection.get<{ synchronous: number }>('PRAGMA synchronous')
    assert.equal(row?.synchronous, synchronous)
    const mode = connection.get<{ journal_mode: string }>('PRAGMA journal_mode')
    assert.equal(mode?.journal_mode, 'wal')
    connection.close()
  }
})

test('importing the store says nothing on its own', () => {
  const code = `await import(${JSON.stringify(moduleOf('sqlite-store'))})`
  assert.equal(evaluate(code), '')
})

test('an older file is backed up and brought up to date in one step', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await putOne(store, 'a')
  await store.close()
  const next = { description: 'A colour.', sql: 'ALTER TABLE record ADD COLUMN colour TEXT' }
  openAt(folder, [...MIGRATIONS, next])
  const backup = `postern.db.v${MIGRATIONS.length}.20260304T050607Z.bak`
  assert.deepEqual(readdirSync(folder).sort(), ['postern.db', backup, 'postern.lock'])
  assert.equal((await stat(join(folder, backup))).mode & 0o777, 0o600)
  assert.deepEqual(columnsOf(join(folder, 'postern.db')).at(-1), 'colour')
  await refuses(folder, new RegExp(`version ${MIGRATIONS.length + 1}`))

  const restored = await temporaryFolder(t)
  await cp(join(folder, backup), join(restored, 'postern.db'))
  const old = await openStore(restored)
  assert.deepEqual(await idsOf(old), ['a'])
  assert.equal(await old.verifyAuditLog(), undefined)
  await putOne(old, 'b')
  await old.close()
})

test('a migration that fails leaves the old file', async (t) => {
  const folder = await temporaryFolder(t)
  await (await openStore(folder)).close()
  const steps = [
    { description: 'Good.', sql: 'CREATE TABLE good (a ANY) STRICT' },
    { description: 'Bad.', sql: 'CREATE TABLE record (a ANY) STRICT' },
  ]
  assert.throws(() => openAt(folder, [...MIGRATIONS, ...steps]), /already exists/)
  const store = await openStore(folder)
  await putOne(store, 'a')
  await store.close()
  const tables = query(join(folder, 'postern.db'), `SELECT name FROM sqlite_schema`)
  assert.ok(!tables.some(({ name }) => name === 'good'))
})

test('the audit log can only be added to, and an edit shows', async (t) => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'postern.db')
  const store = await openStore(folder)
  for (let i = 0; i < 5; i += 1) await auditOne(store, `call-${i}`)
  await store.close()
  for (const sql of [
    `UPDATE audit SET entry = '{}' WHERE sequence = 2`,
    'DELETE FROM audit WHERE sequence = 5',
    `INSERT OR REPLACE INTO audit VALUES (3, 't', '{}', 'h')`,
    `INSERT INTO audit VALUES (9, 't', '{}', 'h')`,
  ]) {
    assert.throws(() => execute(file, sql), /the audit log/, sql)
  }
  const whole = await readFile(file)
  const free = `DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_is_not_cut;
    DROP TRIGGER audit_in_sequence;`
  const edits: readonly [string, number][] = [
    [`UPDATE audit SET entry = replace(entry, 'call-1', 'call-9') WHERE sequence = 2`, 2],
    [`UPDATE audit SET time = '2020-01-01T00:00:00.000Z' WHERE sequence = 3`, 3],
    [`UPDATE audit SET hash = upper(hash) WHERE sequence = 1`, 1],
    ['DELETE FROM audit WHERE sequence = 3', 3],
    ['DELETE FROM audit WHERE sequence = 1', 1],
    ['DELETE FROM audit WHERE sequence > 3', 4],
    ['DELETE FROM audit', 1],
    [`UPDATE audit SET sequence = 8 WHERE sequence = 5`, 5],
  ]
  for (const [sql, broken] of edits) {
    await writeFile(file, whole)
    execute(file, `${free} ${sql}`)
    const edited = await openStore(folder)
    assert.equal(await edited.verifyAuditLog(), broken, sql)
    await edited.close()
  }
})

test('a long audit log is verified to its end', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openStore(folder)
  await store.write(async (tx) => {
    for (let i = 0; i < 1_500; i += 1) {
      await tx.audit({ ...auditEntry(`call-${i}`) })
    }
  })
  assert.equal(await store.verifyAuditLog(), undefined)
  await store.close()
  execute(
    join(folder, 'postern.db'),
    `DROP TRIGGER audit_is_not_edited;
    UPDATE audit SET entry = '{}' WHERE sequence = 1400`,
  )
  const edited = await openStore(folder)
  assert.equal(await edited.verifyAuditLog(), 1_400)
  await edited.close()
})

function openStore(folder: string): Promise<Store> {
  return openSqliteStore({ folder, clock, durability: 'process' })
}

/** Opens and closes the file as a program with these migrations would. */
function openAt(folder: string, migrations: typeof MIGRATIONS): void {
  openWriter({ ...openingOf(folder), migrations }).close()
}

function openingOf(folder: string): FileOptions {
  const epochMs = clock.epochMs()
  return { folder, durability: 'process', faults: undefined, epochMs, isAfterCrash: false }
}

async function refuses(folder: string, message: RegExp): Promise<StoreUnusable> {
  try {
    await (await openStore(folder)).close()
  } catch (error) {
    assert.ok(error instanceof StoreUnusable, String(error))
    assert.match(error.message, message)
    assert.ok(error.mend.endsWith('.'), error.mend)
    return error
  }
  return assert.fail(`${folder} was opened; expected ${message}`)
}

async function putOne(store: Store, id: string): Promise<void> {
  const key: RecordKey = { kind: 'api', parent: '', id }
  await store.write((tx) => tx.in(SCOPE).put(key, { id, text: 'x'.repeat(200) }))
}

async function idsOf(store: Store): Promise<string[]> {
  const { records } = await store.read((reader) => reader.in(SCOPE).list('api', ''))
  return records.map(({ id }) => id)
}

async function auditOne(store: Store, action: string): Promise<void> {
  await store.write((tx) => tx.audit(auditEntry(action)))
}

function auditEntry(action: string) {
  return { scope: SCOPE, who: 'me', sourceIp: '', requestId: '', action, changes: [] }
}

function execute(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

function query(file: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file)
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

function columnsOf(file: string): unknown[] {
  return query(file, 'PRAGMA table_info(record)').map(({ name }) => name)
}

function contentOf(file: string): string {
  return statSync(file).isFile() ? readFileSync(file, 'latin1') : ''
}

function moduleOf(name: string): string {
  return new URL(`./${name}.ts`, import.meta.url).href
}

/** What a process of its own says on both outputs. */
function evaluate(code: string): string {
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  })
  return child.stdout + child.stderr
}
