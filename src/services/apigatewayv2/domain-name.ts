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
import {
  type DecideContext,
  type Decision,
  decide,
  type ReadContext,
  read,
  type WriteContext,
  write,
} from '../service.ts'
import { arnOf } from './arn.ts'
import {
  changeDomainNameRecord,
  createDomainNameRecord,
  deleteDomainNameRecord,
  endpointNameOf,
  requireDomainName,
} from './domain-name-records.ts'
import { checkDomainName } from './domain-name-rules.ts'
import { readNewTrust } from './domain-truststore.ts'
import { withoutUndefined } from './merge-patch.ts'
import { listPage } from './paging.ts'
import type { DomainNameRecord } from './records.ts'

export const domainNameOperations = {
  CreateDomainName: decide<CreateDomainNameRequest, CreateDomainNameResponse>(createDomainName),
  DeleteDomainName: write<DeleteDomainNameRequest, object>(deleteDomainName),
  GetDomainName: read<GetDomainNameRequest, GetDomainNameResponse>(getDomainName),
  GetDomainNames: read<GetDomainNamesRequest, GetDomainNamesResponse>(getDomainNames),
  UpdateDomainName: decide<UpdateDomainNameRequest, UpdateDomainNameResponse>(updateDomainName),
}

async function createDomainName(
  request: CreateDomainNameRequest,
  context: DecideContext,
): Promise<Decision<CreateDomainNameResponse>> {
  const { DomainName: name, MutualTlsAuthentication } = request
  checkDomainName(name!)
  const trust = await readNewTrust(context, name, MutualTlsAuthentication)
  const given = {
    configurations: request.DomainNameConfigurations,
    routingMode: request.RoutingMode,
    tags: request.Tags,
    trust,
  }
  const commit = async (writing: WriteContext) =>
    show(writing, await createDomainNameRecord(writing, name!, given))
  return { commit }
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
  context: DecideContext,
): Promise<Decision<UpdateDomainNameResponse>> {
  const { DomainName: name, DomainNameConfigurations: configurations } = request
  await context.read((reading) => requireDomainName(reading, name))
  const trust = await readNewTrust(context, name, request.MutualTlsAuthentication)
  const change = { configurations, routingMode: request.RoutingMode, trust }
  const commit = async (writing: WriteContext) =>
    show(writing, await changeDomainNameRecord(writing, name, change))
  return { commit }
}

async function deleteDomainName(
  request: DeleteDomainNameRequest,
  context: WriteContext,
): Promise<object> {
  await deleteDomainNameRecord(context, request.DomainName)
  return {}
}

function show(context: ReadContext, record: DomainNameRecord): DomainName {
  const { endpointId: _, endpointAccessMode: __, DomainNameConfigurations, ...rest } = record
  return withoutUndefined({
    ...rest,
    ApiMappingSelectionExpression: '$request.basepath',
    DomainNameArn: arnOf(context.scope, `/domainnames/${record.DomainName}`),
    DomainNameConfigurations: (DomainNameConfigurations ?? []).map((configuration) => ({
      ...configuration,
      ApiGatewayDomainName: endpointNameOf(context, record),
      DomainNameStatus: 'AVAILABLE' as const,
    })),
  }) as DomainName
}
