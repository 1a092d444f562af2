/** Lists of apigateway: `position` and `limit`. The position is the id of the last entry of the page before. */

import { ServiceError } from '../../aws/service-error.ts'

const PAGE_DEFAULT = 25
const PAGE_MAX = 500

export interface PageRequest {
  readonly position?: string | undefined
  readonly limit?: number | undefined
}

export interface Page<T> {
  readonly items: T[]
  readonly position?: string
}

export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { position, limit = PAGE_DEFAULT }: PageRequest,
): Page<T> {
  if (!Number.isInteger(limit) || limit < 1) throw invalid(`Invalid limit specified: ${limit}`)
  const before = position === undefined ? -1 : all.findIndex(({ id }) => id === position)
  if (position !== undefined && before === -1) throw invalid('Invalid position specified')
  const items = all.slice(before + 1, before + 1 + Math.min(limit, PAGE_MAX))
  const isLast = before + 1 + items.length >= all.length
  return isLast ? { items } : { items, position: items.at(-1)!.id }
}

function invalid(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}
