/**
 * The answer to somebody who asks for a code for a user who does not exist: that of one who does, after as much work.
 *
 * The write goes to one record that is nobody's, so that it takes as long as the real one and leaves no more than one.
 */

import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider'
import { codeKey, newCode } from '../../identity/user-pools/codes.ts'
import { deliveryTo } from '../../identity/user-pools/messages-out.ts'
import type { CodeRecord } from '../../identity/user-pools/records.ts'
import type { Decision } from '../service.ts'
import type { ClientCall } from './client-call.ts'

const NOBODY = ' nobody'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

export async function pretendSending(
  { pools, known, context }: ClientCall,
  name: string,
  attribute: 'email' | 'phone_number',
): Promise<Decision<{ CodeDeliveryDetails: CodeDeliveryDetailsType }>> {
  const sealer = await pools.sealer()
  const place = { purpose: 'unknown-user', of: `${known.pool.Id} contact` } as const
  const bytes = sealer.mac(place, name)
  const letter = (i: number) => LETTERS[bytes[i]! % LETTERS.length]!
  const digits = [...bytes.subarray(2, 6)].map((byte) => byte % 10).join('')
  const isSelf = name.includes('@')
  const email = isSelf ? name : `${letter(0)}@${letter(1)}`
  const value = attribute === 'email' ? email : `+100000${digits}`
  const record: CodeRecord = {
    username: NOBODY,
    mac: sealer.mac(place, newCode()).toString('base64url'),
    expiresAt: context.now.toISOString(),
  }
  return {
    commit: async ({ records }) => {
      await records.put(codeKey(known.pool.Id, NOBODY, 'forgot-password'), record)
      return { CodeDeliveryDetails: deliveryTo({ attribute, value }) }
    },
  }
}
