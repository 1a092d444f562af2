/**
 * Reads the store of a folder from another process, whether a server works on it or not: no lock, nothing made.
 *
 * While a server runs, or after one that was killed, SQLite reads the file together with its log. Without a log the
 * file is all there is, and it is read as one that does not change: SQLite would make a log otherwise.
 */

import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Cursors } from '../cursor.ts'
import type { Reader } from '../store.ts'
import { StoreUnusable } from '../store-unusable.ts'
import { Connection } from './connection.ts'
import { versionOf } from './migrate.ts'
import { MIGRATIONS } from './schema.ts'
import { openReader, storeFile } from './store-file.ts'
import { toTrouble } from './trouble.ts'
import { readMeta, readView } from './view.ts'

export interface SqliteReader {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Throws StoreUnusable when there is no store in the folder, or none that this program can read. */
export async function openSqliteReader(folder: string): Promise<SqliteReader> {
  const file = storeFile(folder)
  if (!existsSync(file)) throw nothingThere(folder)
  try {
    const connection = open(folder)
    return {
      read: async (work) => {
        connection.execute('BEGIN')
        try {
          const cursors = new Cursors(readMeta(connection, 'cursor-key'))
          return await readView({ connection, cursors, work })
        } finally {
          connection.execute('ROLLBACK')
        }
      },
      close: async () => connection.close(),
    }
  } catch (error) {
    throw toTrouble(error, file)
  }
}

function open(folder: string): Connection {
  const file = storeFile(folder)
  const connection = existsSync(`${file}-wal`) ? openReader(folder) : openUnchanging(file)
  try {
    const version = versionOf(connection, { file, migrations: MIGRATIONS })
    if (version === 0) throw nothingThere(folder)
    if (version < MIGRATIONS.length) throw olderFile(file, version)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function openUnchanging(file: string): Connection {
  const address = pathToFileURL(file)
  address.searchParams.set('immutable', '1')
  return new Connection(new DatabaseSync(address, { readOnly: true }))
}

function nothingThere(folder: string): StoreUnusable {
  return new StoreUnusable(
    `There is no store of Postern in ${folder}.`,
    'Start Postern on this folder first (postern up), or name the folder of one with --data.',
  )
}

function olderFile(file: string, version: number): StoreUnusable {
  return new StoreUnusable(
    `${file} has version ${version}; this Postern reads version ${MIGRATIONS.length}.`,
    'Start this Postern on the folder once: it brings the file up to date.',
  )
}
