/**
 * The file `postern.db` under the data folder: made, checked, brought up to date, opened.
 *
 * Only its owner can read it, for it holds keys. A write is on the disk when it is committed (`synchronous=FULL` under
 * WAL: one fsync each). https://www.sqlite.org/wal.html
 */

import { chmodSync, closeSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnusable } from '../store-unusable.ts'
import { Connection, type Faults } from './connection.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS, type Migration } from './schema.ts'
import { damaged } from './trouble.ts'

/** What a committed write survives: the end of the machine, or only that of the process (for tests: no fsync). */
export type Durability = 'machine' | 'process'

export interface FileOptions {
  readonly folder: string
  readonly durability: Durability
  readonly faults: Faults | undefined
  readonly epochMs: number
  /** The process before has not come to its end: read the whole file, and every index against its table. */
  readonly isAfterCrash: boolean
  readonly migrations?: readonly Migration[]
}

/** Our own programs hold a lock for no longer than a commit; only somebody else's can make us wait. */
const BUSY_TIMEOUT_MS = 2_000
/** What stays of a write-ahead log that a burst has made longer. */
const JOURNAL_BYTES_MAX = 16 * 1024 * 1024

export function storeFile(folder: string): string {
  return join(folder, 'postern.db')
}

export function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) chmodSync(folder, 0o700)
}

/** The one connection that writes. */
export function openWriter(options: FileOptions): Connection {
  const file = storeFile(options.folder)
  makeFile(file)
  const connection = new Connection(
    new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS }),
    options.faults,
  )
  try {
    checkIntegrity(connection, { file, isThorough: options.isAfterCrash })
    connection.execute(`PRAGMA synchronous = ${options.durability === 'machine' ? 'FULL' : 'OFF'}`)
    connection.execute(`PRAGMA journal_size_limit = ${JOURNAL_BYTES_MAX}`)
    // What is overwritten or deleted may have been a secret.
    connection.execute('PRAGMA secure_delete = ON')
    // A file of somebody else is refused before anything of it is changed.
    const { migrations = MIGRATIONS, epochMs } = options
    migrate(connection, { file, migrations, epochMs })
    connection.execute('PRAGMA journal_mode = WAL')
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

export function openReader(folder: string): Connection {
  const file = storeFile(folder)
  return new Connection(new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }))
}

/** Never by opening it: closing it again would free the locks that SQLite has on it in this process. */
function makeFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined) closeSync(openSync(file, 'wx', 0o600))
  else refuseOther(file, stats)
  chmodSync(file, 0o600)
}

function refuseOther(file: string, stats: Stats): void {
  if (stats.isFile()) return
  const what = stats.isDirectory() ? 'a folder' : 'not a file'
  throw new StoreUnusable(
    `${file} is ${what}.`,
    'Move it away, or name another folder with --data.',
  )
}

function checkIntegrity(
  connection: Connection,
  { file, isThorough }: { file: string; isThorough: boolean },
): void {
  const check = isThorough ? 'integrity_check' : 'quick_check'
  const row = connection.get<Record<string, string>>(`PRAGMA ${check}(1)`)
  const finding = row?.[check]
  if (finding !== 'ok') throw damaged(file, finding?.replaceAll('\n', ' ') ?? 'it cannot be read')
}
