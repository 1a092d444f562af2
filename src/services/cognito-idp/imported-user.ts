/**
 * One user of a CSV file, as he is written: without a password, so that he chooses one with a code.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-password-reset.html
 */

import { randomUUID } from 'node:crypto'
import { ServiceError } from '../../aws/service-error.ts'
import type { RowOutcome } from '../../identity/user-import/import-run.ts'
import type { ImportRules, UserRow } from '../../identity/user-import/user-csv.ts'
import type { UserPoolRecord, UserRecord } from '../../identity/user-pools/records.ts'
import { findUser, putUser } from '../../identity/user-pools/users.ts'
import type { WriteContext } from '../service.ts'
import { newAttributes } from './attributes.ts'
import { requirePool } from './found.ts'
import { nameOfNew } from './new-user.ts'
import { columnsOf } from './user-import-job.ts'

/** What a pool asks of a row. An address that users sign in with comes from their name. */
export function importRules(pool: UserPoolRecord): ImportRules {
  const { SchemaAttributes = [], UsernameAttributes = [], AutoVerifiedAttributes = [] } = pool
  const required = SchemaAttributes.flatMap(({ Name = '', Required }) => (Required ? [Name] : []))
  return {
    columns: columnsOf(pool),
    requiredAttributes: required.filter(
      (name) => name !== 'sub' && !(UsernameAttributes as readonly string[]).includes(name),
    ),
    autoVerified: AutoVerifiedAttributes,
  }
}

/** Throws for bugs only: what is wrong with the row is the outcome. */
export async function importUser(
  context: WriteContext,
  poolId: string,
  row: UserRow,
): Promise<RowOutcome> {
  try {
    return await writeUser(context, poolId, row)
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown
    return { kind: 'failed', problem: thrown.message }
  }
}

async function writeUser(
  { records, now, ...rest }: WriteContext,
  poolId: string,
  row: UserRow,
): Promise<RowOutcome> {
  if (row.mfaEnabled) {
    const problem =
      'cognito:mfa_enabled: only authenticator apps are supported, which users set up.'
    return { kind: 'failed', problem }
  }
  const pool = await requirePool({ records, now, ...rest }, poolId)
  if ((await findUser(records, pool, row.username)) !== undefined) return { kind: 'skipped' }
  const sub = randomUUID()
  const named = nameOfNew(pool, { name: row.username, sub, given: row.attributes })
  const at = now.toISOString()
  const user: UserRecord = {
    username: named.username,
    attributes: newAttributes(pool, sub, { changes: named.attributes }),
    ...{ enabled: true, status: 'RESET_REQUIRED', createdAt: at, modifiedAt: at, groups: [] },
  }
  await putUser(records, { pool, user })
  return { kind: 'imported' }
}
