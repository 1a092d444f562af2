/**
 * TagResource, UntagResource and GetTags: tags stand in the records of what they are on, and change nothing else.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html
 */

import type {
  GetTagsRequest,
  GetTagsResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { StoredRecord } from '../../storage/store.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { keyOfArn } from './arn.ts'
import { checkedTags, type Tags } from './tag-rules.ts'

interface Tagged {
  readonly Tags?: Tags
}

export const tagOperations = {
  GetTags: read<GetTagsRequest, GetTagsResponse>(getTags),
  TagResource: write<TagResourceRequest, TagResourceResponse>(tagResource),
  UntagResource: write<UntagResourceRequest, object>(untagResource),
}

async function getTags(request: GetTagsRequest, context: ReadContext): Promise<GetTagsResponse> {
  const { body } = await requireTagged(context, request.ResourceArn!)
  return { Tags: { ...body.Tags } }
}

async function tagResource(
  request: TagResourceRequest,
  context: WriteContext,
): Promise<TagResourceResponse> {
  const record = await requireTagged(context, request.ResourceArn!)
  const added = checkedTags(context, request.Tags)
  await putTags(context, record, checkedTags(context, { ...record.body.Tags, ...added }))
  return {}
}

/** Keys that are not there are taken away already. */
async function untagResource(
  request: UntagResourceRequest,
  context: WriteContext,
): Promise<object> {
  const record = await requireTagged(context, request.ResourceArn!)
  const gone = new Set(request.TagKeys)
  const kept = Object.entries(record.body.Tags ?? {}).filter(([key]) => !gone.has(key))
  await putTags(context, record, Object.fromEntries(kept))
  return {}
}

async function requireTagged(context: ReadContext, arn: string): Promise<StoredRecord<Tagged>> {
  const record = await context.records.get<Tagged>(keyOfArn(context.scope, arn))
  if (record !== undefined) return record
  throw new ServiceError('NotFoundException', `Invalid resource ARN specified: ${arn}`)
}

async function putTags(
  { records }: WriteContext,
  { kind, parent, id, body }: StoredRecord<Tagged>,
  tags: Tags,
): Promise<void> {
  await records.put({ kind, parent, id }, { ...body, Tags: tags })
}
