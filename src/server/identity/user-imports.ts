/** Imports of users, put together: the run over the store, and each user written as a call of its own. */

import { randomUUID } from 'node:crypto'
import { ImportRun } from '../../identity/user-import/import-run.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { importRules, importUser } from '../../services/cognito-idp/imported-user.ts'
import type { ProgramLog } from '../program-log.ts'
import type { StoredApis } from '../stored-apis.ts'

export interface UserImportsParts {
  readonly pools: UserPools
  readonly apis: Pick<StoredApis, 'store' | 'writes' | 'callParts'>
  readonly log: ProgramLog
}

export async function startUserImports({ pools, apis, log }: UserImportsParts): Promise<ImportRun> {
  const run = new ImportRun({
    store: apis.store,
    now: apis.callParts.now,
    rulesOf: async (_scope, poolId) => {
      const known = pools.directory.pool(poolId)
      return known && importRules(known.pool)
    },
    importUser: (scope, poolId, row) => {
      const { accountId } = scope
      const caller = { accountId, accessKeyId: 'user import', readOnly: false, sourceIp: '' }
      const facts = { scope, caller, requestId: randomUUID(), action: 'cognito-idp:ImportUser' }
      return apis.writes.run(facts, (context) => importUser(context, poolId, row))
    },
    trouble: (thrown) =>
      log.error(`an import of users ended: ${thrown instanceof Error ? thrown.stack : thrown}`),
  })
  await run.start()
  return run
}
