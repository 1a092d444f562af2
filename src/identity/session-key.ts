/**
 * What the installation seals session tokens with: one record, made when the control port opens for the first time.
 *
 * Whoever removes it ends every session.
 */

import type { Records, WritableRecords } from '../storage/store.ts'

/** The kind of the record. */
export const SESSION_KEY = 'iam-session-key'

export interface SessionKeyRecord {
  /** Base64. */
  readonly key: string
}

const KEY = { kind: SESSION_KEY, parent: '', id: 'current' }
const BYTES = 32

export async function ensureSessionKey(
  records: WritableRecords,
  randomBytes: (size: number) => Uint8Array,
): Promise<void> {
  if ((await sessionKeyOf(records)) !== undefined) return
  await records.put(KEY, { key: Buffer.from(randomBytes(BYTES)).toString('base64') })
}

/** Undefined: there is none. */
export async function sessionKeyOf(records: Records): Promise<string | undefined> {
  return (await records.get<SessionKeyRecord>(KEY))?.body.key
}
