/**
 * Access keys of users. The secret is shown once, when the key is made, and sealed at rest.
 *
 * Keys of the account itself (root) are made with `postern keys`; see `identity/access-keys.ts`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
 */

import { randomBytes } from 'node:crypto'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import { sealKeySecret } from '../../identity/access-key-secrets.ts'
import { newAccessKeyId, newSecretAccessKey } from '../../identity/key-material.ts'
import { type ReadContext, read, write } from '../service.ts'
import { entityKey, identityOf } from './entities.ts'
import { limitExceeded, noSuch } from './errors.ts'
import { IAM_KEY, IAM_USER, type KeyRecord } from './records.ts'
import { ownUserName } from './user.ts'

interface UserRequest {
  readonly UserName?: string
}

interface KeyRequest extends UserRequest {
  readonly AccessKeyId: string
}

interface UpdateKeyRequest extends KeyRequest {
  readonly Status: 'Active' | 'Inactive' | 'Expired'
}

export function accessKeyOperations(openSealer: OpenSealer) {
  return { ...KEPT, CreateAccessKey: creation(openSealer) }
}

function creation(openSealer: OpenSealer) {
  return write<UserRequest, object>(async ({ UserName }, context) => {
    const user = await identityOf(context, IAM_USER, UserName ?? ownUserName(context))
    const most = context.settings.limits.iamAccessKeysPerUser
    if ((await keysOf(context, user.Name)).length >= most) {
      throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${most}`)
    }
    const AccessKeyId = newAccessKeyId(randomBytes)
    const SecretAccessKey = newSecretAccessKey(randomBytes)
    const key: KeyRecord = {
      UserName: user.Name,
      UserId: user.Id,
      AccessKeyId,
      sealedSecret: sealKeySecret(await openSealer(), AccessKeyId, SecretAccessKey),
      Status: 'Active',
      CreateDate: context.now.toISOString(),
    }
    await context.records.put(keyOf(key), key)
    const { UserId: _, sealedSecret: _sealed, ...view } = key
    return { AccessKey: { ...view, SecretAccessKey } }
  })
}

const KEPT = {
  ListAccessKeys: read<UserRequest, object>(async ({ UserName }, context) => {
    const user = await identityOf(context, IAM_USER, UserName ?? ownUserName(context))
    const keys = await keysOf(context, user.Name)
    const AccessKeyMetadata = keys.map(({ sealedSecret: _, UserId: _id, ...view }) => view)
    return { AccessKeyMetadata, IsTruncated: false }
  }),

  UpdateAccessKey: write<UpdateKeyRequest, object>(async ({ Status, ...request }, context) => {
    const key = await foundKey(request, context)
    // What is no longer good can be set in two ways; both let nothing pass.
    const changed = { ...key, Status: Status === 'Active' ? Status : 'Inactive' }
    await context.records.put(keyOf(key), changed)
    return {}
  }),

  DeleteAccessKey: write<KeyRequest, object>(async (request, context) => {
    await context.records.delete(keyOf(await foundKey(request, context)))
    return {}
  }),
}

async function keysOf({ records }: ReadContext, userName: string): Promise<KeyRecord[]> {
  const { id } = entityKey(IAM_USER, userName)
  return (await records.list<KeyRecord>(IAM_KEY, id)).records.map(({ body }) => body)
}

async function foundKey(request: KeyRequest, context: ReadContext): Promise<KeyRecord> {
  const { AccessKeyId, UserName } = request
  const user = await identityOf(context, IAM_USER, UserName ?? ownUserName(context))
  const key = (await keysOf(context, user.Name)).find((each) => each.AccessKeyId === AccessKeyId)
  if (key !== undefined) return key
  throw noSuch(`The Access Key with id ${AccessKeyId} cannot be found.`)
}

function keyOf({ UserName, AccessKeyId }: KeyRecord) {
  return { kind: IAM_KEY, parent: entityKey(IAM_USER, UserName).id, id: AccessKeyId }
}
