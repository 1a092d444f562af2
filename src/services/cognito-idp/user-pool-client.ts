/**
 * The app client resource: who may ask for tokens, in which ways, and for how long they are good.
 *
 * Its secret is sealed with the installation key: the API shows it again, the store alone does not.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
 */

import type {
  CreateUserPoolClientRequest,
  CreateUserPoolClientResponse,
  DeleteUserPoolClientRequest,
  DescribeUserPoolClientRequest,
  DescribeUserPoolClientResponse,
  ListUserPoolClientsRequest,
  ListUserPoolClientsResponse,
  UpdateUserPoolClientRequest,
  UpdateUserPoolClientResponse,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider'
import { openClientSecret, sealClientSecret } from '../../identity/user-pools/client-secret.ts'
import type { UserPoolClientRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { requireClient, requirePool } from './found.ts'
import { listPage, requireRoom } from './paging.ts'
import { checkClientSettings } from './user-pool-client-rules.ts'

const ID_LENGTH = 26
const SECRET_LENGTH = 51

export function userPoolClientOperations(pools: UserPools) {
  return {
    CreateUserPoolClient: write<CreateUserPoolClientRequest, CreateUserPoolClientResponse>(
      (request, context) => createClient(pools, request, context),
    ),
    DescribeUserPoolClient: read<DescribeUserPoolClientRequest, DescribeUserPoolClientResponse>(
      async (request, context) => {
        await requirePool(context, request.UserPoolId)
        return { UserPoolClient: await shown(pools, await requireClient(context, request)) }
      },
    ),
    ListUserPoolClients: read<ListUserPoolClientsRequest, ListUserPoolClientsResponse>(listClients),
    UpdateUserPoolClient: write<UpdateUserPoolClientRequest, UpdateUserPoolClientResponse>(
      (request, context) => updateClient(pools, request, context),
    ),
    DeleteUserPoolClient: write<DeleteUserPoolClientRequest, object>(deleteClient),
  }
}

async function createClient(
  pools: UserPools,
  request: CreateUserPoolClientRequest,
  context: WriteContext,
): Promise<CreateUserPoolClientResponse> {
  const { Id: UserPoolId } = await requirePool(context, request.UserPoolId)
  const { records, settings, now, newId } = context
  const others = await records.list('user-pool-client', UserPoolId)
  requireRoom(others.records.length, settings.limits.clientsPerUserPool, 'clients for user pool')
  const { GenerateSecret = false, ...said } = request
  const secret = GenerateSecret ? newId(SECRET_LENGTH) : undefined
  await checkClientSettings(context, { ...said, hasSecret: GenerateSecret })
  const ClientId = newId(ID_LENGTH)
  const at = now.toISOString()
  const client: UserPoolClientRecord = {
    ...withDefaults(said),
    ...{ UserPoolId, ClientId, CreationDate: at, LastModifiedDate: at },
    ...(secret === undefined
      ? {}
      : { sealedSecret: sealClientSecret(await pools.sealer(), ClientId, secret) }),
  }
  await records.put({ kind: 'user-pool-client', parent: UserPoolId, id: ClientId }, client)
  return { UserPoolClient: await shown(pools, client) }
}

async function listClients(
  { UserPoolId = '', MaxResults: limit, NextToken: token }: ListUserPoolClientsRequest,
  context: ReadContext,
): Promise<ListUserPoolClientsResponse> {
  await requirePool(context, UserPoolId)
  const place = { kind: 'user-pool-client', parent: UserPoolId, limit, token } as const
  const page = await listPage<UserPoolClientRecord>(context, place)
  const UserPoolClients = page.records.map(({ body: { ClientId, ClientName } }) => ({
    ...{ ClientId, UserPoolId, ClientName: ClientName! },
  }))
  return page.next === undefined ? { UserPoolClients } : { UserPoolClients, NextToken: page.next }
}

/** What is left out goes back to its default, as on AWS. */
async function updateClient(
  pools: UserPools,
  request: UpdateUserPoolClientRequest,
  context: WriteContext,
): Promise<UpdateUserPoolClientResponse> {
  await requirePool(context, request.UserPoolId)
  const client = await requireClient(context, request)
  const { ClientName = client.ClientName!, ...said } = request
  const { UserPoolId, ClientId, CreationDate, sealedSecret } = client
  await checkClientSettings(context, { ...said, hasSecret: sealedSecret !== undefined })
  const changed: UserPoolClientRecord = {
    ...withDefaults({ ...said, ClientName }),
    ...{ UserPoolId, ClientId, CreationDate: CreationDate! },
    LastModifiedDate: context.now.toISOString(),
    ...(sealedSecret === undefined ? {} : { sealedSecret }),
  }
  await context.records.put({ kind: 'user-pool-client', parent: UserPoolId, id: ClientId }, changed)
  return { UserPoolClient: await shown(pools, changed) }
}

/** Refresh tokens of the client die with it: nobody can use them any more. */
async function deleteClient(
  request: DeleteUserPoolClientRequest,
  context: WriteContext,
): Promise<object> {
  await requirePool(context, request.UserPoolId)
  const { UserPoolId: parent, ClientId: id } = await requireClient(context, request)
  await context.records.delete({ kind: 'user-pool-client', parent, id })
  return {}
}

type Said = Omit<CreateUserPoolClientRequest, 'GenerateSecret'>

/** Existence of users is not told unless that is asked for; Cognito's API does by default. */
function withDefaults(said: Said): Said {
  return {
    RefreshTokenValidity: 30,
    TokenValidityUnits: {},
    AllowedOAuthFlowsUserPoolClient: false,
    PreventUserExistenceErrors: 'ENABLED',
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AuthSessionValidity: 3,
    ...said,
  }
}

async function shown(
  pools: UserPools,
  { sealedSecret, ...client }: UserPoolClientRecord,
): Promise<UserPoolClientType> {
  const secret =
    sealedSecret === undefined
      ? {}
      : { ClientSecret: openClientSecret(await pools.sealer(), client.ClientId, sealedSecret) }
  return {
    ...client,
    ...secret,
    CreationDate: new Date(client.CreationDate!),
    LastModifiedDate: new Date(client.LastModifiedDate!),
  } as UserPoolClientType
}
