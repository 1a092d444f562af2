/**
 * DiscoverInstances: where a service is, by the names of namespace and service.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_DiscoverInstances.html
 */

import type {
  DiscoverInstancesRequest,
  DiscoverInstancesRevisionRequest,
} from '@aws-sdk/client-servicediscovery'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read } from '../service.ts'
import { listAll } from './found.ts'
import { INSTANCE, NAMESPACE, SERVICE } from './kinds.ts'
import type { InstanceRecord, NamespaceRecord, ServiceRecord } from './records.ts'

export const discoverOperations = {
  DiscoverInstances: read<DiscoverInstancesRequest, object>(async (request, context) => {
    const { NamespaceName, ServiceName, MaxResults = 100 } = request
    const service = await named(request, context)
    const all = await listAll<InstanceRecord>(context, INSTANCE, service.Id)
    const Instances = selected(all, request)
      .slice(0, MaxResults)
      .map(({ Id, Attributes, status }) => ({
        InstanceId: Id,
        NamespaceName,
        ServiceName,
        HealthStatus: status,
        Attributes,
      }))
    return { Instances, InstancesRevision: service.instancesRevision }
  }),

  DiscoverInstancesRevision: read<DiscoverInstancesRevisionRequest, object>(
    async (request, context) => ({
      InstancesRevision: (await named(request, context)).instancesRevision,
    }),
  ),
}

/** Those that are well, or all when none is. */
export function usable(instances: readonly InstanceRecord[]): readonly InstanceRecord[] {
  const healthy = instances.filter(({ status }) => status === 'HEALTHY')
  return healthy.length === 0 ? instances : healthy
}

function selected(
  all: readonly InstanceRecord[],
  { QueryParameters = {}, OptionalParameters = {}, HealthStatus }: DiscoverInstancesRequest,
): readonly InstanceRecord[] {
  const required = all.filter((each) => hasAll(each, QueryParameters))
  const preferred = required.filter((each) => hasAll(each, OptionalParameters))
  const found = preferred.length === 0 ? required : preferred
  if (HealthStatus === 'ALL') return found
  if (HealthStatus === 'HEALTHY' || HealthStatus === 'UNHEALTHY') {
    return found.filter(({ status }) => status === HealthStatus)
  }
  return usable(found)
}

function hasAll({ Attributes }: InstanceRecord, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => Attributes[name] === value)
}

async function named(
  { NamespaceName = '', ServiceName = '' }: DiscoverInstancesRevisionRequest,
  context: ReadContext,
): Promise<ServiceRecord> {
  const namespaces = await listAll<NamespaceRecord>(context, NAMESPACE)
  const namespace = namespaces.find(({ Name }) => Name === NamespaceName)
  if (namespace === undefined) {
    throw new ServiceError(
      'NamespaceNotFound',
      `The namespace ${NamespaceName.slice(0, 200)} does not exist.`,
    )
  }
  const services = await listAll<ServiceRecord>(context, SERVICE)
  const found = services.find(
    ({ Name, NamespaceId }) => Name === ServiceName && NamespaceId === namespace.Id,
  )
  if (found !== undefined) return found
  throw new ServiceError(
    'ServiceNotFound',
    `The service ${ServiceName.slice(0, 200)} does not exist.`,
  )
}
