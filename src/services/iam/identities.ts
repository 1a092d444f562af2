/**
 * From the records of IAM to the document that keys and policies are looked up in, by the workers and by the control port.
 *
 * Made anew, as a whole, after every batch of writes that touches one of them.
 */

import { type IamDocument, type IamIdentity, type IamKey, NO_IDENTITIES } from '../../domain/iam.ts'
import { ACCESS_KEY, type AccessKey } from '../../identity/access-keys.ts'
import { SESSION_KEY, type SessionKeyRecord } from '../../identity/session-key.ts'
import type { Change, Reader, StoredRecord } from '../../storage/store.ts'
import {
  IAM_KEY,
  IAM_POLICY,
  IAM_ROLE,
  IAM_USER,
  type IdentityRecord,
  type KeyRecord,
  type PolicyRecord,
} from './records.ts'

const KINDS: readonly string[] = [ACCESS_KEY, SESSION_KEY, IAM_USER, IAM_ROLE, IAM_POLICY, IAM_KEY]

export function touchesIdentities(changes: readonly Change[]): boolean {
  return changes.some(({ key }) => KINDS.includes(key.kind))
}

export async function identitiesOf(reader: Reader): Promise<IamDocument> {
  const policies: Record<string, string> = {}
  for (const { body } of await reader.everywhere<PolicyRecord>(IAM_POLICY)) {
    const { versions, DefaultVersionId, Arn } = body
    const version = versions.find(({ VersionId }) => VersionId === DefaultVersionId)!
    policies[managedPolicy(Arn)] = version.Document
  }
  const identities: IamIdentity[] = []
  for (const kind of ['user', 'role'] as const) {
    const recordKind = kind === 'user' ? IAM_USER : IAM_ROLE
    for (const record of await reader.everywhere<IdentityRecord>(recordKind)) {
      identities.push(identityOf(kind, record, policies))
    }
  }
  const [sessionKey] = await reader.everywhere<SessionKeyRecord>(SESSION_KEY)
  return {
    ...NO_IDENTITIES,
    sessionKey: sessionKey?.body.key ?? '',
    keys: await keysOf(reader),
    identities,
    policies,
  }
}

/** What it is called in the document. */
export function managedPolicy(arn: string): string {
  return `managed policy ${arn}`
}

function identityOf(
  kind: IamIdentity['kind'],
  { scope, body }: StoredRecord<IdentityRecord>,
  policies: Record<string, string>,
): IamIdentity {
  const names = body.attached.map(managedPolicy)
  for (const [name, text] of Object.entries(body.inline)) {
    const inline = `inline policy ${name} of ${body.Arn}`
    policies[inline] = text
    names.push(inline)
  }
  return {
    kind,
    accountId: scope.accountId,
    id: body.Id,
    name: body.Name,
    arn: body.Arn,
    tags: Object.fromEntries(body.Tags.map(({ Key, Value }) => [Key, Value])),
    policies: names,
  }
}

async function keysOf(reader: Reader): Promise<IamKey[]> {
  const own = await reader.everywhere<AccessKey>(ACCESS_KEY)
  const keys = await reader.everywhere<KeyRecord>(IAM_KEY)
  return [
    ...own.map(({ body: { accessKeyId, secretAccessKey, accountId, readOnly } }) => {
      const key = { accessKeyId, secretAccessKey, accountId, readOnly }
      return { ...key, active: true, userId: undefined }
    }),
    ...keys.map(({ scope: { accountId }, body }) => ({
      accessKeyId: body.AccessKeyId,
      secretAccessKey: body.SecretAccessKey,
      accountId,
      active: body.Status === 'Active',
      userId: body.UserId,
      readOnly: false,
    })),
  ]
}
