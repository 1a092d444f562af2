/** What a call of IAM is about, as an ARN, for the policies of whoever makes it. */

import type { Signer } from '../../aws/iam-identity/signer.ts'
import type { Records } from '../../storage/store.ts'
import { entityKey, type IdentityKind } from './entities.ts'
import { IAM_GROUP, IAM_ROLE, IAM_USER, type IdentityRecord } from './records.ts'

/** `*` where it is about nothing that has a name. */
export async function iamResource(
  input: Readonly<Record<string, unknown>>,
  records: Records,
  signer: Signer,
): Promise<string> {
  const { PolicyArn, GroupName, UserName, RoleName, PolicyName, Path = '/' } = input
  const { accountId } = records.scope
  const account = `arn:aws:iam::${accountId}`
  // Before the user: who is put into a group is changed by way of the group.
  if (typeof GroupName === 'string') {
    return (await knownArn(records, IAM_GROUP, GroupName)) ?? `${account}:group${Path}${GroupName}`
  }
  if (typeof UserName === 'string') {
    return (await knownArn(records, IAM_USER, UserName)) ?? `${account}:user${Path}${UserName}`
  }
  if (typeof RoleName === 'string') {
    return (await knownArn(records, IAM_ROLE, RoleName)) ?? `${account}:role${Path}${RoleName}`
  }
  if (typeof PolicyArn === 'string') return PolicyArn
  if (typeof PolicyName === 'string') return `${account}:policy${Path}${PolicyName}`
  // Calls about a user that name none are about the caller.
  return signer.kind === 'user' && !('MaxItems' in input) ? signer.arn : '*'
}

async function knownArn(
  records: Records,
  kind: IdentityKind,
  name: string,
): Promise<string | undefined> {
  const key = entityKey(kind, name)
  return (await records.get<IdentityRecord>(key))?.body.Arn
}
