/** The users of a pool as rows of Cognito's CSV, page by page. */

import type { UserType } from '@aws-sdk/client-cognito-identity-provider'
import { writeCsvRow } from '../identity/user-import/csv.ts'
import { MFA_COLUMN, USERNAME_COLUMN } from '../identity/user-import/user-csv.ts'
import type { ControlClient } from './control-client.ts'

export async function exportUsers(
  client: ControlClient,
  UserPoolId: string,
  write: (row: string) => void,
): Promise<void> {
  const { CSVHeader: columns = [] } = await client.cognito('GetCSVHeader', { UserPoolId })
  write(writeCsvRow(columns))
  let page: { readonly PaginationToken?: string } = {}
  do {
    const { Users = [], PaginationToken } = await client.cognito('ListUsers', {
      UserPoolId,
      ...page,
    })
    for (const user of Users) write(rowOf(user, columns))
    page = PaginationToken === undefined ? {} : { PaginationToken }
  } while (page.PaginationToken !== undefined)
}

function rowOf({ Username = '', Attributes = [] }: UserType, columns: readonly string[]): string {
  const values = new Map(Attributes.map(({ Name = '', Value = '' }) => [Name, Value]))
  values.set(USERNAME_COLUMN, nameOf(Username, values))
  // The secret of an authenticator is not exported, so it cannot be asked for.
  values.set(MFA_COLUMN, 'false')
  for (const name of ['email_verified', 'phone_number_verified']) {
    values.set(name, values.get(name) ?? 'false')
  }
  return writeCsvRow(columns.map((column) => values.get(column) ?? ''))
}

/** Where users sign in with an address or a number, the name is an id that the next pool would not know. */
function nameOf(username: string, values: ReadonlyMap<string, string>): string {
  if (username !== values.get('sub')) return username
  return values.get('email') || values.get('phone_number') || username
}
