/**
 * Services: names for instances. The ARN of one can be the URI of a private integration, which then calls its instances.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html
 */

import type {
  CreateServiceRequest,
  DeleteServiceAttributesRequest,
  DeleteServiceRequest,
  GetServiceAttributesRequest,
  GetServiceRequest,
  ListServicesRequest,
  UpdateServiceAttributesRequest,
  UpdateServiceRequest,
} from '@aws-sdk/client-servicediscovery'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import {
  discoveryArn,
  invalidInput,
  listAll,
  listPage,
  namespaceOf,
  newDiscoveryId,
  serviceOf,
} from './found.ts'
import { INSTANCE, SERVICE } from './kinds.ts'
import { operationDone } from './operation.ts'
import type { NamespaceRecord, ServiceRecord } from './records.ts'
import { mergedTags } from './tags.ts'

/** The attribute of a service that says how its instances are reached: HTTP or HTTPS. */
export const PROTOCOL = 'postern.protocol'
const ATTRIBUTES_MAX = 30

export const mapServiceOperations = {
  CreateService: write<CreateServiceRequest, object>(async (request, context) => {
    const namespaceId = request.NamespaceId ?? request.DnsConfig?.NamespaceId
    if (namespaceId === undefined) throw invalidInput('A namespace id must be specified.')
    const namespace = await namespaceOf(context, namespaceId)
    if (request.HealthCheckConfig !== undefined) {
      throw invalidInput(
        'HealthCheckConfig is for public DNS namespaces only; use HealthCheckCustomConfig.',
      )
    }
    await refuseTaken(namespace, request.Name!, context)
    const record = recordOf(request, namespace, context)
    await put(record, context)
    return { Service: await shown(record, context) }
  }),

  GetService: read<GetServiceRequest, object>(async ({ Id }, context) => {
    return { Service: await shown(await serviceOf(context, Id!), context) }
  }),

  ListServices: read<ListServicesRequest, object>(async (request, context) => {
    const place = { kind: SERVICE }
    const { items, rest } = await listPage<ServiceRecord>(context, place, request as never)
    const matches = ({ NamespaceId }: ServiceRecord) =>
      (request.Filters ?? []).every(
        ({ Name, Values = [] }) => Name !== 'NAMESPACE_ID' || Values.includes(NamespaceId),
      )
    const Services = await Promise.all(items.filter(matches).map((each) => shown(each, context)))
    return { Services, ...rest }
  }),

  UpdateService: write<UpdateServiceRequest, object>(async ({ Id, Service }, context) => {
    const service = await serviceOf(context, Id!)
    if (Service?.HealthCheckConfig !== undefined) {
      throw invalidInput('HealthCheckConfig is for public DNS namespaces only.')
    }
    const DnsRecords = Service?.DnsConfig?.DnsRecords
    if (DnsRecords !== undefined && service.DnsConfig === undefined) {
      throw invalidInput('The service has no DNS configuration.')
    }
    const Description = Service?.Description ?? service.Description
    await put(
      {
        ...service,
        ...(Description === undefined ? {} : { Description }),
        ...(DnsRecords && service.DnsConfig
          ? { DnsConfig: { ...service.DnsConfig, DnsRecords: DnsRecords as never } }
          : {}),
      },
      context,
    )
    return operationDone(context, 'UPDATE_SERVICE', { SERVICE: service.Id })
  }),

  DeleteService: write<DeleteServiceRequest, object>(async ({ Id }, context) => {
    const service = await serviceOf(context, Id!)
    if ((await listAll(context, INSTANCE, service.Id)).length > 0) {
      throw new ServiceError('ResourceInUse', `The service ${service.Id} still has instances.`)
    }
    await context.records.delete({ kind: SERVICE, parent: '', id: service.Id })
    return {}
  }),

  GetServiceAttributes: read<GetServiceAttributesRequest, object>(
    async ({ ServiceId }, context) => {
      const { Arn, attributes } = await serviceOf(context, ServiceId!)
      const owner = context.scope.accountId
      return {
        ServiceAttributes: { ServiceArn: Arn, ResourceOwner: owner, Attributes: attributes },
      }
    },
  ),

  UpdateServiceAttributes: write<UpdateServiceAttributesRequest, object>(
    async ({ ServiceId, Attributes = {} }, context) => {
      const service = await serviceOf(context, ServiceId!)
      const attributes = { ...service.attributes, ...Attributes }
      const protocol = attributes[PROTOCOL]
      if (protocol !== undefined && protocol !== 'HTTP' && protocol !== 'HTTPS') {
        throw invalidInput(`${PROTOCOL} is HTTP or HTTPS.`)
      }
      if (Object.keys(attributes).length > ATTRIBUTES_MAX) {
        throw new ServiceError(
          'ServiceAttributesLimitExceededException',
          `A service has at most ${ATTRIBUTES_MAX} attributes.`,
        )
      }
      await put({ ...service, attributes }, context)
      return {}
    },
  ),

  DeleteServiceAttributes: write<DeleteServiceAttributesRequest, object>(
    async ({ ServiceId, Attributes = [] }, context) => {
      const service = await serviceOf(context, ServiceId!)
      const kept = Object.entries(service.attributes).filter(([name]) => !Attributes.includes(name))
      await put({ ...service, attributes: Object.fromEntries(kept) }, context)
      return {}
    },
  ),
}

