/**
 * Codes that prove an address or replace a password: made, written with the message that carries them, checked.
 *
 * Of a code only a MAC is kept. The message is a record of kind `outbox-message`, written in the same transaction;
 * whoever sends messages takes it from there.
 */

import { randomInt } from 'node:crypto'
import type { WritableRecords } from '../../storage/store.ts'
import type { Sealer } from '../installation-key.ts'
import { type Addressee, type Contact, putMessage } from './messages-out.ts'
import type { CodeRecord, UserPoolRecord } from './records.ts'

export const CODE_PURPOSES = [
  'sign-up',
  'forgot-password',
  'verify-email',
  'verify-phone_number',
] as const

export type CodePurpose = (typeof CODE_PURPOSES)[number]

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const LIFE_MS: Readonly<Record<CodePurpose, number>> = {
  'sign-up': DAY_MS,
  'forgot-password': HOUR_MS,
  'verify-email': DAY_MS,
  'verify-phone_number': DAY_MS,
}

/** Six digits. */
export function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0')
}

export interface CodeToSend extends Addressee {
  readonly purpose: CodePurpose
  readonly code: string
  readonly sealer: Sealer
}

/** Replaces the code that the user had for this. */
export async function sendCode(records: WritableRecords, send: CodeToSend): Promise<void> {
  const { pool, username, purpose, contact, code, sealer, now } = send
  const record: CodeRecord = {
    username,
    mac: sealer.mac(placeOf(pool.Id, username, purpose), code).toString('base64url'),
    expiresAt: new Date(now.getTime() + LIFE_MS[purpose]).toISOString(),
    attribute: { name: contact.attribute, value: contact.value },
  }
  await records.put(codeKey(pool.Id, username, purpose), record)
  const { subject, body } = textOf(pool, contact)
  const filled = body.replaceAll('{####}', code).replaceAll('{username}', username)
  const about = purpose.toUpperCase().replaceAll('-', '_')
  await putMessage(records, send, { purpose: about, subject, body: filled, code })
}

/** Whether it is this code, in constant time, and whether its time is over. */
export function checkCode(
  sealer: Sealer,
  record: CodeRecord | undefined,
  shown: {
    readonly poolId: string
    readonly username: string
    readonly purpose: CodePurpose
    readonly code: string
    readonly now: Date
  },
): 'right' | 'wrong' | 'expired' {
  const place = placeOf(shown.poolId, shown.username, shown.purpose)
  const isEqual = sealer.macEquals(place, shown.code, record?.mac ?? NO_MAC)
  if (record === undefined || !isEqual) return 'wrong'
  return Date.parse(record.expiresAt) > shown.now.getTime() ? 'right' : 'expired'
}

const NO_MAC = 'A'.repeat(43)

export function codeKey(poolId: string, username: string, purpose: CodePurpose) {
  return { kind: 'user-pool-code', parent: poolId, id: `${purpose}:${username}` }
}

function placeOf(poolId: string, username: string, purpose: CodePurpose) {
  return { purpose: 'code', of: `${poolId} ${purpose} ${username}` } as const
}

function textOf(pool: UserPoolRecord, { attribute }: Contact) {
  const { VerificationMessageTemplate: template = {} } = pool
  if (attribute === 'phone_number') {
    const text = template.SmsMessage ?? pool.SmsVerificationMessage
    return { subject: '', body: text ?? 'Your verification code is {####}' }
  }
  return {
    subject: template.EmailSubject ?? pool.EmailVerificationSubject ?? 'Your verification code',
    body:
      template.EmailMessage ?? pool.EmailVerificationMessage ?? 'Your verification code is {####}',
  }
}
