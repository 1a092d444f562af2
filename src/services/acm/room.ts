/** How many certificates an account may have in a region. */

import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'
import { allCertificates } from './found.ts'

/** Throws LimitExceededException. */
export async function requireRoom({
  records,
  settings,
}: Pick<ReadContext, 'records' | 'settings'>) {
  const most = settings.limits.certificatesPerAccount
  if ((await allCertificates(records)).length < most) return
  throw new ServiceError(
    'LimitExceededException',
    `There are ${most} certificates in account ${records.scope.accountId}, region ${records.scope.region}: no more.`,
  )
}
