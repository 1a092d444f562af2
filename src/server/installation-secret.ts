/**
 * Where the key of the installation comes from: the environment, a file that the operator names, or one beside the store.
 *
 * The one beside the store is made with the first thing that is sealed, and never again: while the store holds something
 * sealed, a key that is missing is a Failure, because a new one would open nothing. So is one that the store was not
 * sealed with: it is tried on the session key, which every store has since its first start.
 */

import { messageOf } from '../base/message-of.ts'
import {
  openInstallationKey,
  readInstallationKey,
  type Sealer,
} from '../identity/installation-key.ts'
import { opensSessionKey, SESSION_KEY, type SessionKeyRecord } from '../identity/session-key.ts'
import { isUnsealed } from '../services/iam/seal-stored-keys.ts'
import type { Store } from '../storage/store.ts'
import { failure } from './failure.ts'
import type { Settings } from './settings/settings.ts'

/** 64 hexadecimal digits; no setting, so that no list of processes shows it. */
export const KEY_VARIABLE = 'POSTERN_INSTALLATION_KEY'

/** Kinds of records that hold something sealed. */
const SEALED_KINDS = [
  SESSION_KEY,
  'user-pool',
  'certificate',
  'certificate-authority',
  'vpc-link-authority',
  'client-certificate',
  'acme-account',
] as const

export interface InstallationSecretParts {
  readonly settings: Pick<Settings, 'data' | 'installationKeyFile'>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly store: Pick<Store, 'read'>
}

/** Opens the key once; one that could not be opened is tried again the next time. */
export function installationSecret(parts: InstallationSecretParts): () => Promise<Sealer> {
  let opened: Promise<Sealer> | undefined
  return () => {
    opened ??= open(parts).catch((thrown: unknown) => {
      opened = undefined
      throw failure(
        `The key of this installation cannot be used: ${messageOf(thrown)}`,
        `Put it back, or name it with --installation-key-file FILE or ${KEY_VARIABLE}.`,
      )
    })
    return opened
  }
}

async function open(parts: InstallationSecretParts): Promise<Sealer> {
  const sealer = await read(parts)
  const [record] = await parts.store.read((reader) =>
    reader.everywhere<SessionKeyRecord>(SESSION_KEY),
  )
  if (record === undefined || isUnsealed(record.body) || opensSessionKey(sealer, record.body)) {
    return sealer
  }
  throw new Error('it is not the one that this store was sealed with')
}

async function read({ settings, environment, store }: InstallationSecretParts): Promise<Sealer> {
  const given = environment[KEY_VARIABLE]
  if (given !== undefined && given !== '') return readInstallationKey(given, KEY_VARIABLE)
  const { installationKeyFile: file, data } = settings
  if (file !== undefined) {
    const { readFile } = await import('node:fs/promises')
    return readInstallationKey(await readFile(file, 'latin1'), file)
  }
  return openInstallationKey(data, await holdsNothing(store))
}

/** A certificate that was asked for and has no key yet, or a session key from before it was sealed. */
function holdsNoSecret(kind: string, body: object): boolean {
  if (kind === SESSION_KEY) return isUnsealed(body)
  return 'CertificateArn' in body && !('issued' in body)
}

function holdsNothing(store: Pick<Store, 'read'>): Promise<boolean> {
  return store.read(async (reader) => {
    for (const kind of SEALED_KINDS) {
      const records = await reader.everywhere(kind)
      if (records.some(({ body }) => !holdsNoSecret(kind, body))) return false
    }
    return true
  })
}
