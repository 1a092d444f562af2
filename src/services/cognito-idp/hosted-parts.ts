/** What the hosted pages and the OAuth endpoints of one pool work with. */

import type { KnownPool } from '../../identity/user-pools/directory.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import type { Records } from '../../storage/store.ts'
import type { DecideContext, Decision, WriteContext } from '../service.ts'

export interface HostedPoolParts {
  readonly pools: UserPools
  readonly known: KnownPool
  readonly now: () => Date
  /** Calls a public operation as a client would. Rejects with the ServiceError. */
  readonly call: (operation: string, input: object, sourceIp: string) => Promise<object>
  /** For what takes its time: the account and region of the pool, and who asks. */
  readonly deciding: () => DecideContext
  /** In the account and region of the pool. */
  readonly read: <T>(work: (records: Records) => Promise<T>) => Promise<T>
  /** One transaction in the account and region of the pool; `action` is for the audit log. */
  readonly write: <T>(action: string, work: (context: WriteContext) => Promise<T>) => Promise<T>
}

/** Writes what was decided. */
export async function settle<T>({ write }: HostedPoolParts, action: string, decision: Decision<T>) {
  if ('answer' in decision) return decision.answer
  return write(action, (context) => decision.commit(context))
}
