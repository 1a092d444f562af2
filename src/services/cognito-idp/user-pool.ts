/**
 * The user pool resource. Its first key is made before the write that brings the pool, and the port that its clients use
 * is open before either.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html
 */

import { randomInt } from 'node:crypto'
import type {
  AddCustomAttributesRequest,
  CreateUserPoolRequest,
  CreateUserPoolResponse,
  DeleteUserPoolRequest,
  DescribeUserPoolRequest,
  DescribeUserPoolResponse,
  ListUserPoolsRequest,
  ListUserPoolsResponse,
  SchemaAttributeType,
  UpdateUserPoolRequest,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider'
import type {
  GroupRecord,
  UserPoolDomainRecord,
  UserPoolRecord,
} from '../../identity/user-pools/records.ts'
import { customAttributes, hasTooManyCustom, schemaOf } from '../../identity/user-pools/schema.ts'
import { newSigningKey } from '../../identity/user-pools/signing-keys.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import {
  type DecideContext,
  type Decision,
  decide,
  type ReadContext,
  read,
  type WriteContext,
  write,
} from '../service.ts'
import { invalid, requirePool } from './found.ts'
import { listPage, requireRoom } from './paging.ts'
import { checkPoolSettings, withPolicyDefaults } from './user-pool-rules.ts'

const ID_LENGTH = 9
/** Users are counted so far; beyond that, the estimate says no more than that there are many. */
const COUNTED_MAX = 10_000

export function userPoolOperations(pools: UserPools) {
  return {
    CreateUserPool: decide<CreateUserPoolRequest, CreateUserPoolResponse>((request, context) =>
      createUserPool(pools, request, context),
    ),
    DescribeUserPool: read<DescribeUserPoolRequest, DescribeUserPoolResponse>(describeUserPool),
    ListUserPools: read<ListUserPoolsRequest, ListUserPoolsResponse>(listUserPools),
    UpdateUserPool: write<UpdateUserPoolRequest, object>(updateUserPool),
    DeleteUserPool: write<DeleteUserPoolRequest, object>(deleteUserPool),
    AddCustomAttributes: write<AddCustomAttributesRequest, object>(addCustomAttributes),
  }
}

async function createUserPool(
  pools: UserPools,
  request: CreateUserPoolRequest,
  context: DecideContext,
): Promise<Decision<CreateUserPoolResponse>> {
  checkPoolSettings(request, undefined)
  if (request.UsernameAttributes?.length && request.AliasAttributes?.length) {
    throw invalid('Only one of the aliasAttributes or usernameAttributes can be set in a user pool')
  }
  const attributes = schemaOf(request.Schema)
  if ('problem' in attributes) throw invalid(attributes.problem)
  await pools.ensureServed()
  const sealer = await pools.sealer()
  const suffix = randomSuffix()
  const Id = `${context.scope.region}_${suffix}`
  const key = await newSigningKey(sealer, Id, context.now)
  const commit = async (writing: WriteContext): Promise<CreateUserPoolResponse> => {
    const { records } = writing
    const others = await records.list('user-pool', '')
    const most = writing.settings.limits.userPoolsPerAccount
    requireRoom(others.records.length, most, 'user pools for this account')
    const pool = newPool(writing, { request, Id, schema: attributes.schema })
    await records.put({ kind: 'user-pool', parent: '', id: Id }, pool)
    await records.put({ kind: 'user-pool-key', parent: Id, id: key.kid }, key)
    return { UserPool: shown(pool) }
  }
  return { commit }
}

/** Sixty-two letters and digits, as Cognito's; made once, because the key is sealed for it. */
function randomSuffix(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  return Array.from({ length: ID_LENGTH }, () => letters[randomInt(letters.length)]).join('')
}

function newPool(
  { scope, now }: WriteContext,
  made: {
    readonly request: CreateUserPoolRequest
    readonly Id: string
    readonly schema: SchemaAttributeType[]
  },
): UserPoolRecord {
  const { request, Id, schema } = made
  const { PoolName, Schema: _schema, Policies, ...settings } = request
  const at = now.toISOString()
  return {
    ...settings,
    ...{ Id, Name: PoolName!, CreationDate: at, LastModifiedDate: at },
    Arn: `arn:aws:cognito-idp:${scope.region}:${scope.accountId}:userpool/${Id}`,
    Policies: withPolicyDefaults(Policies),
    SchemaAttributes: schema,
    DeletionProtection: settings.DeletionProtection ?? 'INACTIVE',
    MfaConfiguration: settings.MfaConfiguration ?? 'OFF',
    AdminCreateUserConfig: {
      AllowAdminCreateUserOnly: false,
      ...settings.AdminCreateUserConfig,
    },
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT', ...settings.EmailConfiguration },
    VerificationMessageTemplate: {
      DefaultEmailOption: 'CONFIRM_WITH_CODE',
      ...settings.VerificationMessageTemplate,
    },
    UserPoolTags: { ...settings.UserPoolTags },
    UserPoolTier: settings.UserPoolTier ?? 'ESSENTIALS',
  }
}

