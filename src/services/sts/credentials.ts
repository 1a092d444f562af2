/** Temporary credentials: an access key id, its derived secret, and the sealed token that says whose they are. */

import { randomBytes } from 'node:crypto'
import { type SessionClaims, SessionSeal } from '../../aws/iam-identity/session-token.ts'
import { assert } from '../../base/assert.ts'
import type { OpenSealer } from '../../certificates/tls-records.ts'
import type { Sealer } from '../../identity/installation-key.ts'
import { newTemporaryKeyId } from '../../identity/key-material.ts'
import { sessionKeyOf } from '../../identity/session-key.ts'
import type { ReadContext } from '../service.ts'

export interface Credentials {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken: string
  readonly Expiration: Date
}

export type SessionRequest = Omit<SessionClaims, 'key' | 'issuedMs' | 'expiresMs'> & {
  readonly seconds: number
}

const NONCE_BYTES = 12

export type IssueCredentials = (
  context: ReadContext,
  request: SessionRequest,
) => Promise<Credentials>

export function credentialIssuer(openSealer: OpenSealer): IssueCredentials {
  return async (context, request) => issue(await openSealer(), context, request)
}

async function issue(
  sealer: Sealer,
  { installation, now }: ReadContext,
  { seconds, ...claims }: SessionRequest,
): Promise<Credentials> {
  const sessionKey = await sessionKeyOf(installation, sealer)
  assert(sessionKey !== undefined, 'the session key is made when the control port opens')
  const seal = new SessionSeal(sessionKey)
  const key = newTemporaryKeyId(randomBytes)
  const issuedMs = now.getTime()
  const expiresMs = issuedMs + seconds * 1_000
  return {
    AccessKeyId: key,
    SecretAccessKey: seal.secretOf(key),
    SessionToken: seal.seal({ ...claims, key, issuedMs, expiresMs }, randomBytes(NONCE_BYTES)),
    Expiration: new Date(expiresMs),
  }
}
