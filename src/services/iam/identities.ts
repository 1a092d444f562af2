/**
 * From the records of IAM to the document that keys and policies are looked up in, by the workers and by the control port.
 *
 * Made anew, as a whole, after every batch of writes that touches one of them.
 */

import type { OpenSealer } from '../../certificates/tls-records.ts'
import { type IamDocument, type IamIdentity, type IamKey, NO_IDENTITIES } from '../../domain/iam.ts'
import { ACCESS_KEY, type AccessKeyRecord } from '../../identity/access-key-record.ts'
import { openKeySecret } from '../../identity/access-key-secrets.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import { openSessionKey, SESSION_KEY, type SessionKeyRecord } from '../../identity/session-key.ts'
import type { Change, Reader, StoredRecord } from '../../storage/store.ts'
import {
  IAM_GROUP,
  IAM_KEY,
  IAM_POLICY,
  IAM_ROLE,
  IAM_USER,
  type IdentityRecord,
  type KeyRecord,
  type PolicyRecord,
  type UserRecord,
} from './records.ts'

const KINDS: readonly string[] = [
  ...[ACCESS_KEY, SESSION_KEY, IAM_USER, IAM_ROLE, IAM_GROUP, IAM_POLICY, IAM_KEY],
]

export function touchesIdentities(changes: readonly Change[]): boolean {
  return changes.some(({ key }) => KINDS.includes(key.kind))
}

export async function identitiesOf(reader: Reader, openSealer: OpenSealer): Promise<IamDocument> {
  const policies: Record<string, string> = {}
  for (const { body } of await reader.everywhere<PolicyRecord>(IAM_POLICY)) {
    const { versions, DefaultVersionId, Arn } = body
    const version = versions.find(({ VersionId }) => VersionId === DefaultVersionId)!
    policies[managedPolicy(Arn)] = version.Document
  }
  const groups = new Map<string, readonly string[]>()
  for (const { body } of await reader.everywhere<IdentityRecord>(IAM_GROUP)) {
    groups.set(body.Id, policiesOf(body, policies))
  }
  const identities: IamIdentity[] = []
  for (const kind of ['user', 'role'] as const) {
    const recordKind = kind === 'user' ? IAM_USER : IAM_ROLE
    for (const record of await reader.everywhere<UserRecord>(recordKind)) {
      const ofGroups = (record.body.groups ?? []).flatMap((id) => groups.get(id) ?? [])
      const own = policiesOf(record.body, policies)
      identities.push(identityOf(kind, record, [...new Set([...own, ...ofGroups])]))
    }
  }
  const [sessionKey] = await reader.everywhere<SessionKeyRecord>(SESSION_KEY)
  const own = await reader.everywhere<AccessKeyRecord>(ACCESS_KEY)
  const ofUsers = await reader.everywhere<KeyRecord>(IAM_KEY)
  const isSealed = sessionKey !== undefined || own.length + ofUsers.length > 0
  // Before the first key nothing is sealed, and a start without it need not wait.
  const sealer = isSealed ? await openSealer() : undefined
  return {
    ...NO_IDENTITIES,
    sessionKey: sessionKey === undefined ? '' : openSessionKey(sealer!, sessionKey.body),
    keys: sealer === undefined ? [] : [...ownKeys(sealer, own), ...userKeys(sealer, ofUsers)],
    identities,
    policies,
  }
}

/** What it is called in the document. */
export function managedPolicy(arn: string): string {
  return `managed policy ${arn}`
}

/** By their names in the document, which gets the texts of those that stand in the identity itself. */
function policiesOf(
  { attached, inline, Arn }: IdentityRecord,
  policies: Record<string, string>,
): string[] {
  const names = attached.map(managedPolicy)
  for (const [name, text] of Object.entries(inline)) {
    const own = `inline policy ${name} of ${Arn}`
    policies[own] = text
    names.push(own)
  }
  return names
}

function identityOf(
  kind: IamIdentity['kind'],
  { scope, body }: StoredRecord<IdentityRecord>,
  policies: readonly string[],
): IamIdentity {
  return {
    kind,
    accountId: scope.accountId,
    id: body.Id,
    name: body.Name,
    arn: body.Arn,
    tags: Object.fromEntries(body.Tags.map(({ Key, Value }) => [Key, Value])),
    policies,
    ...(body.boundary === undefined ? {} : { boundary: managedPolicy(body.boundary) }),
  }
}

function ownKeys(sealer: Sealer, keys: readonly StoredRecord<AccessKeyRecord>[]): IamKey[] {
  return keys.map(({ body: { accessKeyId, sealedSecret, accountId, readOnly } }) => {
    const secretAccessKey = openKeySecret(sealer, accessKeyId, sealedSecret)
    const key = { accessKeyId, secretAccessKey, accountId, readOnly }
    return { ...key, active: true, userId: undefined }
  })
}

function userKeys(sealer: Sealer, keys: readonly StoredRecord<KeyRecord>[]): IamKey[] {
  return keys.map(({ scope: { accountId }, body }) => ({
    accessKeyId: body.AccessKeyId,
    secretAccessKey: openKeySecret(sealer, body.AccessKeyId, body.sealedSecret),
    accountId,
    active: body.Status === 'Active',
    userId: body.UserId,
    readOnly: false,
  }))
}
