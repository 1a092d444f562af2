/**
 * Users. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, write } from '../service.ts'
import { boundaryFor, boundaryView } from './boundary.ts'
import { arnOf, entityKey, identityOf, refuseTaken, uniqueId } from './entities.ts'
import { refuseTied, taggedWith } from './identity-rules.ts'
import { type PageRequest, pageOf } from './pages.ts'
import { IAM_KEY, IAM_USER, type IdentityRecord, type Tag, type UserRecord } from './records.ts'

interface CreateUserRequest {
  readonly UserName: string
  readonly Path?: string
  readonly Tags?: readonly Tag[]
  readonly PermissionsBoundary?: string
}

interface UserRequest {
  readonly UserName?: string
}

export const userOperations = {
  CreateUser: write<CreateUserRequest, object>(async (request, context) => {
    const { UserName, Path = '/', Tags = [], PermissionsBoundary } = request
    const { iamUsersPerAccount: most } = context.settings.limits
    await refuseTaken(context, IAM_USER, { name: UserName, most })
    const user: IdentityRecord = {
      Name: UserName,
      Id: uniqueId(context, 'AIDA'),
      Arn: arnOf(context, 'user', Path, UserName),
      Path,
      CreateDate: context.now.toISOString(),
      Tags: taggedWith(context, [], Tags),
      inline: {},
      attached: [],
      ...(await boundaryFor(context, PermissionsBoundary)),
    }
    await context.records.put(entityKey(IAM_USER, UserName), user)
    return { User: { ...userView(user), ...detailsOf(user) } }
  }),

  GetUser: read<UserRequest, object>(async ({ UserName }, context) => {
    const name = UserName ?? ownUserName(context)
    const user = await identityOf(context, IAM_USER, name)
    return { User: { ...userView(user), ...detailsOf(user) } }
  }),

  ListUsers: read<PageRequest, object>(async (request, context) => {
    const { items, rest } = await pageOf<IdentityRecord>(context, IAM_USER, request)
    return { Users: items.map(userView), ...rest }
  }),

  DeleteUser: write<Required<UserRequest>, object>(async ({ UserName }, context) => {
    const user = await identityOf<UserRecord>(context, IAM_USER, UserName)
    const { id } = entityKey(IAM_USER, UserName)
    const keys = await context.records.list(IAM_KEY, id)
    if (keys.records.length > 0) throw conflict('must delete access keys first.')
    if ((user.groups ?? []).length > 0) throw conflict('must remove users from group first.')
    refuseTied(user)
    await context.records.delete(entityKey(IAM_USER, UserName))
    return {}
  }),
}

/** Of the caller. Keys of the account itself have none. */
export function ownUserName({ caller }: ReadContext): string {
  const name = caller.signer?.userName
  if (name !== undefined) return name
  throw new ServiceError(
    'ValidationException',
    'Must specify userName when calling with non-User credentials',
  )
}

function conflict(what: string): ServiceError {
  return new ServiceError('DeleteConflictException', `Cannot delete entity, ${what}`)
}

/** As lists show it. */
export function userView({ Name, Id, Arn, Path, CreateDate }: IdentityRecord): object {
  return { UserName: Name, UserId: Id, Arn, Path, CreateDate }
}

/** What only the user alone is shown with. */
function detailsOf(user: IdentityRecord): object {
  return { ...boundaryView(user), ...(user.Tags.length === 0 ? {} : { Tags: user.Tags }) }
}
