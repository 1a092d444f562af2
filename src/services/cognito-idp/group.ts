/**
 * The group resource, and who is in it. Tokens carry the groups of their user.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
 */

import type {
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupRequest,
  GetGroupRequest,
  GetGroupResponse,
  GroupType,
  ListGroupsRequest,
  ListGroupsResponse,
  UpdateGroupRequest,
  UpdateGroupResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { GroupRecord, UserRecord } from '../../identity/user-pools/records.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { requirePool } from './found.ts'
import { listPage, requireRoom } from './paging.ts'

export const groupOperations = {
  CreateGroup: write<CreateGroupRequest, CreateGroupResponse>(createGroup),
  GetGroup: read<GetGroupRequest, GetGroupResponse>(async (request, context) => ({
    Group: groupShown(request.UserPoolId!, await requireGroup(context, request)),
  })),
  ListGroups: read<ListGroupsRequest, ListGroupsResponse>(listGroups),
  UpdateGroup: write<UpdateGroupRequest, UpdateGroupResponse>(async (request, context) => {
    const { name, createdAt, ...group } = await requireGroup(context, request)
    return put(context, request, { ...group, ...settingsOf(request), name, createdAt })
  }),
  DeleteGroup: write<DeleteGroupRequest, object>(deleteGroup),
}

async function createGroup(
  request: CreateGroupRequest,
  context: WriteContext,
): Promise<CreateGroupResponse> {
  const { Id } = await requirePool(context, request.UserPoolId)
  const others = await context.records.list('user-pool-group', Id)
  if (others.records.some(({ id }) => id === request.GroupName)) {
    throw new ServiceError('GroupExistsException', 'A group with the name already exists.')
  }
  requireRoom(
    others.records.length,
    context.settings.limits.groupsPerUserPool,
    'groups for user pool',
  )
  const createdAt = context.now.toISOString()
  return put(context, request, { ...settingsOf(request), name: request.GroupName!, createdAt })
}

async function listGroups(
  { UserPoolId, Limit: limit, NextToken: token }: ListGroupsRequest,
  context: ReadContext,
): Promise<ListGroupsResponse> {
  const { Id: parent } = await requirePool(context, UserPoolId)
  const place = { kind: 'user-pool-group', parent, limit, token } as const
  const page = await listPage<GroupRecord>(context, place)
  const Groups = page.records.map(({ body }) => groupShown(parent, body))
  return page.next === undefined ? { Groups } : { Groups, NextToken: page.next }
}

/** Its members stay, without it. */
async function deleteGroup(request: DeleteGroupRequest, context: WriteContext): Promise<object> {
  const { name } = await requireGroup(context, request)
  const { records } = context
  const poolId = request.UserPoolId!
  for (const { id } of await records.children(`${poolId}/${name}`)) {
    const key = { kind: 'user-pool-user', parent: poolId, id }
    const found = await records.get<UserRecord>(key)
    if (found === undefined) continue
    const groups = found.body.groups.filter((group) => group !== name)
    await records.put(key, { ...found.body, groups })
  }
  await records.deleteChildren(`${poolId}/${name}`)
  await records.delete({ kind: 'user-pool-group', parent: poolId, id: name })
  return {}
}

function settingsOf({ Description, RoleArn, Precedence }: UpdateGroupRequest) {
  return {
    ...(Description === undefined ? {} : { description: Description }),
    ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
    ...(Precedence === undefined ? {} : { precedence: Precedence }),
  }
}

async function put(
  { records, now }: WriteContext,
  { UserPoolId }: Pick<CreateGroupRequest, 'UserPoolId'>,
  made: Omit<GroupRecord, 'modifiedAt'>,
): Promise<CreateGroupResponse> {
  const group: GroupRecord = { ...made, modifiedAt: now.toISOString() }
  await records.put({ kind: 'user-pool-group', parent: UserPoolId!, id: group.name }, group)
  return { Group: groupShown(UserPoolId!, group) }
}

export async function requireGroup(
  context: ReadContext,
  { UserPoolId, GroupName }: Pick<GetGroupRequest, 'UserPoolId' | 'GroupName'>,
): Promise<GroupRecord> {
  const { Id: parent } = await requirePool(context, UserPoolId)
  const key = { kind: 'user-pool-group', parent, id: GroupName ?? '' }
  const found = await context.records.get<GroupRecord>(key)
  if (found !== undefined) return found.body
  throw new ServiceError('ResourceNotFoundException', 'Group not found.')
}

export function groupShown(UserPoolId: string, group: GroupRecord): GroupType {
  const { name, description, roleArn, precedence, createdAt, modifiedAt } = group
  return {
    ...{ GroupName: name, UserPoolId },
    ...(description === undefined ? {} : { Description: description }),
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
    ...(precedence === undefined ? {} : { Precedence: precedence }),
    ...{ CreationDate: new Date(createdAt), LastModifiedDate: new Date(modifiedAt) },
  }
}
