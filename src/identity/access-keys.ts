/**
 * Access keys: who may call the management API. Records of the installation, of kind `access-key`.
 *
 * A key belongs to an account and sees the resources of that account only. Its secret is handed out once, when it is
 * made, and otherwise only to what checks signatures and to whoever can read the data folder and the key of the
 * installation anyway; everybody else gets a view without it. At rest it is sealed. There is always one key that may write, so that nobody locks himself out.
 */

import { ServiceError } from '../aws/service-error.ts'
import { assert } from '../base/assert.ts'
import { INSTALLATION, type Records, type WritableRecords } from '../storage/store.ts'
import {
  ACCESS_KEY,
  type AccessKey,
  type AccessKeyRecord,
  type AccessKeyView,
  sealedKey,
} from './access-key-record.ts'
import type { Sealer } from './installation-key.ts'
import { newAccessKeyId, newSecretAccessKey } from './key-material.ts'

interface NewAccessKey {
  readonly accountId: string
  readonly readOnly?: boolean
  readonly description?: string
}

/** What a new key is made of besides the request. */
export interface KeySource {
  readonly sealer: Sealer
  /** Unpredictable bytes: `randomBytes` of node:crypto. */
  readonly randomBytes: (size: number) => Uint8Array
  readonly now: Date
}

const DESCRIPTION_MAX = 256
const KEYS_MAX = 1_000

export async function createAccessKey(
  records: WritableRecords,
  request: NewAccessKey,
  source: KeySource,
): Promise<AccessKey> {
  const { accountId, readOnly = false, description = '' } = request
  if (!/^\d{12}$/.test(accountId)) {
    throw new ServiceError('BadRequestException', 'An account id has twelve digits.')
  }
  if (description.length > DESCRIPTION_MAX) {
    const message = `The description of an access key has at most ${DESCRIPTION_MAX} characters.`
    throw new ServiceError('BadRequestException', message)
  }
  if ((await allKeys(records)).length >= KEYS_MAX) {
    const message = `There are ${KEYS_MAX} access keys already. Delete what is not used any more.`
    throw new ServiceError('LimitExceededException', message)
  }
  const key: AccessKey = {
    accessKeyId: newAccessKeyId(source.randomBytes),
    secretAccessKey: newSecretAccessKey(source.randomBytes),
    accountId,
    readOnly,
    description,
    createdAt: source.now.toISOString(),
  }
  await records.put(recordKey(key.accessKeyId), sealedKey(source.sealer, key))
  return key
}

/** In the order in which they were made. */
export async function listAccessKeys(records: Records): Promise<AccessKeyView[]> {
  return (await allKeys(records)).map(withoutSecret)
}

/** Throws NotFoundException, or ConflictException for the last key that may write. */
export async function removeAccessKey(
  records: WritableRecords,
  accessKeyId: string,
): Promise<void> {
  const writing = (await allKeys(records)).filter(({ readOnly }) => !readOnly)
  if (writing.length === 1 && writing[0]!.accessKeyId === accessKeyId) {
    const message = `${accessKeyId} is the last access key that may write. Create another one first.`
    throw new ServiceError('ConflictException', message)
  }
  if (await records.delete(recordKey(accessKeyId))) return
  throw new ServiceError('NotFoundException', `There is no access key ${accessKeyId}.`)
}

/** Makes a key when there is none that may write, and returns it. Undefined: there is one. */
export async function ensureFirstKey(
  records: WritableRecords,
  request: Omit<NewAccessKey, 'readOnly'>,
  source: KeySource,
): Promise<AccessKey | undefined> {
  const keys = await allKeys(records)
  if (keys.some(({ readOnly }) => !readOnly)) return undefined
  return createAccessKey(records, { ...request, readOnly: false }, source)
}

/**
 * The key that a local program uses: the oldest that may write. Only for what runs as the user who owns
 * the data folder. Undefined: there is none.
 */
export async function localAccessKey(records: Records): Promise<AccessKeyRecord | undefined> {
  return (await allKeys(records)).find(({ readOnly }) => !readOnly)
}

function withoutSecret(key: AccessKeyRecord): AccessKeyView {
  const { accessKeyId, accountId, readOnly, description, createdAt } = key
  return { accessKeyId, accountId, readOnly, description, createdAt }
}

async function allKeys(records: Records): Promise<AccessKeyRecord[]> {
  checkScope(records)
  const page = await records.list<AccessKeyRecord>(ACCESS_KEY, '')
  return page.records.map(({ body }) => body)
}

function checkScope({ scope }: Records): void {
  const isInstallation =
    scope.accountId === INSTALLATION.accountId && scope.region === INSTALLATION.region
  assert(isInstallation, 'access keys belong to the installation')
}

function recordKey(accessKeyId: string) {
  return { kind: ACCESS_KEY, parent: '', id: accessKeyId }
}
