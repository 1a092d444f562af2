/**
 * The secret of an app client, and the hash by which a client shows that it has it.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { assert } from '../../base/assert.ts'
import type { Sealer } from '../installation-key.ts'
import type { UserPoolClientRecord } from './records.ts'

export function sealClientSecret(sealer: Sealer, clientId: string, secret: string): string {
  return sealer.seal({ purpose: 'client-secret', of: clientId }, secret)
}

export function openClientSecret(sealer: Sealer, clientId: string, sealed: string): string {
  const secret = sealer.open({ purpose: 'client-secret', of: clientId }, sealed)
  assert(secret !== undefined, `the secret of client ${clientId} opens with the installation key`)
  return secret.toString()
}

/** The client may have no secret; then there is nothing to show. In constant time. */
export function isSecretHash(
  sealer: Sealer,
  { ClientId, sealedSecret }: UserPoolClientRecord,
  shown: { readonly username: string; readonly hash: string | undefined },
): boolean {
  if (sealedSecret === undefined) return true
  const secret = openClientSecret(sealer, ClientId, sealedSecret)
  const hmac = createHmac('sha256', secret)
    .update(shown.username + ClientId)
    .digest('base64')
  return equalTexts(hmac, shown.hash ?? '')
}

/** The secret itself, as OAuth clients send it. In constant time. */
export function isClientSecret(
  sealer: Sealer,
  { ClientId, sealedSecret }: UserPoolClientRecord,
  shown: string,
): boolean {
  if (sealedSecret === undefined) return false
  return equalTexts(openClientSecret(sealer, ClientId, sealedSecret), shown)
}

/** In constant time, whatever their lengths. */
export function equalTexts(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
