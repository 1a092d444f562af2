/**
 * The outbox, as an operation: what was written to users of pools, newest first, with the codes in it.
 *
 * Whoever reads a code can take the account over, so this is not for read-only keys.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { OUTBOX_KIND, type OutboxMessage } from '../../identity/messages/outbox-message.ts'
import { type ReadContext, read } from '../service.ts'
import { requireFullKey } from './access-key.ts'

export interface ListOutboxMessagesRequest {
  readonly UserPoolId?: string
  readonly Username?: string
  readonly MaxResults?: number
}

export interface ListOutboxMessagesResponse {
  /** Newest first. */
  readonly Messages: readonly OutboxEntry[]
}

/** A message with its id. */
export type OutboxEntry = OutboxMessage & { readonly id: string }

const RESULTS_DEFAULT = 50
const RESULTS_MAX = 1_000

export const outboxOperations = {
  ListOutboxMessages: read<ListOutboxMessagesRequest, ListOutboxMessagesResponse>(
    async (request, context) => {
      requireFullKey(context.caller, 'ListOutboxMessages')
      const { UserPoolId, Username, MaxResults: limit = RESULTS_DEFAULT } = request
      if (!Number.isInteger(limit) || limit < 1 || limit > RESULTS_MAX) {
        const message = `MaxResults is a whole number from 1 to ${RESULTS_MAX}.`
        throw new ServiceError('BadRequestException', message)
      }
      const pools = UserPoolId === undefined ? await poolIds(context) : [UserPoolId]
      const messages: OutboxEntry[] = []
      for (const pool of pools) messages.push(...(await messagesOf(context, pool)))
      return {
        Messages: messages
          .filter(({ username }) => Username === undefined || username === Username)
          // In one pool they come as they were made; several may share a millisecond.
          .reverse()
          .toSorted((a, b) => compare(b.createdAt, a.createdAt))
          .slice(0, limit),
      }
    },
  ),
}

async function poolIds({ records }: ReadContext): Promise<string[]> {
  return (await records.list('user-pool', '')).records.map(({ id }) => id)
}

async function messagesOf({ records }: ReadContext, poolId: string): Promise<OutboxEntry[]> {
  const page = await records.list<OutboxMessage>(OUTBOX_KIND, poolId)
  return page.records.map(({ id, body }) => ({ id, ...body }))
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
