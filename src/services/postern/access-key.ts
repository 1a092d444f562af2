/**
 * Access keys, as operations: create, list, delete. What a key is stands in `identity/access-keys.ts`.
 *
 * Keys belong to the installation: a key that may write can make one for any account. A read-only key may not even see
 * which keys there are.
 */

import { randomBytes } from 'node:crypto'
import { ServiceError } from '../../aws/service-error.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { AccessKeyView as AccessKey } from '../../identity/access-key-record.ts'
import { createAccessKey, listAccessKeys, removeAccessKey } from '../../identity/access-keys.ts'
import { type Caller, read, write } from '../service.ts'

/** An access key as it may be shown. */
export interface AccessKeyView {
  readonly AccessKeyId: string
  readonly AccountId: string
  readonly ReadOnly: boolean
  readonly Description: string
  readonly CreatedAt: string
}

export interface CreateAccessKeyRequest {
  /** Default: the caller's. */
  readonly AccountId?: string
  readonly ReadOnly?: boolean
  readonly Description?: string
}

/** The only answer that ever holds the secret. */
export interface CreateAccessKeyResponse extends AccessKeyView {
  readonly SecretAccessKey: string
}

export interface ListAccessKeysResponse {
  readonly AccessKeys: readonly AccessKeyView[]
}

export interface DeleteAccessKeyRequest {
  readonly AccessKeyId: string
}

export function accessKeyOperations(openSealer: OpenSealer) {
  return { ...KEPT, CreateAccessKey: creation(openSealer) }
}

function creation(openSealer: OpenSealer) {
  return write<CreateAccessKeyRequest, CreateAccessKeyResponse>(
    async (request, { installation, caller, now }) => {
      const { AccountId = caller.accountId, ReadOnly = false, Description = '' } = request
      const wanted = { accountId: AccountId, readOnly: ReadOnly, description: Description }
      const source = { sealer: await openSealer(), randomBytes, now }
      const key = await createAccessKey(installation, wanted, source)
      return { ...viewOf(key), SecretAccessKey: key.secretAccessKey }
    },
  )
}

const KEPT = {
  ListAccessKeys: read<object, ListAccessKeysResponse>(
    async (_request, { installation, caller }) => {
      requireFullKey(caller, 'ListAccessKeys')
      return { AccessKeys: (await listAccessKeys(installation)).map(viewOf) }
    },
  ),

  DeleteAccessKey: write<DeleteAccessKeyRequest, object>(
    async ({ AccessKeyId }, { installation }) => {
      await removeAccessKey(installation, AccessKeyId)
      return {}
    },
  ),
}

/** For what reads and yet is not for everybody who may read. */
export function requireFullKey(caller: Caller, operation: string): void {
  if (!caller.readOnly) return
  throw new ServiceError(
    'AccessDeniedException',
    `The access key ${caller.accessKeyId} is read-only: it is not authorized to perform postern:${operation}.`,
  )
}

function viewOf(key: AccessKey): AccessKeyView {
  const { accessKeyId, accountId, readOnly, description, createdAt } = key
  return {
    AccessKeyId: accessKeyId,
    AccountId: accountId,
    ReadOnly: readOnly,
    Description: description,
    CreatedAt: createdAt,
  }
}
