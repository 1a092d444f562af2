/**
 * What the data folder tells another process of the same user: where the running Postern listens, and a key for it.
 *
 * `control.json` is written by the server when its control port is open; the keys stand in the store, which is opened for
 * reading only, without the lock of the server, and are opened with the key of the installation. Nothing here makes or changes a file.
 */

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../base/message-of.ts'
import { type AccessKey, openedKey } from '../identity/access-key-record.ts'
import { localAccessKey } from '../identity/access-keys.ts'
import { codeOf, Failure, failure } from '../server/failure.ts'
import { installationSecret } from '../server/installation-secret.ts'
import type { Settings } from '../server/settings/settings.ts'
import { INSTALLATION } from '../storage/store.ts'
import { StoreUnusable } from '../storage/store-unusable.ts'
import type { Terminal } from './command.ts'

/** The control port of a Postern that runs, or that ran and was killed. */
export interface ControlFile {
  readonly url: string
  readonly pid: number
  /** That its own definitions belong to. */
  readonly region: string | undefined
}

const CONTROL_FILE = 'control.json'

/** Throws a failure when no Postern has this folder open. */
export async function readControlFile(folder: string): Promise<ControlFile> {
  const file = path.join(folder, CONTROL_FILE)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (thrown) {
    throw codeOf(thrown) === 'ENOENT' ? notRunning(folder) : unreadable(folder, thrown)
  }
  const control = parseControlFile(text)
  if (control !== undefined) return control
  throw failure(
    `${file} does not say where the control port is`,
    'Start Postern again: it writes this file anew.',
  )
}

export function notRunning(folder: string): Failure {
  return failure(
    `No Postern is running with the data folder ${folder}`,
    'Start one with postern up, name its folder with --data DIR, or its control port with --endpoint URL.',
  )
}

function parseControlFile(text: string): ControlFile | undefined {
  try {
    const { url, pid, region } = JSON.parse(text) as Partial<Record<string, unknown>>
    if (typeof url !== 'string' || !URL.canParse(url) || typeof pid !== 'number') return undefined
    return { url: fromHere(url), pid, region: typeof region === 'string' ? region : undefined }
  } catch {
    return undefined
  }
}

/** A port that listens on every address of the machine is asked on loopback: not every system connects to 0.0.0.0. */
function fromHere(url: string): string {
  const { hostname } = new URL(url)
  if (hostname === '0.0.0.0') return url.replace(hostname, '127.0.0.1')
  return hostname === '[::]' ? url.replace(hostname, '[::1]') : url
}

/** The oldest key that may write; undefined when there is none. */
export async function readLocalKey(
  settings: Pick<Settings, 'data' | 'installationKeyFile'>,
  environment: Terminal['environment'],
): Promise<AccessKey | undefined> {
  const { data: folder } = settings
  const { openSqliteReader } = await import('../storage/sqlite/sqlite-reader.ts')
  try {
    const store = await openSqliteReader(folder)
    try {
      const key = await store.read((reader) => localAccessKey(reader.in(INSTALLATION)))
      const openSealer = installationSecret({ settings, environment, store })
      return key && openedKey(await openSealer(), key)
    } finally {
      await store.close()
    }
  } catch (thrown) {
    if (thrown instanceof StoreUnusable) throw failure(thrown.message, thrown.mend)
    throw thrown instanceof Failure ? thrown : unreadable(folder, thrown)
  }
}

function unreadable(folder: string, thrown: unknown): Failure {
  return failure(
    `The data folder ${folder} cannot be read: ${messageOf(thrown)}`,
    'Run this as the user that runs Postern, or set AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  )
}
