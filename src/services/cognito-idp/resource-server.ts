/**
 * The resource server resource: scopes of the operator's own, which OAuth clients ask for as `identifier/scope`.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateResourceServer.html
 */

import type {
  CreateResourceServerRequest,
  CreateResourceServerResponse,
  DeleteResourceServerRequest,
  DescribeResourceServerRequest,
  DescribeResourceServerResponse,
  ListResourceServersRequest,
  ListResourceServersResponse,
  ResourceServerType,
  UpdateResourceServerRequest,
  UpdateResourceServerResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../../aws/service-error.ts'
import type { ResourceServerRecord } from '../../identity/user-pools/records.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { invalid, requirePool } from './found.ts'
import { listPage, requireRoom } from './paging.ts'

export const resourceServerOperations = {
  CreateResourceServer: write<CreateResourceServerRequest, CreateResourceServerResponse>(create),
  DescribeResourceServer: read<DescribeResourceServerRequest, DescribeResourceServerResponse>(
    async (request, context) => ({
      ResourceServer: shown(request, await required(request, context)),
    }),
  ),
  ListResourceServers: read<ListResourceServersRequest, ListResourceServersResponse>(list),
  UpdateResourceServer: write<UpdateResourceServerRequest, UpdateResourceServerResponse>(
    async (request, context) => {
      await required(request, context)
      return put(request, context)
    },
  ),
  DeleteResourceServer: write<DeleteResourceServerRequest, object>(async (request, context) => {
    const { identifier } = await required(request, context)
    await context.records.delete(keyOf(request.UserPoolId!, identifier))
    return {}
  }),
}

async function create(
  request: CreateResourceServerRequest,
  context: WriteContext,
): Promise<CreateResourceServerResponse> {
  const { Id } = await requirePool(context, request.UserPoolId)
  const others = await context.records.list('user-pool-resource-server', Id)
  if (others.records.some(({ id }) => id === request.Identifier)) {
    throw invalid(`${request.Identifier} already exists in user pool ${Id}.`)
  }
  const most = context.settings.limits.resourceServersPerUserPool
  requireRoom(others.records.length, most, 'resource servers for user pool')
  return put(request, context)
}

async function list(
  { UserPoolId, MaxResults: limit, NextToken: token }: ListResourceServersRequest,
  context: ReadContext,
): Promise<ListResourceServersResponse> {
  const { Id: parent } = await requirePool(context, UserPoolId)
  const place = { kind: 'user-pool-resource-server', parent, limit, token } as const
  const page = await listPage<ResourceServerRecord>(context, place)
  const ResourceServers = page.records.map(({ body }) => shown({ UserPoolId: parent }, body))
  return page.next === undefined ? { ResourceServers } : { ResourceServers, NextToken: page.next }
}

async function put(
  { UserPoolId, Identifier, Name, Scopes = [] }: UpdateResourceServerRequest,
  { records }: WriteContext,
): Promise<CreateResourceServerResponse> {
  const scopes = Scopes.map(({ ScopeName, ScopeDescription }) => ({
    ...{ name: ScopeName!, description: ScopeDescription! },
  }))
  if (new Set(scopes.map(({ name }) => name)).size < scopes.length) {
    throw invalid('The scopes of a resource server must have different names.')
  }
  const server: ResourceServerRecord = { identifier: Identifier!, name: Name!, scopes }
  await records.put(keyOf(UserPoolId!, server.identifier), server)
  return { ResourceServer: shown({ UserPoolId }, server) }
}

interface Named {
  readonly UserPoolId: string | undefined
  readonly Identifier: string | undefined
}

async function required(
  { UserPoolId, Identifier = '' }: Named,
  context: ReadContext,
): Promise<ResourceServerRecord> {
  const { Id } = await requirePool(context, UserPoolId)
  const found = await context.records.get<ResourceServerRecord>(keyOf(Id, Identifier))
  if (found !== undefined) return found.body
  throw new ServiceError(
    'ResourceNotFoundException',
    `Resource server ${Identifier} does not exist.`,
  )
}

function keyOf(parent: string, id: string) {
  return { kind: 'user-pool-resource-server', parent, id }
}

function shown(
  { UserPoolId }: Pick<Named, 'UserPoolId'>,
  { identifier, name, scopes }: ResourceServerRecord,
): ResourceServerType {
  return {
    UserPoolId,
    ...{ Identifier: identifier, Name: name },
    Scopes: scopes.map((scope) => ({
      ...{ ScopeName: scope.name, ScopeDescription: scope.description },
    })),
  }
}
