/**
 * What the installation seals session tokens with: one record, made when the control port opens for the first time.
 *
 * Whoever removes it ends every session.
 */

import { assert } from '../base/assert.ts'
import type { Records, WritableRecords } from '../storage/store.ts'
import type { KeySource } from './access-keys.ts'
import type { Sealer } from './installation-key.ts'

/** The kind of the record. */
export const SESSION_KEY = 'iam-session-key'

export interface SessionKeyRecord {
  /** Base64, sealed. */
  readonly sealedKey: string
}

const KEY = { kind: SESSION_KEY, parent: '', id: 'current' }
const PLACE = { purpose: 'session-key', of: 'current' } as const
const BYTES = 32

export async function ensureSessionKey(
  records: WritableRecords,
  { sealer, randomBytes }: Pick<KeySource, 'sealer' | 'randomBytes'>,
): Promise<void> {
  if ((await records.get(KEY)) !== undefined) return
  const key = Buffer.from(randomBytes(BYTES)).toString('base64')
  await records.put(KEY, { sealedKey: sealSessionKey(sealer, key) })
}

/** Undefined: there is none. */
export async function sessionKeyOf(records: Records, sealer: Sealer): Promise<string | undefined> {
  const record = await records.get<SessionKeyRecord>(KEY)
  return record && openSessionKey(sealer, record.body)
}

export function sealSessionKey(sealer: Sealer, key: string): string {
  return sealer.seal(PLACE, key)
}

export function openSessionKey(sealer: Sealer, record: SessionKeyRecord): string {
  assert(opensSessionKey(sealer, record), 'the session key opens with the installation key')
  return sealer.open(PLACE, record.sealedKey)!.toString()
}

/** Whether the store was sealed with this key: the record is in every store that has one. */
export function opensSessionKey(sealer: Sealer, { sealedKey }: SessionKeyRecord): boolean {
  return sealer.open(PLACE, sealedKey) !== undefined
}
