/**
 * Tags of certificates, by both families of operations that ACM has for them; they change nothing else.
 *
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html
 */

import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  ListTagsForResourceRequest,
  RemoveTagsFromCertificateRequest,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-acm'
import { ServiceError } from '../../aws/service-error.ts'
import { type CertificateTag, certificateKey } from '../../certificates/certificate-record.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { requireCertificate } from './found.ts'

export const certificateTagOperations = {
  AddTagsToCertificate: write<AddTagsToCertificateRequest, object>((request, context) =>
    add(context, request.CertificateArn!, request.Tags!),
  ),
  TagResource: write<TagResourceRequest, object>((request, context) =>
    add(context, request.ResourceArn!, request.Tags!),
  ),
  RemoveTagsFromCertificate: write<RemoveTagsFromCertificateRequest, object>((request, context) =>
    remove(context, request.CertificateArn!, (tag) =>
      request.Tags!.some(
        ({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === tag.Value),
      ),
    ),
  ),
  UntagResource: write<UntagResourceRequest, object>((request, context) =>
    remove(context, request.ResourceArn!, ({ Key }) => request.TagKeys!.includes(Key)),
  ),
  ListTagsForCertificate: read<ListTagsForCertificateRequest, object>((request, context) =>
    list(context, request.CertificateArn!),
  ),
  ListTagsForResource: read<ListTagsForResourceRequest, object>((request, context) =>
    list(context, request.ResourceArn!),
  ),
}

/** Later ones replace those of the same key. Throws TooManyTagsException, InvalidTagException. */
export function mergedTags(
  { settings }: Pick<ReadContext, 'settings'>,
  before: readonly CertificateTag[],
  given: readonly Tag[],
): readonly CertificateTag[] {
  const tags = new Map(before.map((tag) => [tag.Key, tag]))
  for (const { Key = '', Value } of given) {
    if (/^aws:/i.test(Key)) {
      const message = `The tag key ${Key} begins with aws:, which is reserved.`
      throw new ServiceError('InvalidTagException', message)
    }
    tags.set(Key, { Key, ...(Value === undefined ? {} : { Value }) })
  }
  const most = settings.limits.tagsPerResource
  if (tags.size <= most) return [...tags.values()]
  throw new ServiceError('TooManyTagsException', `A certificate can have at most ${most} tags.`)
}

async function add(context: WriteContext, arn: string, given: readonly Tag[]): Promise<object> {
  const { records } = context
  const record = await requireCertificate(records, arn)
  const Tags = mergedTags(context, record.Tags, given)
  await records.put(certificateKey(arn), { ...record, Tags })
  return {}
}

async function remove(
  { records }: WriteContext,
  arn: string,
  isGone: (tag: CertificateTag) => boolean,
): Promise<object> {
  const record = await requireCertificate(records, arn)
  const Tags = record.Tags.filter((tag) => !isGone(tag))
  await records.put(certificateKey(arn), { ...record, Tags })
  return {}
}

async function list({ records }: ReadContext, arn: string): Promise<object> {
  return { Tags: (await requireCertificate(records, arn)).Tags }
}
