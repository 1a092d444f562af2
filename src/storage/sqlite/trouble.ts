/**
 * What an error of SQLite or of the file system means for the store, with the mend.
 *
 * Result codes: https://www.sqlite.org/rescode.html. Errors that mean nothing to the operator stay as they are.
 */

import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StoreUnusable } from '../store-unusable.ts'

/** The low byte of an extended result code is the primary one. */
const PRIMARY_CODE = 0xff
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

type Telling = (file: string) => readonly [message: string, mend: string]

const CAN_WRITE =
  'Check the owner and the permissions of the folder, or name another one with --data.'

const unwritable: Telling = (file) => [`${file} cannot be written.`, CAN_WRITE]
const full: Telling = (file) => [`The disk with ${file} is full.`, 'Free some space on it.']
const unreachable: Telling = (file) => [`${file} cannot be opened.`, CAN_WRITE]

const BY_RESULT_CODE: Readonly<Record<number, Telling>> = {
  5: (file) => [
    `Another program has locked ${file}.`,
    'End the program that works on the file, such as a database browser.',
  ],
  8: unwritable,
  10: (file) => [
    `The system reports an error of the disk with ${file}.`,
    'Look into the log of the system; if the disk is failing, restore a backup elsewhere.',
  ],
  [SQLITE_CORRUPT]: (file) => [`${file} is damaged.`, howToRestore(file)],
  13: full,
  14: unreachable,
  [SQLITE_NOTADB]: (file) => [
    `${file} is not a store of Postern, or it is damaged from its first byte on.`,
    howToRestore(file),
  ],
}

const BY_SYSTEM_CODE: Readonly<Record<string, Telling>> = {
  EACCES: unwritable,
  EPERM: unwritable,
  EROFS: unwritable,
  ENOSPC: full,
  EDQUOT: full,
  ENOTDIR: (file) => [`${file} lies below a file.`, 'Name a folder with --data.'],
  EEXIST: (file) => [`${file} is a file.`, 'Name a folder with --data.'],
}

/** What opening the store has met. Errors that are not about the file stay as they are. */
export function toTrouble(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const telling = typeof code === 'string' ? BY_SYSTEM_CODE[code] : undefined
  return telling === undefined ? toDiskTrouble(error, file) : unusable(telling(file), error)
}

/** What a statement has met; errors of the file system that come along are somebody else's. */
export function toDiskTrouble(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  const telling = typeof code === 'number' ? BY_RESULT_CODE[code & PRIMARY_CODE] : undefined
  return telling === undefined ? error : unusable(telling(file), error)
}

function unusable([message, mend]: readonly [string, string], cause: unknown): StoreUnusable {
  return new StoreUnusable(message, mend, { cause })
}

export function damaged(file: string, finding: string): StoreUnusable {
  return new StoreUnusable(`${file} is damaged: ${finding}.`, howToRestore(file))
}

/** Names the newest backup that a migration has left, if there is one. */
function howToRestore(file: string): string {
  const folder = dirname(file)
  const newest = backupsOf(file).at(-1)
  const move = `Move ${basename(file)} and the files that begin with ${basename(file)}- away`
  return newest === undefined
    ? `${move}, and put your backup in its place, or nothing to begin anew.`
    : `${move}, and put your backup in its place, or ${join(folder, newest)}, from before an update.`
}

function backupsOf(file: string): string[] {
  try {
    return readdirSync(dirname(file))
      .filter((name) => name.startsWith(`${basename(file)}.v`) && name.endsWith('.bak'))
      .sort((one, other) => (timeOf(one) < timeOf(other) ? -1 : 1))
  } catch {
    return []
  }
}

/** `postern.db.v1.20260102T030405Z.bak` → `20260102T030405Z` */
function timeOf(backup: string): string {
  return backup.split('.').at(-2)!
}
