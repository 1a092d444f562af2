/**
 * An access key of an account: as it is handed out, as it stands in the store, as everybody may see it.
 */

import { openKeySecret, sealKeySecret } from './access-key-secrets.ts'
import type { Sealer } from './installation-key.ts'

/** The kind of the records. */
export const ACCESS_KEY = 'access-key'

export interface AccessKey extends AccessKeyView {
  readonly secretAccessKey: string
}

/** As it stands in the store. */
export interface AccessKeyRecord extends AccessKeyView {
  readonly sealedSecret: string
}

export interface AccessKeyView {
  readonly accessKeyId: string
  /** Twelve digits. */
  readonly accountId: string
  /** May call what only reads. */
  readonly readOnly: boolean
  readonly description: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

export function openedKey(sealer: Sealer, { sealedSecret, ...view }: AccessKeyRecord): AccessKey {
  return { ...view, secretAccessKey: openKeySecret(sealer, view.accessKeyId, sealedSecret) }
}

export function sealedKey(
  sealer: Sealer,
  { secretAccessKey, ...view }: AccessKey,
): AccessKeyRecord {
  return { ...view, sealedSecret: sealKeySecret(sealer, view.accessKeyId, secretAccessKey) }
}
