/**
 * ListUsers with its filter: `attribute = "value"` for equality, `^=` for a beginning.
 *
 * Without an index a filter reads users until the page is full, so one call reads a bounded number of them and hands out a
 * token for the rest; a page may hold fewer than asked for, as on AWS.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
 */

import type {
  ListUsersRequest,
  ListUsersResponse,
  UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import type { UserRecord } from '../../identity/user-pools/records.ts'
import { type ReadContext, read } from '../service.ts'
import { invalid, requirePool } from './found.ts'
import { listPage } from './paging.ts'
import { userShown } from './user-found.ts'

const PAGE_MAX = 60
const READ_MAX = 6_000

const SEARCHABLE = [
  ...['username', 'email', 'phone_number', 'name', 'given_name', 'family_name'],
  ...['preferred_username', 'cognito:user_status', 'status', 'sub'],
]

export const listUsersOperations = {
  ListUsers: read<ListUsersRequest, ListUsersResponse>(listUsers),
}

async function listUsers(
  { UserPoolId, Limit, PaginationToken, Filter, AttributesToGet }: ListUsersRequest,
  context: ReadContext,
): Promise<ListUsersResponse> {
  const { Id: parent } = await requirePool(context, UserPoolId)
  const matches = filterOf(Filter)
  const most = Limit === undefined || Limit === 0 ? PAGE_MAX : Limit
  const Users: UserType[] = []
  let token = PaginationToken
  for (let seen = 0; seen < READ_MAX; seen += PAGE_MAX) {
    // No more than fit, so that the token stands behind the last one shown.
    const limit = most - Users.length
    const place = { kind: 'user-pool-user', parent, limit, token } as const
    const page = await listPage<UserRecord>(context, place)
    const found = page.records.filter(({ body }) => matches(body))
    Users.push(...found.map(({ body }) => userShown(body, AttributesToGet)))
    token = page.next
    if (token === undefined || Users.length === most) break
  }
  return token === undefined ? { Users } : { Users, PaginationToken: token }
}

function filterOf(text: string | undefined): (user: UserRecord) => boolean {
  if (text === undefined || text.trim() === '') return () => true
  const [, name = '', operator, quoted = ''] =
    /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(text) ?? []
  if (operator === undefined) throw invalid('Error while parsing filter')
  if (!SEARCHABLE.includes(name))
    throw invalid(`Error while parsing filter: ${name} cannot be searched by.`)
  const wanted = quoted.replace(/\\(.)/g, '$1')
  return (user) => {
    const value = memberOf(user, name)
    if (value === undefined) return false
    return operator === '=' ? value === wanted : value.startsWith(wanted)
  }
}

function memberOf(user: UserRecord, name: string): string | undefined {
  if (name === 'username') return user.username
  if (name === 'cognito:user_status') return user.status
  if (name === 'status') return user.enabled ? 'Enabled' : 'Disabled'
  return user.attributes[name]
}
