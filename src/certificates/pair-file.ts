/**
 * A certificate and its key in one file, so that one rename replaces both.
 *
 * Written beside its place, flushed, then put there; a crash leaves the old file or the new one.
 */

import { randomBytes } from 'node:crypto'
import { chmod, link, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import type { KeyPair } from './certificate.ts'

const PAIR =
  /^(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)(-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n)$/

export function joinPair(pair: KeyPair): string {
  return pair.certificate + pair.privateKey
}

/** Undefined for anything but one certificate followed by one key. */
export function splitPair(text: string): KeyPair | undefined {
  const parts = PAIR.exec(text)
  return parts === null ? undefined : { certificate: parts[1]!, privateKey: parts[2]! }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Puts a file into its place, whatever is there. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await rename(await writeBeside(path, text, mode), path)
}

/** Puts a file into its place if there is none yet; otherwise leaves the other one alone. */
export async function createFile(path: string, text: string, mode: number): Promise<void> {
  const beside = await writeBeside(path, text, mode)
  try {
    await link(beside, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await unlink(beside)
  }
}

/** Takes away what others may do with a file. True if they could do anything. */
export async function makePrivate(path: string): Promise<boolean> {
  const { mode } = await stat(path)
  const open = (mode & 0o077) !== 0
  if (open) await chmod(path, 0o600)
  return open
}

async function writeBeside(path: string, text: string, mode: number): Promise<string> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(beside, 'wx', mode)
  try {
    await file.writeFile(text, 'latin1')
    await file.sync()
  } finally {
    await file.close()
  }
  return beside
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
