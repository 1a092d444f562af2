/** Tags of namespaces and services. */

import type {
  ListTagsForResourceRequest,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-servicediscovery'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, write } from '../service.ts'
import { discoveryArn, invalidInput } from './found.ts'
import { NAMESPACE, SERVICE } from './kinds.ts'

export const tagOperations = {
  ListTagsForResource: read<ListTagsForResourceRequest, object>(
    async ({ ResourceARN }, context) => {
      const { record } = await tagged(ResourceARN!, context)
      return { Tags: record.Tags }
    },
  ),

  TagResource: write<TagResourceRequest, object>(async ({ ResourceARN, Tags }, context) => {
    const { key, record } = await tagged(ResourceARN!, context)
    const merged = mergedTags(record.Tags, Tags, context.settings.limits.tagsPerResource)
    await context.records.put(key, { ...record, Tags: merged })
    return {}
  }),

  UntagResource: write<UntagResourceRequest, object>(
    async ({ ResourceARN, TagKeys = [] }, context) => {
      const { key, record } = await tagged(ResourceARN!, context)
      const Tags = record.Tags.filter(({ Key }) => !TagKeys.includes(Key!))
      await context.records.put(key, { ...record, Tags })
      return {}
    },
  ),
}

/** New ones, and new values of old ones. Throws for what tags may not be. */
export function mergedTags(
  before: readonly Tag[],
  added: readonly Tag[] | undefined,
  most: number,
): Tag[] {
  const tags = new Map(before.map((tag) => [tag.Key!, tag]))
  for (const { Key = '', Value = '' } of added ?? []) {
    if (Key.toLowerCase().startsWith('aws:'))
      throw invalidInput('Tag keys must not begin with aws:')
    tags.set(Key, { Key, Value })
  }
  if (tags.size <= most) return [...tags.values()]
  throw new ServiceError('TooManyTagsException', `A resource has at most ${most} tags.`)
}

async function tagged(arn: string, context: ReadContext) {
  for (const [type, kind] of [
    ['namespace', NAMESPACE],
    ['service', SERVICE],
  ] as const) {
    const start = discoveryArn(context, type, '')
    if (!arn.startsWith(start)) continue
    const key = { kind, parent: '', id: arn.slice(start.length) }
    const record = await context.records.get<{ readonly Tags: readonly Tag[] }>(key)
    if (record !== undefined) return { key, record: record.body }
  }
  throw new ServiceError('ResourceNotFoundException', `${arn.slice(0, 200)} does not exist.`)
}
