/**
 * Lists: `maxResults` and `nextToken` of every Get…s operation.
 *
 * `maxResults` is a text in the service model. The token is the store's own cursor, so a page goes on where the one
 * before ended whatever has been added or removed meanwhile.
 */

import { ServiceError } from '../../aws/service-error.ts'
import { type Body, InvalidCursor, type StoredRecord } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'
import type { Kind } from './records.ts'

/** Most entries of one page, and how many there are when the call does not say. */
const PAGE_MAX = 500

export interface ListRequest {
  readonly MaxResults?: string | undefined
  readonly NextToken?: string | undefined
}

export interface ListPlace {
  readonly kind: Kind
  /** '' for what stands alone. */
  readonly parent: string
}

/** One page of records, each as the operation shows it. */
export async function listPage<T extends Body, Item>(
  context: ReadContext,
  { kind, parent, request }: ListPlace & { readonly request: ListRequest },
  show: (body: T, record: StoredRecord<T>) => Item,
): Promise<{ Items: Item[]; NextToken?: string }> {
  const limit = pageSize(request.MaxResults)
  const after = request.NextToken ? { after: request.NextToken } : {}
  try {
    const page = await context.records.list<T>(kind, parent, { limit, ...after })
    const Items = page.records.map((record) => show(record.body, record))
    return page.next === undefined ? { Items } : { Items, NextToken: page.next }
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error
    throw new ServiceError('BadRequestException', 'Invalid nextToken specified')
  }
}

/** Every record of a kind, for rules that concern them all. */
export async function listAll<T extends Body>(
  context: ReadContext,
  { kind, parent }: ListPlace,
): Promise<readonly StoredRecord<T>[]> {
  return (await context.records.list<T>(kind, parent)).records
}

function pageSize(text: string | undefined): number {
  if (text === undefined || text === '') return PAGE_MAX
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (size >= 1 && size <= PAGE_MAX) return size
  throw new ServiceError(
    'BadRequestException',
    `Invalid maxResults specified: ${text}. It must be a number from 1 to ${PAGE_MAX}`,
  )
}
