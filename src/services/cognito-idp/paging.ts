/** Lists of user pools: how many a page holds, and where the next one begins. */

import { ServiceError } from '../../aws/service-error.ts'
import type { Kind } from '../../identity/user-pools/records.ts'
import { type Body, InvalidCursor, type Page } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'

/** Most entries of one page, and how many there are when the call does not say. */
const PAGE_MAX = 60

export interface PageWish {
  readonly kind: Kind
  readonly parent: string
  readonly limit: number | undefined
  readonly token: string | undefined
}

export async function listPage<T extends Body>(
  { records }: ReadContext,
  { kind, parent, limit, token }: PageWish,
): Promise<Page<T>> {
  const size = limit === undefined || limit === 0 ? PAGE_MAX : limit
  try {
    const after = token === undefined ? {} : { after: token }
    return await records.list<T>(kind, parent, { limit: size, ...after })
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error
    throw new ServiceError('InvalidParameterException', 'Invalid pagination token.')
  }
}

/** Throws when as many are there as may be. */
export function requireRoom(count: number, most: number, noun: string): void {
  if (count < most) return
  throw new ServiceError('LimitExceededException', `Maximum number of ${noun} (${most}) exceeded.`)
}
