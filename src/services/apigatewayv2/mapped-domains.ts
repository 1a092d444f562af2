/**
 * What API mappings and routing rules hold in place: an API and a stage that a domain name leads to cannot be deleted.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
 */

import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext } from '../service.ts'
import { listAll } from './paging.ts'
import type { ApiMappingRecord, DomainNameRecord, RoutingRuleRecord } from './records.ts'

export async function requireApiUnmapped(context: ReadContext, apiId: string): Promise<void> {
  const domains = await domainsLeadingTo(context, (lead) => lead.ApiId === apiId)
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
  const domains = await domainsLeadingTo(
    context,
    (lead) => lead.ApiId === apiId && lead.Stage === stageName,
  )
  if (domains.length === 0) return
  throw new ServiceError(
    'BadRequestException',
    `Deleting stage ${stageName} failed. Please remove all base path mappings related to the stage in your ` +
      `domains: ${domains.join(', ')}`,
  )
}

type Lead = Pick<ApiMappingRecord, 'ApiId' | 'Stage'>

async function domainsLeadingTo(
  context: ReadContext,
  leads: (lead: Lead) => boolean,
): Promise<string[]> {
  const found: string[] = []
  for (const { id: parent } of await listAll<DomainNameRecord>(context, KIND)) {
    const mappings = await listAll<ApiMappingRecord>(context, { kind: 'api-mapping', parent })
    const rules = await listAll<RoutingRuleRecord>(context, { kind: 'routing-rule', parent })
    const actions = rules.map(({ body }) => body.Actions[0].InvokeApi)
    if ([...mappings.map(({ body }) => body), ...actions].some(leads)) found.push(parent)
  }
  return found
}

const KIND = { kind: 'domain-name', parent: '' } as const
