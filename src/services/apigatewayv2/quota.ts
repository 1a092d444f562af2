/** Quotas of the `domain/limits.ts` table that count resources: is there room for one more? */

import { ServiceError } from '../../aws/service-error.ts'
import type { LimitName } from '../../domain/limits.ts'
import type { ReadContext } from '../service.ts'
import { type ListPlace, listAll } from './paging.ts'

export interface Quota extends ListPlace {
  readonly limit: LimitName
  /** `routes for this API` */
  readonly noun: string
}

/** Throws when as many are there as may be. */
export async function requireRoom(context: ReadContext, quota: Quota): Promise<void> {
  requireRoomBeside(context, (await listAll(context, quota)).length, quota)
}

/** The same where the caller has counted already. */
export function requireRoomBeside(
  { settings }: ReadContext,
  count: number,
  { limit, noun }: Pick<Quota, 'limit' | 'noun'>,
): void {
  const most = settings.limits[limit]
  if (count < most) return
  throw new ServiceError(
    'TooManyRequestsException',
    `Maximum number of ${noun} has been reached: ${most}. Remove some, or raise the limit with --limit ${limit}=<number>`,
    { limitType: limit },
  )
}
