/**
 * Secrets of access keys at rest. Signature Version 4 needs them as they are, so they are no hashes: they are sealed under
 * the key of the installation, each for the id of its key, and opened where signatures are checked.
 */

import { assert } from '../base/assert.ts'
import type { Sealer } from './installation-key.ts'

/** `accessKeyId` is never given twice, whoever has the key: the account itself or a user of IAM. */
export function sealKeySecret(sealer: Sealer, accessKeyId: string, secret: string): string {
  return sealer.seal({ purpose: 'access-key', of: accessKeyId }, secret)
}

export function openKeySecret(sealer: Sealer, accessKeyId: string, sealed: string): string {
  const secret = sealer.open({ purpose: 'access-key', of: accessKeyId }, sealed)
  assert(secret !== undefined, `the secret of ${accessKeyId} opens with the installation key`)
  return secret.toString()
}
