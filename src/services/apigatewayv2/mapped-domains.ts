/**
 * What API mappings hold in place: an API and a stage that a domain name leads to cannot be deleted.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'
import { listAll } from './paging.ts'
import type { ApiMappingRecord, DomainNameRecord } from './records.ts'

export async function requireApiUnmapped(context: ReadContext, apiId: string): Promise<void> {
  const domains = await domainsMappedTo(context, (mapping) => mapping.ApiId === apiId)
  if (domains.length === 0) return
  throw new ServiceError(
    'BadRequestException',
    `Deleting API ${apiId} failed. Please remove all API mappings for the API from your custom domain names. ` +
      `They are: ${domains.join(', ')}`,
  )
}

export async function requireStageUnmapped(
  context: ReadContext,
  { apiId, stageName }: { readonly apiId: string; readonly stageName: string },
): Promise<void> {
  const domains = await domainsMappedTo(
    context,
    (mapping) => mapping.ApiId === apiId && mapping.Stage === stageName,
  )
  if (domains.length === 0) return
  throw new ServiceError(
    'BadRequestException',
    `Deleting stage ${stageName} failed. Please remove all base path mappings related to the stage in your ` +
      `domains: ${domains.join(', ')}`,
  )
}

async function domainsMappedTo(
  context: ReadContext,
  leads: (mapping: ApiMappingRecord) => boolean,
): Promise<string[]> {
  const found: string[] = []
  for (const { id } of await listAll<DomainNameRecord>(context, KIND)) {
    const mappings = await listAll<ApiMappingRecord>(context, { kind: 'api-mapping', parent: id })
    if (mappings.some(({ body }) => leads(body))) found.push(id)
  }
  return found
}

const KIND = { kind: 'domain-name', parent: '' } as const
