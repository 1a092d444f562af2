/**
 * Finding, making and listing what IAM names: users, roles, groups, policies. Errors are IAM's.
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext, WriteContext } from '../service.ts'
import { limitExceeded, noSuch } from './errors.ts'
import {
  IAM_GROUP,
  IAM_POLICY,
  IAM_ROLE,
  IAM_USER,
  type IdentityRecord,
  type PolicyRecord,
} from './records.ts'

export type IdentityKind = typeof IAM_USER | typeof IAM_ROLE | typeof IAM_GROUP
export type EntityKind = IdentityKind | typeof IAM_POLICY

const NOUNS: Readonly<Record<EntityKind, string>> = {
  [IAM_USER]: 'user',
  [IAM_ROLE]: 'role',
  [IAM_GROUP]: 'group',
  [IAM_POLICY]: 'policy',
}

export function entityKey(kind: EntityKind, name: string) {
  return { kind, parent: '', id: name.toLowerCase() }
}

/** Throws NoSuchEntity. */
export async function identityOf<T extends IdentityRecord>(
  { records }: Pick<ReadContext, 'records'>,
  kind: IdentityKind,
  name: string,
): Promise<T> {
  const found = await records.get<T>(entityKey(kind, name))
  if (found?.body.Name === name) return found.body
  throw noSuch(`The ${NOUNS[kind]} with name ${name} cannot be found.`)
}

/** By ARN. Throws NoSuchEntity. */
export async function policyOf(context: ReadContext, arn: string): Promise<PolicyRecord> {
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  const found = await context.records.get<PolicyRecord>(entityKey(IAM_POLICY, name))
  if (found?.body.Arn === arn) return found.body
  throw noSuch(`Policy ${arn} was not found.`)
}

/** Throws EntityAlreadyExists, LimitExceeded. */
export async function refuseTaken(
  { records }: WriteContext,
  kind: EntityKind,
  { name, most }: { readonly name: string; readonly most: number },
): Promise<void> {
  const noun = NOUNS[kind]
  if ((await records.get(entityKey(kind, name))) !== undefined) {
    const capital = noun.charAt(0).toUpperCase() + noun.slice(1)
    throw new ServiceError(
      'EntityAlreadyExistsException',
      `${capital} with name ${name} already exists.`,
    )
  }
  if ((await records.list(kind, '')).records.length >= most) {
    throw limitExceeded(`Cannot exceed quota for ${noun} entities: ${most}`)
  }
}

/** `AIDA` and seventeen letters and digits. */
export function uniqueId({ newId }: WriteContext, prefix: string): string {
  return prefix + newId(17).toUpperCase()
}

export function arnOf({ scope }: ReadContext, type: string, path: string, name: string): string {
  return `arn:aws:iam::${scope.accountId}:${type}${path}${name}`
}
