/**
 * Enrolment tokens: made, found again by their secret, used up. The store has hashes only.
 *
 * A secret has 256 random bits, so its plain SHA-256 cannot be searched for; all tokens of a link are compared, each in
 * constant time.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { ServiceError } from '../../aws/service-error.ts'
import type { Records } from '../../storage/store.ts'
import type { WriteContext } from '../service.ts'
import { LINK_TOKEN, type LinkTokenRecord } from './link-records.ts'

const SECRET_BYTES = 32
const ID_LENGTH = 10
/** The longest that a token may be good. */
export const TOKEN_LIFE_MAX_MS = 7 * 86_400_000

export interface NewToken {
  readonly secret: string
  readonly expiresAt: Date
}

/** Throws a ServiceError when there is no room, or the time is no time for a token. */
export async function putNewToken(
  context: WriteContext,
  vpcLinkId: string,
  lifeMs: number = context.settings.limits.linkTokenMs,
): Promise<NewToken> {
  const { records, now, newId, settings } = context
  if (!Number.isInteger(lifeMs) || lifeMs < 1_000 || lifeMs > TOKEN_LIFE_MAX_MS) {
    throw new ServiceError('BadRequestException', 'A token is good for a second to seven days.')
  }
  const good = await dropExpired(context, vpcLinkId)
  const most = settings.limits.linkTokens
  if (good >= most) {
    const message = `The link has ${most} tokens that are good and not used yet: use or revoke them, or raise --limit linkTokens=<number>`
    throw new ServiceError('TooManyRequestsException', message, { limitType: 'linkTokens' })
  }
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const expiresAt = new Date(now.getTime() + lifeMs)
  const token: LinkTokenRecord = {
    hash: hashOf(secret).toString('hex'),
    createdAt: now.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
  await records.put({ kind: LINK_TOKEN, parent: vpcLinkId, id: newId(ID_LENGTH) }, token)
  return { secret, expiresAt }
}

/** The id of the token with this secret that is good now; undefined: there is none. */
export async function findToken(
  records: Records,
  { vpcLinkId, secret }: { readonly vpcLinkId: string; readonly secret: string },
  now: Date,
): Promise<string | undefined> {
  const wanted = hashOf(secret)
  const page = await records.list<LinkTokenRecord>(LINK_TOKEN, vpcLinkId)
  let found: string | undefined
  for (const { id, body } of page.records) {
    const isThis = timingSafeEqual(Buffer.from(body.hash, 'hex'), wanted)
    if (isThis && Date.parse(body.expiresAt) > now.getTime()) found = id
  }
  return found
}

/** How many are left. */
async function dropExpired({ records, now }: WriteContext, vpcLinkId: string): Promise<number> {
  const page = await records.list<LinkTokenRecord>(LINK_TOKEN, vpcLinkId)
  let left = 0
  for (const { kind, parent, id, body } of page.records) {
    if (Date.parse(body.expiresAt) > now.getTime()) left++
    else await records.delete({ kind, parent, id })
  }
  return left
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
