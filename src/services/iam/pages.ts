/** Lists of IAM: `Marker`, `MaxItems`, `IsTruncated`. */

import { ServiceError } from '../../aws/service-error.ts'
import { type Body, InvalidCursor } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'
import type { EntityKind } from './entities.ts'

const PAGE = 100

export interface PageRequest {
  readonly Marker?: string
  readonly MaxItems?: number
  readonly PathPrefix?: string
}

export interface EntityPage<T> {
  readonly items: readonly T[]
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string }
}

export async function pageOf<T extends Body & { readonly Path: string }>(
  { records }: ReadContext,
  kind: EntityKind,
  { Marker, MaxItems, PathPrefix = '/' }: PageRequest,
): Promise<EntityPage<T>> {
  const limit = MaxItems ?? PAGE
  try {
    const after = Marker === undefined ? {} : { after: Marker }
    const page = await records.list<T>(kind, '', { limit, ...after })
    const items = page.records
      .map(({ body }) => body)
      .filter(({ Path }) => Path.startsWith(PathPrefix))
    const { next } = page
    const rest = next === undefined ? {} : { Marker: next }
    return { items, rest: { IsTruncated: next !== undefined, ...rest } }
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error
    throw new ServiceError('ValidationException', 'Invalid Marker specified.')
  }
}
