/**
 * From any older version of the file to this one: a backup, then all steps in one transaction.
 *
 * Forward only. The version is the number of steps that the file has had (`PRAGMA user_version`); a file of a newer
 * Postern, or of another program, is refused untouched.
 */

import { chmodSync, closeSync, fsyncSync, openSync, renameSync } from 'node:fs'
import { StoreUnusable } from '../store-unusable.ts'
import type { Connection } from './connection.ts'
import { APPLICATION_ID, type Migration } from './schema.ts'

export interface MigrationParts {
  readonly file: string
  readonly migrations: readonly Migration[]
  readonly epochMs: number
}

/** How many steps the file has had; 0: it is new. Throws when it is not ours or newer than this program. */
export function versionOf(
  connection: Connection,
  { file, migrations }: Omit<MigrationParts, 'epochMs'>,
): number {
  const applicationId = pragma(connection, 'application_id')
  const version = pragma(connection, 'user_version')
  if (applicationId !== APPLICATION_ID) {
    const tables = connection.get<{ count: number }>('SELECT count(*) AS count FROM sqlite_schema')
    if (applicationId === 0 && version === 0 && tables?.count === 0) return 0
    throw new StoreUnusable(
      `${file} is a database of another program.`,
      'Name another folder with --data.',
    )
  }
  if (version <= migrations.length) return version
  throw new StoreUnusable(
    `${file} has version ${version}; this Postern knows versions up to ${migrations.length}.`,
    'Start the newer Postern that has written it, or put the backup of before its update in its place.',
  )
}

/** Makes the file what `migrations` say. Returns the backup that was made of a file that had an older version. */
export function migrate(connection: Connection, parts: MigrationParts): string | undefined {
  const version = versionOf(connection, parts)
  if (version === parts.migrations.length) return undefined
  const backup = version === 0 ? undefined : backUp(connection, version, parts)
  connection.execute('BEGIN IMMEDIATE')
  try {
    for (const { sql } of parts.migrations.slice(version)) connection.execute(sql)
    connection.execute(`PRAGMA application_id = ${APPLICATION_ID}`)
    connection.execute(`PRAGMA user_version = ${parts.migrations.length}`)
    connection.execute('COMMIT')
  } catch (error) {
    if (connection.isInTransaction) connection.execute('ROLLBACK')
    throw error
  }
  // What an older version has deleted or overwritten may have been a secret: it leaves the file, and the log, too.
  if (version > 0) connection.execute('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  return backup
}

/** A whole copy in its place, or none: it gets its name when it is on the disk. */
function backUp(connection: Connection, version: number, parts: MigrationParts): string {
  const time = new Date(parts.epochMs).toISOString().replace(/[-:]|\.\d+/g, '')
  const backup = `${parts.file}.v${version}.${time}.bak`
  const unfinished = `${backup}.unfinished`
  // Empty and private before SQLite fills it. What an earlier start has not finished is begun again.
  closeSync(openSync(unfinished, 'w', 0o600))
  chmodSync(unfinished, 0o600)
  connection.execute(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`)
  const written = openSync(unfinished, 'r+')
  fsyncSync(written)
  closeSync(written)
  renameSync(unfinished, backup)
  return backup
}

function pragma(connection: Connection, name: 'application_id' | 'user_version'): number {
  return connection.get<Record<string, number>>(`PRAGMA ${name}`)![name]!
}
