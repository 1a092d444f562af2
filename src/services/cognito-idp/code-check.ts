/**
 * Codes that users show, and codes that they ask for: both only so often.
 *
 * Whether there is no such user, no such code, or another code, is the same answer after the same work.
 */

import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import {
  type CodePurpose,
  checkCode,
  codeKey,
  newCode,
  sendCode,
} from '../../identity/user-pools/codes.ts'
import { type Contact, deliveryTo } from '../../identity/user-pools/messages-out.ts'
import type { CodeRecord, UserRecord } from '../../identity/user-pools/records.ts'
import type { Decision } from '../service.ts'
import type { ClientCall } from './client-call.ts'
import { guarded } from './guarded.ts'

/** Codes that a user is sent before each further one waits. */
const SENDINGS_FREE = 5

export interface ShownCode {
  readonly purpose: CodePurpose
  readonly code: string
}

/** The record of the code. `user`: who is meant; a name, when there is nobody of that name. */
export async function proveCode(
  call: ClientCall,
  user: UserRecord | string,
  { purpose, code }: ShownCode,
): Promise<CodeRecord> {
  const { pools, known, context } = call
  const username = typeof user === 'string' ? user : user.username
  const key = codeKey(known.pool.Id, username, purpose)
  return guarded(call, { name: username, what: purpose }, async () => {
    const found = await context.read(({ records }) => records.get<CodeRecord>(key))
    const record = typeof user === 'string' ? undefined : found?.body
    const sealer = await pools.sealer()
    const shown = { poolId: known.pool.Id, username, purpose, code, now: context.now }
    const verdict = checkCode(sealer, record, shown)
    if (verdict === 'right') return record!
    if (verdict === 'expired') {
      const message = 'Invalid code provided, please request a code again.'
      throw new ServiceError('ExpiredCodeException', message)
    }
    const message = 'Invalid verification code provided, please try again.'
    throw new ServiceError('CodeMismatchException', message)
  })
}

export interface CodeWish {
  readonly username: string
  readonly purpose: CodePurpose
  readonly contact: Contact
}

/** A code that goes to the user with the write, and where it goes. */
export async function sendingCode(
  { pools, known }: ClientCall,
  wish: CodeWish,
): Promise<Decision<{ CodeDeliveryDetails: CodeDeliveryDetailsType }>> {
  const sealer = await pools.sealer()
  const code = newCode()
  const { pool } = known
  return {
    commit: async ({ records, now, newId }) => {
      await sendCode(records, { ...wish, pool, code, sealer, now, newId })
      return { CodeDeliveryDetails: deliveryTo(wish.contact) }
    },
  }
}

/** Counts a message that is about to be written. Throws LimitExceededException. */
export function countSending(call: ClientCall, name: string, free = SENDINGS_FREE): void {
  const { pools, known, context } = call
  const nowMs = context.now.getTime()
  const sending = pools.attempts.take(`sending ${known.pool.Id} ${name}`, free, nowMs)
  sending?.failed()
  if (sending !== undefined) return
  throw new ServiceError(
    'LimitExceededException',
    'Attempt limit exceeded, please try after some time.',
  )
}
