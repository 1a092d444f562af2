/** Who is in which group. Stands in the user, for tokens, and in a record of its own, for lists. */

import type {
  AdminAddUserToGroupRequest,
  AdminListGroupsForUserRequest,
  AdminListGroupsForUserResponse,
  AdminRemoveUserFromGroupRequest,
  ListUsersInGroupRequest,
  ListUsersInGroupResponse,
  UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { requirePool } from './found.ts'
import { groupsOf } from './grant.ts'
import { groupShown, requireGroup } from './group.ts'
import { listPage, requireRoom } from './paging.ts'
import { requireUser, userShown } from './user-found.ts'

export const groupMemberOperations = {
  AdminAddUserToGroup: write<AdminAddUserToGroupRequest, object>(addUser),
  AdminRemoveUserFromGroup: write<AdminRemoveUserFromGroupRequest, object>(removeUser),
  AdminListGroupsForUser: read<AdminListGroupsForUserRequest, AdminListGroupsForUserResponse>(
    async ({ UserPoolId, Username }, context) => {
      const pool = await requirePool(context, UserPoolId)
      const { body } = await requireUser(context, pool, Username)
      const groups = await groupsOf(context, pool, body)
      return { Groups: groups.map((group) => groupShown(pool.Id, group)) }
    },
  ),
  ListUsersInGroup: read<ListUsersInGroupRequest, ListUsersInGroupResponse>(listUsers),
}

async function addUser(
  request: AdminAddUserToGroupRequest,
  context: WriteContext,
): Promise<object> {
  const pool = await requirePool(context, request.UserPoolId)
  const { id, body } = await requireUser(context, pool, request.Username)
  const { name } = await requireGroup(context, request)
  if (body.groups.includes(name)) return {}
  requireRoom(body.groups.length, context.settings.limits.groupsPerUser, 'groups for user')
  const { records } = context
  const groups = [...body.groups, name]
  await records.put({ kind: 'user-pool-user', parent: pool.Id, id }, { ...body, groups })
  await records.put({ kind: 'user-pool-group-member', parent: `${pool.Id}/${name}`, id }, {})
  return {}
}

async function removeUser(
  request: AdminRemoveUserFromGroupRequest,
  context: WriteContext,
): Promise<object> {
  const pool = await requirePool(context, request.UserPoolId)
  const { id, body } = await requireUser(context, pool, request.Username)
  const { name } = await requireGroup(context, request)
  const { records } = context
  const groups = body.groups.filter((group) => group !== name)
  await records.put({ kind: 'user-pool-user', parent: pool.Id, id }, { ...body, groups })
  await records.delete({ kind: 'user-pool-group-member', parent: `${pool.Id}/${name}`, id })
  return {}
}

async function listUsers(
  request: ListUsersInGroupRequest,
  context: ReadContext,
): Promise<ListUsersInGroupResponse> {
  const { name } = await requireGroup(context, request)
  const poolId = request.UserPoolId!
  const page = await listPage(context, {
    ...{ kind: 'user-pool-group-member', parent: `${poolId}/${name}` },
    ...{ limit: request.Limit, token: request.NextToken },
  })
  const Users: UserType[] = []
  for (const { id } of page.records) {
    const key = { kind: 'user-pool-user', parent: poolId, id }
    const user = await context.records.get<UserRecord>(key)
    if (user !== undefined) Users.push(userShown(user.body))
  }
  return page.next === undefined ? { Users } : { Users, NextToken: page.next }
}
