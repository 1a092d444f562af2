/** The audit log, as an operation: the newest entries, and whether the chain of their hashes holds. */

import { ServiceError } from '../../aws/service-error.ts'
import { read } from '../service.ts'
import { requireFullKey } from './access-key.ts'
import type { GetAuditLogRequest, GetAuditLogResponse } from './messages.ts'

const RESULTS_DEFAULT = 50
const RESULTS_MAX = 1_000

export const auditLogOperations = {
  /** The log has what every account did, so it is not for read-only keys. */
  GetAuditLog: read<GetAuditLogRequest, GetAuditLogResponse>(async (request, context) => {
    requireFullKey(context.caller, 'GetAuditLog')
    const { MaxResults: limit = RESULTS_DEFAULT, Before: before } = request
    if (!Number.isInteger(limit) || limit < 1 || limit > RESULTS_MAX) {
      const message = `MaxResults is a whole number from 1 to ${RESULTS_MAX}.`
      throw new ServiceError('BadRequestException', message)
    }
    const { log, verify } = context.audit
    const records = await log({ limit, ...(before === undefined ? {} : { before }) })
    const brokenAt = await verify()
    return {
      Records: records,
      Intact: brokenAt === undefined,
      ...(brokenAt === undefined ? {} : { BrokenAt: brokenAt }),
    }
  }),
}
