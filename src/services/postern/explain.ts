/** What became of calls of the data plane, as an operation: one by its id, or the last ones with a status. */

import { setTimeout as pause } from 'node:timers/promises'
import { ServiceError } from '../../aws/service-error.ts'
import type { ExplainedCall } from '../../observability/explain/explained-call.ts'
import { read } from '../service.ts'

export interface ExplainCallsRequest {
  /** `apigw-requestid` of the answer. */
  readonly RequestId?: string
  /** `404`, `5xx`; any of them. */
  readonly Statuses?: readonly string[]
  readonly ApiId?: string
  readonly RouteKey?: string
  readonly MaxResults?: number
}

export interface ExplainCallsResponse {
  /** The newest first. */
  readonly Calls: readonly ExplainedCall[]
  /** How many calls are kept at this moment, and since when (milliseconds since the epoch). */
  readonly Kept: number
  readonly KeptSince: number
}

const LATE_MS = 100
const RESULTS_DEFAULT = 1
const RESULTS_MAX = 100
const STATUS = /^(?:[1-5]xx|[1-5]\d\d)$/

export const explainOperations = {
  /** A read-only key sees the calls of its own account; those that found no stage belong to none. */
  ExplainCalls: read<ExplainCallsRequest, ExplainCallsResponse>(
    async (request, { explain, caller }) => {
      const { RequestId: requestId, Statuses: statuses, ApiId: apiId, RouteKey: routeKey } = request
      const { MaxResults: count = RESULTS_DEFAULT } = request
      if (!Number.isInteger(count) || count < 1 || count > RESULTS_MAX) {
        throw bad(`MaxResults is a whole number from 1 to ${RESULTS_MAX}.`)
      }
      const wrong = statuses?.find((each) => !STATUS.test(each))
      if (wrong !== undefined) throw bad(`${wrong} is no status. Write 404, or 5xx.`)
      if (explain === undefined) throw bad('This Postern keeps nothing of its calls.')
      const query = {
        ...(requestId === undefined ? {} : { requestId }),
        ...(statuses === undefined ? {} : { statuses }),
        ...(apiId === undefined ? {} : { apiId }),
        ...(routeKey === undefined ? {} : { routeKey }),
        ...(caller.readOnly ? { accountId: caller.accountId } : {}),
        count,
      }
      let answer = explain(query)
      // A call is answered just before it is recorded, by a thread that may have been held up in between.
      if (requestId !== undefined && answer.calls.length === 0) {
        await pause(LATE_MS)
        answer = explain(query)
      }
      return { Calls: answer.calls, Kept: answer.kept, KeptSince: answer.keptSince }
    },
  ),
}

function bad(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
