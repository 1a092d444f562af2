/** Lists of Elastic Load Balancing: `Marker`, `PageSize`, `NextMarker`. */

import { type Body, InvalidCursor } from '../../storage/store.ts'
import type { ReadContext } from '../service.ts'
import { invalid } from './errors.ts'

/** Most entries of one page, and how many there are when the call does not say. */
const PAGE = 400

export interface PageRequest {
  readonly Marker?: string | undefined
  readonly PageSize?: number | undefined
}

export interface Listed<T> {
  readonly items: readonly T[]
  readonly rest: { readonly NextMarker?: string }
}

export async function pageOf<T extends Body>(
  { records }: ReadContext,
  { kind, parent }: { readonly kind: string; readonly parent: string },
  { Marker, PageSize = PAGE }: PageRequest,
): Promise<Listed<T>> {
  try {
    const after = Marker ? { after: Marker } : {}
    const { records: found, next } = await records.list<T>(kind, parent, {
      limit: PageSize,
      ...after,
    })
    const rest = next === undefined ? {} : { NextMarker: next }
    return { items: found.map(({ body }) => body), rest }
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error
    throw invalid('The marker is not valid')
  }
}

export async function listAll<T extends Body>(
  { records }: Pick<ReadContext, 'records'>,
  kind: string,
  parent = '',
): Promise<readonly T[]> {
  return (await records.list<T>(kind, parent)).records.map(({ body }) => body)
}
