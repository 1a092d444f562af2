/**
 * Messages to users, as they are written: records of kind `outbox-message`, in the transaction of what caused them.
 * Whoever sends messages takes them from there.
 */

import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider'
import type { WritableRecords } from '../../storage/store.ts'
import { OUTBOX_KIND, type OutboxMessage } from '../messages/outbox-message.ts'
import type { UserPoolRecord } from './records.ts'

export interface Contact {
  readonly attribute: 'email' | 'phone_number'
  readonly value: string
}

/** Whom a message goes to. */
export interface Addressee {
  readonly pool: UserPoolRecord
  readonly username: string
  readonly contact: Contact
  readonly now: Date
  readonly newId: (length: number) => string
}

/** `id` counts nothing: messages are in the order in which they were written. */
export async function putMessage(
  records: WritableRecords,
  to: Addressee,
  message: Pick<OutboxMessage, 'purpose' | 'subject' | 'body' | 'code'>,
): Promise<void> {
  const record: OutboxMessage = {
    userPoolId: to.pool.Id,
    username: to.username,
    medium: to.contact.attribute === 'email' ? 'EMAIL' : 'SMS',
    destination: to.contact.value,
    ...message,
    createdAt: to.now.toISOString(),
  }
  await records.put({ kind: OUTBOX_KIND, parent: to.pool.Id, id: to.newId(16) }, record)
}

/** As Cognito shows where a code has gone: `a***@e***`, `+*******1234`. */
export function deliveryTo({ attribute, value }: Contact): CodeDeliveryDetailsType {
  const AttributeName = attribute
  if (attribute === 'phone_number') {
    const Destination = `+${'*'.repeat(Math.max(value.length - 5, 1))}${value.slice(-4)}`
    return { AttributeName, DeliveryMedium: 'SMS', Destination }
  }
  const [name = '', host = ''] = value.split('@')
  const Destination = `${name.slice(0, 1)}***@${host.slice(0, 1)}***`
  return { AttributeName, DeliveryMedium: 'EMAIL', Destination }
}