async function describeUserPool(
  { UserPoolId }: DescribeUserPoolRequest,
  context: ReadContext,
): Promise<DescribeUserPoolResponse> {
  const pool = await requirePool(context, UserPoolId)
  const users = await context.records.list('user-pool-user', pool.Id, { limit: COUNTED_MAX })
  const domain = await domainOf(context, pool.Id)
  return {
    UserPool: {
      ...shown(pool),
      EstimatedNumberOfUsers: users.records.length,
      ...(domain === undefined ? {} : { Domain: domain }),
    },
  }
}

async function listUserPools(
  { MaxResults: limit, NextToken: token }: ListUserPoolsRequest,
  context: ReadContext,
): Promise<ListUserPoolsResponse> {
  const place = { kind: 'user-pool', parent: '', limit, token } as const
  const page = await listPage<UserPoolRecord>(context, place)
  const UserPools = page.records.map(({ body: { Id, Name, CreationDate, LastModifiedDate } }) => ({
    ...{ Id, Name: Name!, LambdaConfig: {} },
    ...{ CreationDate: new Date(CreationDate!), LastModifiedDate: new Date(LastModifiedDate!) },
  }))
  return page.next === undefined ? { UserPools } : { UserPools, NextToken: page.next }
}

/** What is left out goes back to its default, as on AWS; what a pool is born with stays. */
async function updateUserPool(
  request: UpdateUserPoolRequest,
  context: WriteContext,
): Promise<object> {
  const pool = await requirePool(context, request.UserPoolId)
  checkPoolSettings(request, pool)
  const { UserPoolId: Id = '', PoolName, Policies, UserPoolTags, ...settings } = request
  const { Name, Arn, CreationDate, SchemaAttributes } = pool
  const { UsernameAttributes, AliasAttributes, UsernameConfiguration, softwareTokenMfa } = pool
  const born = {
    ...{ Id, Name: PoolName ?? Name!, Arn: Arn!, CreationDate: CreationDate! },
    ...{ SchemaAttributes: SchemaAttributes! },
    ...(UsernameAttributes === undefined ? {} : { UsernameAttributes }),
    ...(AliasAttributes === undefined ? {} : { AliasAttributes }),
    ...(UsernameConfiguration === undefined ? {} : { UsernameConfiguration }),
    ...(softwareTokenMfa === undefined ? {} : { softwareTokenMfa }),
  }
  const changed: UserPoolRecord = {
    ...{ DeletionProtection: 'INACTIVE', MfaConfiguration: 'OFF', UserPoolTier: 'ESSENTIALS' },
    ...settings,
    ...born,
    Policies: withPolicyDefaults(Policies),
    AdminCreateUserConfig: {
      AllowAdminCreateUserOnly: false,
      ...settings.AdminCreateUserConfig,
    },
    UserPoolTags: UserPoolTags ?? pool.UserPoolTags ?? {},
    LastModifiedDate: context.now.toISOString(),
  }
  await context.records.put({ kind: 'user-pool', parent: '', id: Id }, changed)
  return {}
}

async function deleteUserPool(
  { UserPoolId }: DeleteUserPoolRequest,
  context: WriteContext,
): Promise<object> {
  const pool = await requirePool(context, UserPoolId)
  if (pool.DeletionProtection === 'ACTIVE') {
    throw invalid(
      'The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.',
    )
  }
  if ((await domainOf(context, pool.Id)) !== undefined) {
    throw invalid(
      'User pool cannot be deleted. It has a domain configured that should be deleted first.',
    )
  }
  const { records } = context
  const groups = await records.list<GroupRecord>('user-pool-group', pool.Id)
  for (const { id } of groups.records) await records.deleteChildren(`${pool.Id}/${id}`)
  await records.deleteChildren(pool.Id)
  await records.delete({ kind: 'user-pool', parent: '', id: pool.Id })
  return {}
}

async function addCustomAttributes(
  { UserPoolId, CustomAttributes = [] }: AddCustomAttributesRequest,
  context: WriteContext,
): Promise<object> {
  const pool = await requirePool(context, UserPoolId)
  const added = customAttributes(CustomAttributes)
  if ('problem' in added) throw invalid(added.problem)
  const { SchemaAttributes = [] } = pool
  for (const { Name } of added.schema) {
    if (!SchemaAttributes.some((attribute) => attribute.Name === Name)) continue
    throw invalid(`custom attribute: Existing attribute already has name ${Name}.`)
  }
  const schema = [...SchemaAttributes, ...added.schema]
  if (hasTooManyCustom(schema)) throw invalid('A user pool has at most 50 custom attributes.')
  const LastModifiedDate = context.now.toISOString()
  const changed = { ...pool, SchemaAttributes: schema, LastModifiedDate }
  await context.records.put({ kind: 'user-pool', parent: '', id: pool.Id }, changed)
  return {}
}

/** The domain of a pool; undefined: it has none. */
export async function domainOf(
  { records }: ReadContext,
  poolId: string,
): Promise<string | undefined> {
  const domains = await records.list<UserPoolDomainRecord>('user-pool-domain', '')
  return domains.records.find(({ body }) => body.userPoolId === poolId)?.id
}

function shown({ softwareTokenMfa: _, ...pool }: UserPoolRecord): UserPoolType {
  const { CreationDate, LastModifiedDate } = pool
  return {
    ...pool,
    CreationDate: new Date(CreationDate!),
    LastModifiedDate: new Date(LastModifiedDate!),
  } as UserPoolType
}
