/** Ids of new resources, as long as those of AWS, and free. */

import { assert } from '../../base/assert.ts'
import type { WriteContext } from '../service.ts'
import type { Kind } from './records.ts'

export const ID_LENGTHS = {
  api: 10,
  route: 7,
  integration: 7,
  authorizer: 6,
  model: 6,
  deployment: 6,
  'api-mapping': 6,
  'routing-rule': 6,
  'vpc-link': 6,
} as const satisfies Partial<Record<Kind, number>>

/** Six random characters of thirty-six meet a used one once in two thousand million. */
const ATTEMPTS_MAX = 32

/** What ids are made from. */
export type IdSource = Pick<WriteContext, 'records' | 'newId'>

export async function newChildId(
  context: IdSource,
  kind: Exclude<keyof typeof ID_LENGTHS, 'api'>,
  parent: string,
): Promise<string> {
  return firstFree(context, ID_LENGTHS[kind], async (id) => {
    return (await context.records.get({ kind, parent, id })) === undefined
  })
}

/** Unlike other ids it must be free everywhere, because the names of APIs share one space of hosts. */
export async function newApiId(context: WriteContext): Promise<string> {
  return firstFree(context, ID_LENGTHS.api, async (id) => {
    const own = await context.records.get({ kind: 'api', parent: '', id })
    return own === undefined && (await context.isApiIdFree(id))
  })
}

async function firstFree(
  context: IdSource,
  length: number,
  isFree: (id: string) => Promise<boolean>,
): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const id = context.newId(length)
    if (await isFree(id)) return id
  }
  assert(false, 'no free id was found')
}
