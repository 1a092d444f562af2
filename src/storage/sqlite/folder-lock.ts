/**
 * One Postern for each folder: a lock of the operating system that ends with the process, however that ends.
 *
 * The lock is SQLite's own, an exclusive transaction on a file that holds nothing. The number of the process stands in a
 * file beside it, for the one who comes second; where that file is left over, the last process has not come to its end.
 * Never open the locked file in another way: closing it would free the lock (fcntl(2), close).
 */

import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnusable } from '../store-unusable.ts'
import { toTrouble } from './trouble.ts'

export interface FolderLock {
  /** The process that had the folder before was killed, or its machine. */
  readonly isAfterCrash: boolean
  /** `failed`: the folder could not be used. That does not excuse the next start from looking closely. */
  release(end: 'closed' | 'failed'): void
}

export function lockFolder(folder: string): FolderLock {
  const lockFile = join(folder, 'postern.lock')
  const pidFile = join(folder, 'postern.pid')
  const lock = acquire(lockFile, pidFile)
  try {
    const isAfterCrash = existsSync(pidFile)
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 })
    return {
      isAfterCrash,
      release: (end) => {
        if (end === 'closed' || !isAfterCrash) rmSync(pidFile, { force: true })
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw toTrouble(error, pidFile)
  }
}

function acquire(lockFile: string, pidFile: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(lockFile, { timeout: 0 })
    chmodSync(lockFile, 0o600)
    // Nothing is ever written, so nothing has to be undone after a crash.
    lock.exec('PRAGMA journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    throw isBusy(error) ? taken(pidFile) : toTrouble(error, lockFile)
  }
}

function taken(pidFile: string): StoreUnusable {
  const pid = readIfThere(pidFile).trim()
  const who = /^\d+$/.test(pid) ? `Process ${pid}` : 'Another process'
  return new StoreUnusable(
    `${who} already works on the folder ${dirname(pidFile)}.`,
    'End that process, or give this one a folder of its own with --data.',
  )
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5
  return error instanceof Error && (error as { errcode?: number }).errcode === SQLITE_BUSY
}
