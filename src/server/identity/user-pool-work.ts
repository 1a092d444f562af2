/** What goes on for user pools while nobody calls: messages are sent or grow old, imports of users are done. */

import type { Limits } from '../../domain/limits.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { ProgramLog } from '../program-log.ts'
import type { Settings } from '../settings/settings.ts'
import type { StoredApis } from '../stored-apis.ts'

export interface UserPoolWorkParts {
  readonly settings: Pick<Settings, 'messageSender'>
  readonly limits: Limits
  readonly pools: UserPools
  readonly apis: Pick<StoredApis, 'store' | 'writes' | 'callParts'>
  readonly log: ProgramLog
}

/** Returns how to end it. */
export async function startUserPoolWork(parts: UserPoolWorkParts): Promise<() => void> {
  const { startMessageSending } = await import('./message-sending.ts')
  const { startUserImports } = await import('./user-imports.ts')
  const imports = await startUserImports(parts)
  const stopSending = await startMessageSending({ ...parts, store: parts.apis.store })
  return () => {
    stopSending()
    void imports.close()
  }
}
