/** Tags of user pools; they change nothing else. */

import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cognito-identity-provider'
import type { UserPoolRecord } from '../../identity/user-pools/records.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { invalid, requirePool } from './found.ts'

export const tagOperations = {
  ListTagsForResource: read<ListTagsForResourceRequest, ListTagsForResourceResponse>(
    async ({ ResourceArn }, context) => ({
      Tags: { ...(await requireTagged(context, ResourceArn)).UserPoolTags },
    }),
  ),
  TagResource: write<TagResourceRequest, object>(async ({ ResourceArn, Tags }, context) => {
    const pool = await requireTagged(context, ResourceArn)
    return putTags(context, pool, { ...pool.UserPoolTags, ...Tags })
  }),
  UntagResource: write<UntagResourceRequest, object>(async (request, context) => {
    const pool = await requireTagged(context, request.ResourceArn)
    const gone = new Set(request.TagKeys)
    const kept = Object.entries(pool.UserPoolTags ?? {}).filter(([key]) => !gone.has(key))
    return putTags(context, pool, Object.fromEntries(kept))
  }),
}

function requireTagged(context: ReadContext, arn = ''): Promise<UserPoolRecord> {
  const { region, accountId } = context.scope
  const start = `arn:aws:cognito-idp:${region}:${accountId}:userpool/`
  if (!arn.startsWith(start)) throw invalid(`Invalid resource ARN: ${arn.slice(0, 200)}`)
  return requirePool(context, arn.slice(start.length))
}

async function putTags(
  { records, settings }: WriteContext,
  pool: UserPoolRecord,
  UserPoolTags: Record<string, string>,
): Promise<object> {
  const most = settings.limits.tagsPerResource
  if (Object.keys(UserPoolTags).length > most) {
    throw invalid(`A user pool can have at most ${most} tags.`)
  }
  await records.put({ kind: 'user-pool', parent: '', id: pool.Id }, { ...pool, UserPoolTags })
  return {}
}
