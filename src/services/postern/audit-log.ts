/** The audit log, as an operation: the newest entries, and whether the chain of their hashes holds. */

import { ServiceError } from '../../aws/service-error.ts'
import type { AuditRecord } from '../../storage/store.ts'
import { read } from '../service.ts'
import { requireFullKey } from './access-key.ts'

export interface GetAuditLogRequest {
  readonly MaxResults?: number
  /** Only entries older than this sequence. */
  readonly Before?: number
}

export interface GetAuditLogResponse {
  /** Newest first. */
  readonly Records: readonly AuditRecord[]
  /** Every hash of the whole log fits. */
  readonly Intact: boolean
  /** Sequence of the first record that does not fit. */
  readonly BrokenAt?: number
}

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
