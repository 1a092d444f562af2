/**
 * Instances: where a service is. An instance has an address, or the name of a host, and a port, in attributes of its own.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html
 */

import { isIP } from 'node:net'
import type {
  DeregisterInstanceRequest,
  GetInstanceRequest,
  GetInstancesHealthStatusRequest,
  ListInstancesRequest,
  RegisterInstanceRequest,
  UpdateInstanceCustomHealthStatusRequest,
} from '@aws-sdk/client-servicediscovery'
import { ServiceError } from '../../aws/service-error.ts'
import { isServerName } from '../../definitions/open-api/integration-parts.ts'
import { read, type WriteContext, write } from '../service.ts'
import { instanceOf, invalidInput, listAll, listPage, serviceOf } from './found.ts'
import { INSTANCE, SERVICE } from './kinds.ts'
import { operationDone } from './operation.ts'
import type { InstanceRecord, ServiceRecord } from './records.ts'

const ATTRIBUTES_MAX = 30

export const instanceOperations = {
  RegisterInstance: write<RegisterInstanceRequest, object>(async (request, context) => {
    const service = await serviceOf(context, request.ServiceId!)
    const instances = await listAll<InstanceRecord>(context, INSTANCE, service.Id)
    const before = instances.find(({ Id }) => Id === request.InstanceId)
    const { instancesPerService: most } = context.settings.limits
    if (before === undefined && instances.length >= most) {
      throw new ServiceError('ResourceLimitExceeded', `A service has at most ${most} instances.`)
    }
    const record = recordOf(request, service, before)
    await put(service, record, context)
    return operationDone(context, 'REGISTER_INSTANCE', targets(service, record.Id))
  }),

  DeregisterInstance: write<DeregisterInstanceRequest, object>(async (request, context) => {
    const service = await serviceOf(context, request.ServiceId!)
    const { Id } = await instanceOf(context, service, request.InstanceId!)
    await context.records.delete({ kind: INSTANCE, parent: service.Id, id: Id })
    await changed(service, context)
    return operationDone(context, 'DEREGISTER_INSTANCE', targets(service, Id))
  }),

  GetInstance: read<GetInstanceRequest, object>(async ({ ServiceId, InstanceId }, context) => {
    const service = await serviceOf(context, ServiceId!)
    const { status: _, ...Instance } = await instanceOf(context, service, InstanceId!)
    return { Instance, ResourceOwner: context.scope.accountId }
  }),

  ListInstances: read<ListInstancesRequest, object>(async (request, context) => {
    const { Id } = await serviceOf(context, request.ServiceId!)
    const place = { kind: INSTANCE, parent: Id }
    const { items, rest } = await listPage<InstanceRecord>(context, place, request as never)
    const Instances = items.map((each) => ({ Id: each.Id, Attributes: each.Attributes }))
    return { Instances, ResourceOwner: context.scope.accountId, ...rest }
  }),

  GetInstancesHealthStatus: read<GetInstancesHealthStatusRequest, object>(
    async (request, context) => {
      const service = await serviceOf(context, request.ServiceId!)
      if (request.Instances !== undefined) {
        const wanted = request.Instances.map((id) => instanceOf(context, service, id))
        return { Status: statusOf(await Promise.all(wanted)) }
      }
      const place = { kind: INSTANCE, parent: service.Id }
      const { items, rest } = await listPage<InstanceRecord>(context, place, request as never)
      return { Status: statusOf(items), ...rest }
    },
  ),

  UpdateInstanceCustomHealthStatus: write<UpdateInstanceCustomHealthStatusRequest, object>(
    async ({ ServiceId, InstanceId, Status }, context) => {
      const service = await serviceOf(context, ServiceId!)
      if (!service.hasCustomHealth) {
        throw new ServiceError(
          'CustomHealthNotFound',
          `The service ${service.Id} has no HealthCheckCustomConfig.`,
        )
      }
      const instance = await instanceOf(context, service, InstanceId!)
      await put(service, { ...instance, status: Status! }, context)
      return {}
    },
  ),
}

function recordOf(
  { InstanceId = '', Attributes = {}, CreatorRequestId }: RegisterInstanceRequest,
  service: ServiceRecord,
  before: InstanceRecord | undefined,
): InstanceRecord {
  refuseWrong(Attributes)
  const { AWS_INIT_HEALTH_STATUS: initial, ...kept } = Attributes
  if (initial !== undefined && (!service.hasCustomHealth || !/^(UN)?HEALTHY$/.test(initial))) {
    throw invalidInput(
      'AWS_INIT_HEALTH_STATUS is HEALTHY or UNHEALTHY, for services with HealthCheckCustomConfig.',
    )
  }
  return {
    Id: InstanceId,
    Attributes: kept,
    ...(CreatorRequestId === undefined ? {} : { CreatorRequestId }),
    status: before?.status ?? (initial as 'UNHEALTHY' | undefined) ?? 'HEALTHY',
  }
}

function refuseWrong(attributes: Readonly<Record<string, string>>): void {
  const { AWS_INSTANCE_IPV4, AWS_INSTANCE_IPV6, AWS_INSTANCE_CNAME, AWS_INSTANCE_PORT } = attributes
  for (const name of ['AWS_ALIAS_DNS_NAME', 'AWS_EC2_INSTANCE_ID']) {
    if (attributes[name] === undefined) continue
    throw invalidInput(
      `${name} is not supported by this version of Postern; name an address or AWS_INSTANCE_CNAME.`,
    )
  }
  if (AWS_INSTANCE_IPV4 !== undefined && isIP(AWS_INSTANCE_IPV4) !== 4) {
    throw invalidInput('AWS_INSTANCE_IPV4 is no IPv4 address.')
  }
  if (AWS_INSTANCE_IPV6 !== undefined && isIP(AWS_INSTANCE_IPV6) !== 6) {
    throw invalidInput('AWS_INSTANCE_IPV6 is no IPv6 address.')
  }
  if (AWS_INSTANCE_CNAME !== undefined && !isServerName(AWS_INSTANCE_CNAME)) {
    throw invalidInput('AWS_INSTANCE_CNAME is no host name.')
  }
  const port = Number(AWS_INSTANCE_PORT ?? 80)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidInput('AWS_INSTANCE_PORT is a number from 1 to 65535.')
  }
  const entries = Object.entries(attributes)
  if (entries.length > ATTRIBUTES_MAX)
    throw invalidInput(`An instance has at most ${ATTRIBUTES_MAX} attributes.`)
  if (entries.some(([key, value]) => key.length > 255 || value.length > 1_024)) {
    throw invalidInput('Attributes have keys of at most 255 and values of at most 1024 characters.')
  }
}

async function put(
  service: ServiceRecord,
  instance: InstanceRecord,
  context: WriteContext,
): Promise<void> {
  await context.records.put({ kind: INSTANCE, parent: service.Id, id: instance.Id }, instance)
  await changed(service, context)
}

function changed(service: ServiceRecord, { records }: WriteContext): Promise<void> {
  const instancesRevision = service.instancesRevision + 1
  return records.put(
    { kind: SERVICE, parent: '', id: service.Id },
    { ...service, instancesRevision },
  )
}

function targets({ Id, NamespaceId }: ServiceRecord, instance: string) {
  return { INSTANCE: instance, SERVICE: Id, NAMESPACE: NamespaceId }
}

function statusOf(instances: readonly InstanceRecord[]): Record<string, string> {
  return Object.fromEntries(instances.map(({ Id, status }) => [Id, status]))
}