function recordOf(
  request: CreateServiceRequest,
  namespace: NamespaceRecord,
  context: WriteContext,
): ServiceRecord {
  const { Name = '', Description, CreatorRequestId, DnsConfig, Type } = request
  if (DnsConfig !== undefined && (namespace.Type === 'HTTP' || Type === 'HTTP')) {
    throw invalidInput('A DNS configuration is for services of DNS namespaces.')
  }
  const Id = newDiscoveryId(context, 'srv')
  return {
    Id,
    Arn: discoveryArn(context, 'service', Id),
    Name,
    NamespaceId: namespace.Id,
    Type: DnsConfig === undefined ? 'HTTP' : 'DNS_HTTP',
    ...(Description === undefined ? {} : { Description }),
    ...(CreatorRequestId === undefined ? {} : { CreatorRequestId }),
    ...(DnsConfig === undefined ? {} : { DnsConfig: dnsConfigOf(DnsConfig) }),
    CreateDate: context.now.toISOString(),
    hasCustomHealth: request.HealthCheckCustomConfig !== undefined,
    Tags: mergedTags([], request.Tags, context.settings.limits.tagsPerResource),
    attributes: {},
    instancesRevision: 1,
  }
}

function dnsConfigOf({
  DnsRecords,
  RoutingPolicy = 'MULTIVALUE',
}: NonNullable<CreateServiceRequest['DnsConfig']>) {
  return { RoutingPolicy, DnsRecords: (DnsRecords ?? []) as { Type: string; TTL: number }[] }
}

async function refuseTaken(
  { Id }: NamespaceRecord,
  name: string,
  context: WriteContext,
): Promise<void> {
  const all = await listAll<ServiceRecord>(context, SERVICE)
  const siblings = all.filter(({ NamespaceId }) => NamespaceId === Id)
  const same = siblings.find(({ Name }) => Name.toLowerCase() === name.toLowerCase())
  if (same !== undefined) {
    const details = { ServiceId: same.Id, ServiceArn: same.Arn }
    throw new ServiceError('ServiceAlreadyExists', `The service ${name} already exists.`, details)
  }
  const { servicesPerNamespace: most } = context.settings.limits
  if (siblings.length < most) return
  throw new ServiceError('ResourceLimitExceeded', `A namespace has at most ${most} services.`)
}

function put(service: ServiceRecord, { records }: WriteContext): Promise<void> {
  return records.put({ kind: SERVICE, parent: '', id: service.Id }, service)
}

async function shown(service: ServiceRecord, context: ReadContext): Promise<object> {
  const {
    Tags: _,
    attributes: __,
    instancesRevision: ___,
    hasCustomHealth,
    DnsConfig,
    ...rest
  } = service
  const InstanceCount = (await listAll(context, INSTANCE, service.Id)).length
  return {
    ...rest,
    CreateDate: new Date(service.CreateDate),
    InstanceCount,
    ...(DnsConfig ? { DnsConfig: { ...DnsConfig, NamespaceId: service.NamespaceId } } : {}),
    ...(hasCustomHealth ? { HealthCheckCustomConfig: { FailureThreshold: 1 } } : {}),
    ResourceOwner: context.scope.accountId,
  }
}
