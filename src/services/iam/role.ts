/**
 * Roles. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
 */

import { type ReadContext, read, write } from '../service.ts'
import { boundaryFor, boundaryView } from './boundary.ts'
import { arnOf, entityKey, identityOf, refuseTaken, uniqueId } from './entities.ts'
import { refuseTied, taggedWith } from './identity-rules.ts'
import { type PageRequest, pageOf } from './pages.ts'
import { checkPolicyText, encodedPolicy } from './policy-text.ts'
import { IAM_ROLE, type RoleRecord, type Tag } from './records.ts'

interface CreateRoleRequest {
  readonly RoleName: string
  readonly AssumeRolePolicyDocument: string
  readonly Path?: string
  readonly Description?: string
  readonly MaxSessionDuration?: number
  readonly Tags?: readonly Tag[]
  readonly PermissionsBoundary?: string
}

interface RoleRequest {
  readonly RoleName: string
}

interface UpdateRoleRequest extends RoleRequest {
  readonly Description?: string
  readonly MaxSessionDuration?: number
}

interface UpdateTrustRequest extends RoleRequest {
  readonly PolicyDocument: string
}

const SESSION_SECONDS = 3_600

export const roleOperations = {
  CreateRole: write<CreateRoleRequest, object>(async (request, context) => {
    const { RoleName, Path = '/', Description, AssumeRolePolicyDocument, Tags = [] } = request
    const { MaxSessionDuration = SESSION_SECONDS, PermissionsBoundary } = request
    checkTrust(context, AssumeRolePolicyDocument)
    const { iamRolesPerAccount: most } = context.settings.limits
    await refuseTaken(context, IAM_ROLE, { name: RoleName, most })
    const role: RoleRecord = {
      Name: RoleName,
      Id: uniqueId(context, 'AROA'),
      Arn: arnOf(context, 'role', Path, RoleName),
      Path,
      CreateDate: context.now.toISOString(),
      Tags: taggedWith(context, [], Tags),
      inline: {},
      attached: [],
      ...(await boundaryFor(context, PermissionsBoundary)),
      AssumeRolePolicyDocument,
      ...(Description === undefined ? {} : { Description }),
      MaxSessionDuration,
    }
    await context.records.put(entityKey(IAM_ROLE, RoleName), role)
    return { Role: viewOf(role) }
  }),

  GetRole: read<RoleRequest, object>(async ({ RoleName }, context) => {
    return { Role: viewOf(await identityOf<RoleRecord>(context, IAM_ROLE, RoleName)) }
  }),

  ListRoles: read<PageRequest, object>(async (request, context) => {
    const { items, rest } = await pageOf<RoleRecord>(context, IAM_ROLE, request)
    return { Roles: items.map(viewOf), ...rest }
  }),

  UpdateRole: write<UpdateRoleRequest, object>(async (request, context) => {
    const { RoleName, Description, MaxSessionDuration } = request
    const role = await identityOf<RoleRecord>(context, IAM_ROLE, RoleName)
    await context.records.put(entityKey(IAM_ROLE, RoleName), {
      ...role,
      ...(Description === undefined ? {} : { Description }),
      ...(MaxSessionDuration === undefined ? {} : { MaxSessionDuration }),
    })
    return {}
  }),

  UpdateAssumeRolePolicy: write<UpdateTrustRequest, object>(async (request, context) => {
    const { RoleName, PolicyDocument: AssumeRolePolicyDocument } = request
    const role = await identityOf<RoleRecord>(context, IAM_ROLE, RoleName)
    checkTrust(context, AssumeRolePolicyDocument)
    const changed = { ...role, AssumeRolePolicyDocument }
    await context.records.put(entityKey(IAM_ROLE, RoleName), changed)
    return {}
  }),

  DeleteRole: write<RoleRequest, object>(async ({ RoleName }, context) => {
    refuseTied(await identityOf(context, IAM_ROLE, RoleName))
    await context.records.delete(entityKey(IAM_ROLE, RoleName))
    return {}
  }),
}

function checkTrust({ settings }: ReadContext, text: string): void {
  checkPolicyText(text, 'trust', settings.limits.iamTrustPolicyCharacters)
}

function viewOf(role: RoleRecord): object {
  const { Name, Id, Arn, Path, CreateDate, Tags, Description, MaxSessionDuration } = role
  return {
    RoleName: Name,
    RoleId: Id,
    Arn,
    Path,
    CreateDate,
    AssumeRolePolicyDocument: encodedPolicy(role.AssumeRolePolicyDocument),
    Description,
    MaxSessionDuration,
    ...boundaryView(role),
    ...(Tags.length === 0 ? {} : { Tags }),
  }
}
