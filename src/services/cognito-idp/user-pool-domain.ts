/**
 * The domain of a pool: a name under `auth.localhost` (or whatever name leads to the identity port) that is its alone.
 *
 * Names are unique in the installation, because all pools share one port.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
 */

import type {
  CreateUserPoolDomainRequest,
  CreateUserPoolDomainResponse,
  DeleteUserPoolDomainRequest,
  DescribeUserPoolDomainRequest,
  DescribeUserPoolDomainResponse,
} from '@aws-sdk/client-cognito-identity-provider'
import type { UserPoolDomainRecord } from '../../identity/user-pools/records.ts'
import type { UserPools } from '../../identity/user-pools/user-pools.ts'
import { read, type WriteContext, write } from '../service.ts'
import { invalid, isEmpty, refuseNotBuilt, requirePool } from './found.ts'
import { domainOf } from './user-pool.ts'

export function userPoolDomainOperations(pools: UserPools) {
  return {
    CreateUserPoolDomain: write<CreateUserPoolDomainRequest, CreateUserPoolDomainResponse>(
      (request, context) => createDomain(pools, request, context),
    ),
    /** A name that nobody has is an empty description, as on AWS. */
    DescribeUserPoolDomain: read<DescribeUserPoolDomainRequest, DescribeUserPoolDomainResponse>(
      async ({ Domain = '' }, { records, scope }) => {
        const found = await records.get<UserPoolDomainRecord>(keyOf(Domain))
        if (found === undefined) return { DomainDescription: {} }
        const { userPoolId: UserPoolId } = found.body
        const AWSAccountId = scope.accountId
        return { DomainDescription: { UserPoolId, AWSAccountId, Domain, Status: 'ACTIVE' } }
      },
    ),
    DeleteUserPoolDomain: write<DeleteUserPoolDomainRequest, object>(
      async ({ Domain = '', UserPoolId }, { records }) => {
        const found = await records.get<UserPoolDomainRecord>(keyOf(Domain))
        if (found?.body.userPoolId !== UserPoolId) {
          throw invalid(`No such domain or user pool exists.`)
        }
        await records.delete(keyOf(Domain))
        return {}
      },
    ),
  }
}

async function createDomain(
  { directory }: UserPools,
  request: CreateUserPoolDomainRequest,
  context: WriteContext,
): Promise<CreateUserPoolDomainResponse> {
  const { Domain: domain = '' } = request
  const { Id: userPoolId } = await requirePool(context, request.UserPoolId)
  refuseNotBuilt({
    'CustomDomainConfig: a domain with a certificate of its own': !isEmpty(
      request.CustomDomainConfig,
    ),
    'ManagedLoginVersion: managed login': (request.ManagedLoginVersion ?? 1) !== 1,
  })
  if (/aws|amazon|cognito/.test(domain))
    throw invalid('Domain cannot contain reserved word: cognito')
  const own = await context.records.get(keyOf(domain))
  if (own !== undefined || directory.poolOfDomain(domain) !== undefined) {
    throw invalid(`Domain already associated with another user pool.`)
  }
  if ((await domainOf(context, userPoolId)) !== undefined) {
    throw invalid('Domain already exists for this user pool.')
  }
  const record: UserPoolDomainRecord = { domain, userPoolId }
  await context.records.put(keyOf(domain), record)
  return {}
}

function keyOf(id: string) {
  return { kind: 'user-pool-domain', parent: '', id }
}
