/**
 * Groups of users: what a group may, its users may. A user is in a group by the group's id, which stays when its name does not.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { arnOf, entityKey, identityOf, refuseTaken, uniqueId } from './entities.ts'
import { limitExceeded } from './errors.ts'
import { refuseTied } from './identity-rules.ts'
import { type PageRequest, pageOf } from './pages.ts'
import { IAM_GROUP, IAM_USER, type IdentityRecord, type UserRecord } from './records.ts'
import { userView } from './user.ts'

interface GroupRequest {
  readonly GroupName: string
}

interface CreateGroupRequest extends GroupRequest {
  readonly Path?: string
}

interface UpdateGroupRequest extends GroupRequest {
  readonly NewGroupName?: string
  readonly NewPath?: string
}

interface MemberRequest extends GroupRequest {
  readonly UserName: string
}

export const groupOperations = {
  CreateGroup: write<CreateGroupRequest, object>(async ({ GroupName, Path = '/' }, context) => {
    const { iamGroupsPerAccount: most } = context.settings.limits
    await refuseTaken(context, IAM_GROUP, { name: GroupName, most })
    const group: IdentityRecord = {
      Name: GroupName,
      Id: uniqueId(context, 'AGPA'),
      Arn: arnOf(context, 'group', Path, GroupName),
      Path,
      CreateDate: context.now.toISOString(),
      Tags: [],
      inline: {},
      attached: [],
    }
    await context.records.put(entityKey(IAM_GROUP, GroupName), group)
    return { Group: viewOf(group) }
  }),

  GetGroup: read<GroupRequest, object>(async ({ GroupName }, context) => {
    const group = await identityOf(context, IAM_GROUP, GroupName)
    const members = await membersOf(context, group)
    return { Group: viewOf(group), Users: members.map(userView), IsTruncated: false }
  }),

  ListGroups: read<PageRequest, object>(async (request, context) => {
    const { items, rest } = await pageOf<IdentityRecord>(context, IAM_GROUP, request)
    return { Groups: items.map(viewOf), ...rest }
  }),

  ListGroupsForUser: read<{ readonly UserName: string }, object>(async ({ UserName }, context) => {
    const { groups = [] } = await identityOf<UserRecord>(context, IAM_USER, UserName)
    const all = await context.records.list<IdentityRecord>(IAM_GROUP, '')
    const own = all.records.map(({ body }) => body).filter(({ Id }) => groups.includes(Id))
    return { Groups: own.map(viewOf), IsTruncated: false }
  }),

  UpdateGroup: write<UpdateGroupRequest, object>(updateGroup),

  DeleteGroup: write<GroupRequest, object>(async ({ GroupName }, context) => {
    const group = await identityOf(context, IAM_GROUP, GroupName)
    if ((await membersOf(context, group)).length > 0) {
      throw new ServiceError(
        'DeleteConflictException',
        'Cannot delete entity, must remove users from group first.',
      )
    }
    refuseTied(group)
    await context.records.delete(entityKey(IAM_GROUP, GroupName))
    return {}
  }),

  AddUserToGroup: write<MemberRequest, object>(async (request, context) => {
    const { group, user } = await both(request, context)
    const groups = [...new Set([...(user.groups ?? []), group.Id])]
    const most = context.settings.limits.iamGroupsPerUser
    if (groups.length > most) {
      throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${most}`)
    }
    return putUser(context, { ...user, groups })
  }),

  RemoveUserFromGroup: write<MemberRequest, object>(async (request, context) => {
    const { group, user } = await both(request, context)
    const groups = (user.groups ?? []).filter((id) => id !== group.Id)
    return putUser(context, { ...user, groups })
  }),
}

/** Its policies and users stay with it. */
async function updateGroup(request: UpdateGroupRequest, context: WriteContext): Promise<object> {
  const group = await identityOf(context, IAM_GROUP, request.GroupName)
  const { NewGroupName: Name = group.Name, NewPath: Path = group.Path } = request
  const [before, after] = [entityKey(IAM_GROUP, group.Name), entityKey(IAM_GROUP, Name)]
  if (before.id !== after.id) {
    await refuseTaken(context, IAM_GROUP, { name: Name, most: Number.POSITIVE_INFINITY })
    await context.records.delete(before)
  }
  await context.records.put(after, {
    ...group,
    Name,
    Path,
    Arn: arnOf(context, 'group', Path, Name),
  })
  return {}
}

async function both({ GroupName, UserName }: MemberRequest, context: ReadContext) {
  const group = await identityOf(context, IAM_GROUP, GroupName)
  return { group, user: await identityOf<UserRecord>(context, IAM_USER, UserName) }
}

async function putUser({ records }: WriteContext, user: UserRecord): Promise<object> {
  await records.put(entityKey(IAM_USER, user.Name), user)
  return {}
}

async function membersOf({ records }: ReadContext, { Id }: IdentityRecord): Promise<UserRecord[]> {
  const users = await records.list<UserRecord>(IAM_USER, '')
  return users.records.map(({ body }) => body).filter(({ groups = [] }) => groups.includes(Id))
}

function viewOf({ Name, Id, Arn, Path, CreateDate }: IdentityRecord): object {
  return { GroupName: Name, GroupId: Id, Arn, Path, CreateDate }
}
