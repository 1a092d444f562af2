/**
 * From the records of custom domain names, API mappings and routing rules to the document that requests are looked up in.
 *
 * Made anew, as a whole, after every batch of writes that touches one of them.
 */

import type { RoutingRuleMatchHeaderValue } from '@aws-sdk/client-apigatewayv2'
import type {
  CustomDomain,
  DomainDocument,
  DomainMapping,
  DomainRule,
  HeaderGlob,
} from '../../../domain/custom-domain.ts'
import type { Change, Reader, StoredRecord } from '../../../storage/store.ts'
import type { ApiMappingRecord, DomainNameRecord, RoutingRuleRecord } from '../records.ts'

const KINDS: readonly string[] = ['domain-name', 'api-mapping', 'routing-rule']

export function touchesDomains(changes: readonly Change[]): boolean {
  return changes.some(({ key }) => KINDS.includes(key.kind))
}

export async function domainsOf(reader: Reader): Promise<DomainDocument> {
  const records = await reader.everywhere<DomainNameRecord>('domain-name')
  if (records.length === 0) return { revision: 0, domains: [] }
  const mappings = byDomain(await reader.everywhere<ApiMappingRecord>('api-mapping'))
  const rules = byDomain(await reader.everywhere<RoutingRuleRecord>('routing-rule'))
  const domains = new Map<string, CustomDomain>()
  for (const record of records) {
    // A name belongs to whoever had it first; those made before names were served may stand there twice.
    if (domains.has(record.id)) continue
    domains.set(record.id, {
      ...domainOf(record),
      mappings: (mappings.get(placeOf(record, record.id)) ?? []).map(mappingOf),
      rules: (rules.get(placeOf(record, record.id)) ?? []).map(ruleOf),
    })
  }
  return { revision: 0, domains: [...domains.values()] }
}

function byDomain<T extends object>(records: readonly StoredRecord<T>[]): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const record of records) {
    const place = placeOf(record, record.parent)
    const bodies = found.get(place)
    if (bodies === undefined) found.set(place, [record.body])
    else bodies.push(record.body)
  }
  return found
}

function placeOf({ scope: { accountId, region } }: StoredRecord, domainName: string): string {
  return `${accountId} ${region} ${domainName}`
}

function domainOf({
  scope,
  id,
  body,
}: StoredRecord<DomainNameRecord>): Omit<CustomDomain, 'mappings' | 'rules'> {
  return {
    domainName: id,
    accountId: scope.accountId,
    region: scope.region,
    endpointAccessMode: body.endpointAccessMode ?? 'BASIC',
    routingMode: body.RoutingMode ?? 'API_MAPPING_ONLY',
    mutualTls: body.MutualTlsAuthentication !== undefined,
  }
}

function mappingOf({ ApiMappingKey, ApiId, Stage }: ApiMappingRecord): DomainMapping {
  return { key: ApiMappingKey ?? '', apiId: ApiId!, stageName: Stage! }
}

function ruleOf({
  RoutingRuleId,
  Priority,
  Conditions,
  Actions: [{ InvokeApi }],
}: RoutingRuleRecord): DomainRule {
  return {
    ruleId: RoutingRuleId,
    priority: Priority,
    basePaths: Conditions.flatMap(({ MatchBasePaths }) => MatchBasePaths?.AnyOf ?? []),
    headers: Conditions.flatMap(({ MatchHeaders }) =>
      MatchHeaders === undefined ? [] : [(MatchHeaders.AnyOf ?? []).map(globOf)],
    ),
    apiId: InvokeApi.ApiId,
    stageName: InvokeApi.Stage,
    stripBasePath: InvokeApi.StripBasePath,
  }
}

function globOf({ Header, ValueGlob }: RoutingRuleMatchHeaderValue): HeaderGlob {
  return { name: Header!.toLowerCase(), glob: ValueGlob! }
}
