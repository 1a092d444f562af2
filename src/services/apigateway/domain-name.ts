/**
 * Custom domain names as the first API sees them: the records of the second, in other words. What only REST APIs at the
 * edge or in private networks have is refused.
 *
 * https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html
 */

import type {
  CreateDomainNameRequest,
  DeleteDomainNameRequest,
  DomainName,
  DomainNames,
  GetDomainNameRequest,
  GetDomainNamesRequest,
  UpdateDomainNameRequest,
} from '@aws-sdk/client-api-gateway'
import { arnOf } from '../apigatewayv2/arn.ts'
import {
  changeDomainNameRecord,
  createDomainNameRecord,
  deleteDomainNameRecord,
  endpointNameOf,
  refuseDomainNameId,
  requireDomainName,
} from '../apigatewayv2/domain-name-records.ts'
import { checkDomainName } from '../apigatewayv2/domain-name-rules.ts'
import { readNewTrust } from '../apigatewayv2/domain-truststore.ts'
import { withoutUndefined } from '../apigatewayv2/merge-patch.ts'
import { listAll } from '../apigatewayv2/paging.ts'
import type { DomainNameRecord } from '../apigatewayv2/records.ts'
import {
  type DecideContext,
  type Decision,
  decide,
  type ReadContext,
  read,
  type WriteContext,
  write,
} from '../service.ts'
import { configurationOf, modeOfSecond, refuseOthers } from './domain-name-members.ts'
import { patchedDomainName } from './domain-name-patch.ts'
import { pageOf } from './paging.ts'

export const domainNameOperations = {
  CreateDomainName: decide<CreateDomainNameRequest, DomainName>(createDomainName),
  GetDomainName: read<GetDomainNameRequest, DomainName>(getDomainName),
  GetDomainNames: read<GetDomainNamesRequest, DomainNames>(getDomainNames),
  UpdateDomainName: decide<UpdateDomainNameRequest, DomainName>(updateDomainName),
  DeleteDomainName: write<DeleteDomainNameRequest, object>(deleteDomainName),
}

async function createDomainName(
  request: CreateDomainNameRequest,
  context: DecideContext,
): Promise<Decision<DomainName>> {
  const { domainName: name, mutualTlsAuthentication, endpointAccessMode } = request
  refuseOthers(request)
  checkDomainName(name!)
  const trust = await readNewTrust(context, name, {
    TruststoreUri: mutualTlsAuthentication?.truststoreUri,
    TruststoreVersion: mutualTlsAuthentication?.truststoreVersion,
  })
  const given = {
    ...{ configurations: [configurationOf(request)], tags: request.tags, endpointAccessMode },
    routingMode: modeOfSecond(request.routingMode),
    trust: mutualTlsAuthentication === undefined ? undefined : trust,
  }
  const commit = async (writing: WriteContext) =>
    show(writing, await createDomainNameRecord(writing, name!, given))
  return { commit }
}

async function getDomainName(
  request: GetDomainNameRequest,
  context: ReadContext,
): Promise<DomainName> {
  refuseDomainNameId(request.domainNameId)
  return show(context, await requireDomainName(context, request.domainName))
}

async function getDomainNames(
  request: GetDomainNamesRequest,
  context: ReadContext,
): Promise<DomainNames> {
  // Only private domain names are shared between accounts.
  if (request.resourceOwner === 'OTHER_ACCOUNTS') return { items: [] }
  const place = { kind: 'domain-name', parent: '' } as const
  const { items, ...page } = pageOf(await listAll<DomainNameRecord>(context, place), request)
  return { items: items.map(({ body }) => show(context, body)), ...page }
}

async function updateDomainName(
  request: UpdateDomainNameRequest,
  context: DecideContext,
): Promise<Decision<DomainName>> {
  const { domainName: name, domainNameId, patchOperations } = request
  refuseDomainNameId(domainNameId)
  await context.read((reading) => requireDomainName(reading, name))
  const { mutualTls, ...change } = patchedDomainName(patchOperations)
  const trust = await readNewTrust(context, name, mutualTls)
  const commit = async (writing: WriteContext) =>
    show(writing, await changeDomainNameRecord(writing, name, { ...change, trust }))
  return { commit }
}

async function deleteDomainName(
  request: DeleteDomainNameRequest,
  context: WriteContext,
): Promise<object> {
  refuseDomainNameId(request.domainNameId)
  await deleteDomainNameRecord(context, request.domainName)
  return {}
}

function show(context: ReadContext, record: DomainNameRecord): DomainName {
  const [configuration] = record.DomainNameConfigurations ?? []
  const { EndpointType, IpAddressType, SecurityPolicy } = configuration ?? {}
  const trust = record.MutualTlsAuthentication
  return withoutUndefined({
    domainName: record.DomainName,
    domainNameArn: arnOf(context.scope, `/domainnames/${record.DomainName}`),
    domainNameStatus: 'AVAILABLE' as const,
    regionalDomainName: endpointNameOf(context, record),
    regionalCertificateArn: configuration?.CertificateArn,
    regionalCertificateName: configuration?.CertificateName,
    ownershipVerificationCertificateArn: configuration?.OwnershipVerificationCertificateArn,
    endpointConfiguration: { types: [EndpointType!], ipAddressType: IpAddressType },
    securityPolicy: SecurityPolicy,
    endpointAccessMode: record.endpointAccessMode,
    routingMode: record.RoutingMode?.replace('API_MAPPING', 'BASE_PATH_MAPPING'),
    tags: record.Tags,
    mutualTlsAuthentication:
      trust === undefined
        ? undefined
        : withoutUndefined({
            truststoreUri: trust.TruststoreUri,
            truststoreVersion: trust.TruststoreVersion,
            truststoreWarnings: trust.TruststoreWarnings,
          }),
  }) as DomainName
}
