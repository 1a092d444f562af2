/** What tags may be, and what becomes of them when some are added. */

import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ServiceError } from '../../aws/service-error.ts'
import { invalid } from './errors.ts'

/** Throws for what tags may not be. */
export function mergedTags(
  before: readonly Tag[],
  added: readonly Tag[] | undefined,
  most: number,
): Tag[] {
  const tags = new Map(before.map((tag) => [tag.Key!, tag]))
  const seen = new Set<string>()
  for (const { Key = '', Value = '' } of added ?? []) {
    if (Key.toLowerCase().startsWith('aws:')) throw invalid('Tag keys must not begin with aws:')
    if (seen.has(Key)) {
      throw new ServiceError('DuplicateTagKeysException', `Tag key '${Key}' was specified twice`)
    }
    seen.add(Key)
    tags.set(Key, { Key, Value })
  }
  if (tags.size <= most) return [...tags.values()]
  throw new ServiceError('TooManyTagsException', `A resource has at most ${most} tags`)
}
