/**
 * Custom domain names: host names that lead to stages, by their API mappings and routing rules. What a call has answered
 * is served.
 *
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html
 */

import type {
  CreateDomainNameRequest,
  CreateDomainNameResponse,
  DeleteDomainNameRequest,
  DomainName,
  GetDomainNameRequest,
  GetDomainNameResponse,
  GetDomainNamesRequest,
  GetDomainNamesResponse,
  UpdateDomainNameRequest,
  UpdateDomainNameResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { arnOf } from './arn.ts'
import {
  checkDomainName,
  DEFAULT_CONFIGURATION,
  mergedConfiguration,
  mergedMutualTls,
} from './domain-name-rules.ts'
import { withoutUndefined } from './merge-patch.ts'
import { requireRecord } from './not-found.ts'
import { listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { DomainNameRecord } from './records.ts'
import { checkedTags } from './tag-rules.ts'

/** `d-` and this many characters. */
const ENDPOINT_ID_LENGTH = 10

export const domainNameOperations = {
  CreateDomainName: write<CreateDomainNameRequest, CreateDomainNameResponse>(createDomainName),
  DeleteDomainName: write<DeleteDomainNameRequest, object>(deleteDomainName),
  GetDomainName: read<GetDomainNameRequest, GetDomainNameResponse>(getDomainName),
  GetDomainNames: read<GetDomainNamesRequest, GetDomainNamesResponse>(getDomainNames),
  UpdateDomainName: write<UpdateDomainNameRequest, UpdateDomainNameResponse>(updateDomainName),
}

async function createDomainName(
  request: CreateDomainNameRequest,
  context: WriteContext,
): Promise<CreateDomainNameResponse> {
  const name = request.DomainName!
  const { region } = context.scope
  checkDomainName(name)
  const record: DomainNameRecord = {
    DomainName: name,
    DomainNameConfigurations: [
      mergedConfiguration(DEFAULT_CONFIGURATION, request.DomainNameConfigurations, region),
    ],
    MutualTlsAuthentication: mergedMutualTls(undefined, request.MutualTlsAuthentication),
    RoutingMode: request.RoutingMode ?? 'API_MAPPING_ONLY',
    Tags: checkedTags(context, request.Tags),
    endpointId: `d-${context.newId(ENDPOINT_ID_LENGTH)}`,
  }
  await requireNew(context, name)
  return put(context, record)
}

async function getDomainName(
  request: GetDomainNameRequest,
  context: ReadContext,
): Promise<GetDomainNameResponse> {
  return show(context, await requireDomainName(context, request.DomainName))
}

async function getDomainNames(
  request: GetDomainNamesRequest,
  context: ReadContext,
): Promise<GetDomainNamesResponse> {
  const place = { kind: 'domain-name', parent: '', request } as const
  return listPage<DomainNameRecord, DomainName>(context, place, (body) => show(context, body))
}

async function updateDomainName(
  request: UpdateDomainNameRequest,
  context: WriteContext,
): Promise<UpdateDomainNameResponse> {
  const record = await requireDomainName(context, request.DomainName)
  const given = request.DomainNameConfigurations
  const [configuration = DEFAULT_CONFIGURATION] = record.DomainNameConfigurations ?? []
  return put(context, {
    ...record,
    DomainNameConfigurations: [
      given === undefined
        ? configuration
        : mergedConfiguration(configuration, given, context.scope.region),
    ],
    MutualTlsAuthentication: mergedMutualTls(
      record.MutualTlsAuthentication,
      request.MutualTlsAuthentication,
    ),
    RoutingMode: request.RoutingMode ?? record.RoutingMode,
  })
}

/** Its mappings and rules go with it. They are all that has it as parent: no id of another resource has a dot. */
async function deleteDomainName(
  request: DeleteDomainNameRequest,
  context: WriteContext,
): Promise<object> {
  const { DomainName: id } = await requireDomainName(context, request.DomainName)
  await context.records.deleteChildren(id!)
  await context.records.delete({ kind: 'domain-name', parent: '', id: id! })
  return {}
}

async function requireNew(context: WriteContext, id: string): Promise<void> {
  const place = { kind: 'domain-name', parent: '' } as const
  if (!(await context.isDomainNameFree(id))) {
    throw new ServiceError('ConflictException', 'The domain name you provided already exists.')
  }
  const noun = 'domain names in this region'
  await requireRoom(context, { ...place, limit: 'domainNamesPerRegion', noun })
}

function requireDomainName(
  context: ReadContext,
  name: string | undefined,
): Promise<DomainNameRecord> {
  return requireRecord<DomainNameRecord>(context, 'domain-name', name)
}

async function put(context: WriteContext, record: DomainNameRecord): Promise<DomainName> {
  await context.records.put({ kind: 'domain-name', parent: '', id: record.DomainName! }, record)
  return show(context, record)
}

function show({ scope, settings }: ReadContext, record: DomainNameRecord): DomainName {
  const { endpointId, endpointAccessMode: _, DomainNameConfigurations, ...rest } = record
  const endpoint = new URL(settings.apiEndpoint(endpointId, scope.region))
  return withoutUndefined({
    ...rest,
    ApiMappingSelectionExpression: '$request.basepath',
    DomainNameArn: arnOf(scope, `/domainnames/${record.DomainName}`),
    DomainNameConfigurations: (DomainNameConfigurations ?? []).map((configuration) => ({
      ...configuration,
      ApiGatewayDomainName: endpoint.hostname,
      DomainNameStatus: 'AVAILABLE' as const,
    })),
  }) as DomainName
}
