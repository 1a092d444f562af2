/**
 * Permissions boundaries: a managed policy that says what a user or role may have at most. It gives nothing by itself; what
 * the identity's own policies allow counts as far as the boundary allows it, too.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */

import { type ReadContext, write } from '../service.ts'
import { entityKey, identityOf, policyOf } from './entities.ts'
import { noSuch } from './errors.ts'
import { IAM_ROLE, IAM_USER, type IdentityRecord } from './records.ts'

type Kind = typeof IAM_USER | typeof IAM_ROLE

interface NamedRequest {
  readonly UserName?: string
  readonly RoleName?: string
}

interface PutRequest extends NamedRequest {
  readonly PermissionsBoundary: string
}

export const boundaryOperations = {
  PutUserPermissionsBoundary: put(IAM_USER),
  DeleteUserPermissionsBoundary: remove(IAM_USER),
  PutRolePermissionsBoundary: put(IAM_ROLE),
  DeleteRolePermissionsBoundary: remove(IAM_ROLE),
}

/** Of a user or role that is being made. Throws NoSuchEntity where there is no such policy. */
export async function boundaryFor(
  context: ReadContext,
  arn: string | undefined,
): Promise<Pick<IdentityRecord, 'boundary'>> {
  if (arn === undefined) return {}
  return { boundary: (await policyOf(context, arn)).Arn }
}

export function boundaryView({ boundary }: IdentityRecord): object {
  if (boundary === undefined) return {}
  return {
    PermissionsBoundary: {
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: boundary,
    },
  }
}

function put(kind: Kind) {
  return write<PutRequest, object>(async (request, context) => {
    const identity = await named(context, kind, request)
    const changed = { ...identity, ...(await boundaryFor(context, request.PermissionsBoundary)) }
    await context.records.put(entityKey(kind, identity.Name), changed)
    return {}
  })
}

function remove(kind: Kind) {
  return write<NamedRequest, object>(async (request, context) => {
    const { boundary, ...identity } = await named(context, kind, request)
    if (boundary === undefined) {
      throw noSuch(`${identity.Name} does not have a permissions boundary.`)
    }
    await context.records.put(entityKey(kind, identity.Name), identity)
    return {}
  })
}

function named(context: ReadContext, kind: Kind, request: NamedRequest): Promise<IdentityRecord> {
  return identityOf(context, kind, request.UserName ?? request.RoleName ?? '')
}
