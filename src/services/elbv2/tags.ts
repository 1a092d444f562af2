/** Tags of everything that has an ARN. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html */

import type {
  AddTagsInput,
  DescribeTagsInput,
  RemoveTagsInput,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type ReadContext, read, write } from '../service.ts'
import { elbTypeOf, keyOf } from './arn.ts'
import { invalid } from './errors.ts'
import { listenerOf, loadBalancerOf, ruleOf, targetGroupOf } from './found.ts'
import { mergedTags } from './tag-rules.ts'

const FINDERS = {
  loadbalancer: loadBalancerOf,
  listener: listenerOf,
  'listener-rule': ruleOf,
  targetgroup: targetGroupOf,
} as const

export const tagOperations = {
  AddTags: write<AddTagsInput, object>(async ({ ResourceArns = [], Tags }, context) => {
    const { tagsPerResource } = context.settings.limits
    for (const arn of ResourceArns) {
      const { key, record } = await tagged(arn, context)
      const merged = mergedTags(record.Tags, Tags, tagsPerResource)
      await context.records.put(key, { ...record, Tags: merged })
    }
    return {}
  }),

  RemoveTags: write<RemoveTagsInput, object>(
    async ({ ResourceArns = [], TagKeys = [] }, context) => {
      for (const arn of ResourceArns) {
        const { key, record } = await tagged(arn, context)
        const Tags = record.Tags.filter(({ Key }) => !TagKeys.includes(Key!))
        await context.records.put(key, { ...record, Tags })
      }
      return {}
    },
  ),

  DescribeTags: read<DescribeTagsInput, object>(async ({ ResourceArns = [] }, context) => {
    const found = await Promise.all(ResourceArns.map((arn) => tagged(arn, context)))
    const TagDescriptions = found.map(({ record: { Tags } }, i) => ({
      ResourceArn: ResourceArns[i],
      Tags,
    }))
    return { TagDescriptions }
  }),
}

async function tagged(arn: string, context: ReadContext) {
  const type = elbTypeOf(context.scope, arn)
  if (type === undefined) throw invalid(`'${arn.slice(0, 200)}' is not a valid load balancer ARN`)
  const record: { readonly Tags: readonly Tag[] } = await FINDERS[type](context, arn)
  return { key: keyOf(type, arn), record }
}
