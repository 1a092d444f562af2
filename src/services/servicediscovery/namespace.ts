/**
 * Namespaces: names for services. A private DNS namespace is kept as one; Postern serves no DNS, its services are found by
 * DiscoverInstances and by integrations.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_Operations.html
 */

import type {
  CreateHttpNamespaceRequest,
  CreatePrivateDnsNamespaceRequest,
  DeleteNamespaceRequest,
  GetNamespaceRequest,
  ListNamespacesRequest,
  UpdateHttpNamespaceRequest,
} from '@aws-sdk/client-servicediscovery'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { discoveryArn, listAll, listPage, namespaceOf, newDiscoveryId } from './found.ts'
import { NAMESPACE, SERVICE } from './kinds.ts'
import { operationDone } from './operation.ts'
import type { NamespaceRecord, ServiceRecord } from './records.ts'
import { mergedTags } from './tags.ts'

type NewNamespace = Pick<
  CreateHttpNamespaceRequest,
  'Name' | 'Description' | 'CreatorRequestId' | 'Tags'
>

export const namespaceOperations = {
  CreateHttpNamespace: write<CreateHttpNamespaceRequest, object>((request, context) =>
    create(request, 'HTTP', context),
  ),

  CreatePrivateDnsNamespace: write<CreatePrivateDnsNamespaceRequest, object>((request, context) =>
    create(request, 'DNS_PRIVATE', context),
  ),

  GetNamespace: read<GetNamespaceRequest, object>(async ({ Id }, context) => {
    return { Namespace: await shown(await namespaceOf(context, Id!), context) }
  }),

  ListNamespaces: read<ListNamespacesRequest, object>(async (request, context) => {
    const place = { kind: NAMESPACE }
    const { items, rest } = await listPage<NamespaceRecord>(context, place, request as never)
    const matches = ({ Type, Name }: NamespaceRecord) =>
      (request.Filters ?? []).every((filter) => {
        const value = { TYPE: Type, NAME: Name, HTTP_NAME: Name }[filter.Name as 'TYPE']
        return value === undefined || (filter.Values ?? []).includes(value)
      })
    const Namespaces = await Promise.all(items.filter(matches).map((each) => shown(each, context)))
    return { Namespaces, ...rest }
  }),

  DeleteNamespace: write<DeleteNamespaceRequest, object>(async ({ Id }, context) => {
    const namespace = await namespaceOf(context, Id!)
    if ((await servicesOf(namespace, context)).length > 0) {
      throw new ServiceError('ResourceInUse', `The namespace ${namespace.Id} still has services.`)
    }
    await context.records.delete({ kind: NAMESPACE, parent: '', id: namespace.Id })
    return operationDone(context, 'DELETE_NAMESPACE', { NAMESPACE: namespace.Id })
  }),

  UpdateHttpNamespace: write<UpdateHttpNamespaceRequest, object>(update),
  UpdatePrivateDnsNamespace: write<UpdateHttpNamespaceRequest, object>(update),
}

async function create(
  request: NewNamespace,
  Type: NamespaceRecord['Type'],
  context: WriteContext,
): Promise<object> {
  const { Name = '', Description, CreatorRequestId, Tags } = request
  const { namespacesPerRegion, tagsPerResource } = context.settings.limits
  const all = await listAll<NamespaceRecord>(context, NAMESPACE)
  const same = all.find((each) => each.Name === Name)
  if (same !== undefined) {
    throw new ServiceError('NamespaceAlreadyExists', `The namespace ${Name} already exists.`, {
      NamespaceId: same.Id,
    })
  }
  if (all.length >= namespacesPerRegion) {
    throw new ServiceError(
      'ResourceLimitExceeded',
      `There can be ${namespacesPerRegion} namespaces.`,
    )
  }
  const Id = newDiscoveryId(context, 'ns')
  const namespace: NamespaceRecord = {
    Id,
    Arn: discoveryArn(context, 'namespace', Id),
    Name,
    Type,
    ...(Description === undefined ? {} : { Description }),
    ...(CreatorRequestId === undefined ? {} : { CreatorRequestId }),
    CreateDate: context.now.toISOString(),
    Tags: mergedTags([], Tags, tagsPerResource),
  }
  await context.records.put({ kind: NAMESPACE, parent: '', id: Id }, namespace)
  return operationDone(context, 'CREATE_NAMESPACE', { NAMESPACE: Id })
}

async function update(
  { Id, Namespace }: UpdateHttpNamespaceRequest,
  context: WriteContext,
): Promise<object> {
  const namespace = await namespaceOf(context, Id!)
  const Description = Namespace?.Description ?? namespace.Description
  const changed = { ...namespace, ...(Description === undefined ? {} : { Description }) }
  await context.records.put({ kind: NAMESPACE, parent: '', id: namespace.Id }, changed)
  return operationDone(context, 'UPDATE_NAMESPACE', { NAMESPACE: namespace.Id })
}

async function servicesOf({ Id }: NamespaceRecord, context: ReadContext): Promise<ServiceRecord[]> {
  const all = await listAll<ServiceRecord>(context, SERVICE)
  return all.filter(({ NamespaceId }) => NamespaceId === Id)
}

async function shown(namespace: NamespaceRecord, context: ReadContext): Promise<object> {
  const { Tags: _, ...rest } = namespace
  const properties = { HttpProperties: { HttpName: namespace.Name } }
  const ServiceCount = (await servicesOf(namespace, context)).length
  return {
    ...rest,
    CreateDate: new Date(namespace.CreateDate),
    ServiceCount,
    Properties: properties,
    ResourceOwner: context.scope.accountId,
  }
}
