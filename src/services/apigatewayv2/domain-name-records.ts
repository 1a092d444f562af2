/**
 * Custom domain names as records: made, changed and deleted in one way, whichever of API Gateway's two APIs the call is of.
 *
 * Whether the certificate can be served is seen to by the document that listeners serve by, `acm/tls-document.ts`.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html
 */

import type { DomainNameConfiguration, RoutingMode } from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { ReadContext, WriteContext } from '../service.ts'
import { checkDomainName, DEFAULT_CONFIGURATION, mergedConfiguration } from './domain-name-rules.ts'
import { type NewTrust, putTrust } from './domain-truststore.ts'
import { requireRecord } from './not-found.ts'
import { requireRoom } from './quota.ts'
import type { DomainNameRecord } from './records.ts'
import { checkedTags, type Tags } from './tag-rules.ts'

/** `d-` and this many characters. */
const ENDPOINT_ID_LENGTH = 10

/** What both APIs can say. */
export interface DomainNameChange {
  readonly configurations?: readonly DomainNameConfiguration[] | undefined
  readonly routingMode?: RoutingMode | undefined
  readonly endpointAccessMode?: DomainNameRecord['endpointAccessMode']
  /** Undefined: mutual TLS stays as it is. */
  readonly trust: NewTrust | undefined
}

export async function createDomainNameRecord(
  context: WriteContext,
  name: string,
  given: DomainNameChange & { readonly tags: Tags | undefined },
): Promise<DomainNameRecord> {
  const { configurations, routingMode = 'API_MAPPING_ONLY', endpointAccessMode, trust } = given
  const place = { region: context.scope.region, domainName: name }
  checkDomainName(name)
  const record: DomainNameRecord = {
    DomainName: name,
    DomainNameConfigurations: [mergedConfiguration(DEFAULT_CONFIGURATION, configurations, place)],
    MutualTlsAuthentication: trust?.authentication,
    RoutingMode: routingMode,
    Tags: checkedTags(context, given.tags),
    endpointId: `d-${context.newId(ENDPOINT_ID_LENGTH)}`,
    ...(endpointAccessMode === undefined ? {} : { endpointAccessMode }),
  }
  await requireNew(context, name)
  if (trust !== undefined) await putTrust(context, name, trust.trust)
  return put(context, record)
}

export async function changeDomainNameRecord(
  context: WriteContext,
  name: string | undefined,
  { configurations, routingMode, endpointAccessMode, trust }: DomainNameChange,
): Promise<DomainNameRecord> {
  const record = await requireDomainName(context, name)
  const place = { region: context.scope.region, domainName: record.DomainName! }
  const [configuration = DEFAULT_CONFIGURATION] = record.DomainNameConfigurations ?? []
  const changed =
    configurations === undefined
      ? configuration
      : mergedConfiguration(configuration, configurations, place)
  if (trust !== undefined) await putTrust(context, record.DomainName!, trust.trust)
  return put(context, {
    ...record,
    DomainNameConfigurations: [changed],
    RoutingMode: routingMode ?? record.RoutingMode,
    ...(trust === undefined ? {} : { MutualTlsAuthentication: trust.authentication }),
    ...(endpointAccessMode === undefined ? {} : { endpointAccessMode }),
  })
}

/** Its mappings and rules go with it. They are all that has it as parent: no id of another resource has a dot. */
export async function deleteDomainNameRecord(
  context: WriteContext,
  name: string | undefined,
): Promise<void> {
  const { DomainName: id } = await requireDomainName(context, name)
  await context.records.deleteChildren(id!)
  await putTrust(context, id!, undefined)
  await context.records.delete({ kind: 'domain-name', parent: '', id: id! })
}

export function requireDomainName(
  context: ReadContext,
  name: string | undefined,
): Promise<DomainNameRecord> {
  return requireRecord<DomainNameRecord>(context, 'domain-name', name)
}

/** The name that a CNAME record points to. */
export function endpointNameOf(
  { scope, settings }: ReadContext,
  { endpointId }: DomainNameRecord,
): string {
  return new URL(settings.apiEndpoint(endpointId, scope.region)).hostname
}

/** Private domain names have an id besides; there are none here. */
export function refuseDomainNameId(domainNameId: string | undefined): void {
  if (domainNameId === undefined) return
  throw new ServiceError(
    'BadRequestException',
    'domainNameId belongs to private domain names, which are not supported',
  )
}

async function requireNew(context: WriteContext, id: string): Promise<void> {
  if (!(await context.isDomainNameFree(id))) {
    throw new ServiceError('ConflictException', 'The domain name you provided already exists.')
  }
  const noun = 'domain names in this region'
  const place = { kind: 'domain-name', parent: '' } as const
  await requireRoom(context, { ...place, limit: 'domainNamesPerRegion', noun })
}

async function put(context: WriteContext, record: DomainNameRecord): Promise<DomainNameRecord> {
  await context.records.put({ kind: 'domain-name', parent: '', id: record.DomainName! }, record)
  return record
}
