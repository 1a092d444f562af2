/**
 * The Authorizer resource. Stored and checked here; a stage whose routes use one does not go live until authorizers are
 * enforced.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html
 */

import type {
  Authorizer,
  CreateAuthorizerRequest,
  CreateAuthorizerResponse,
  DeleteAuthorizerRequest,
  GetAuthorizerRequest,
  GetAuthorizerResponse,
  GetAuthorizersRequest,
  GetAuthorizersResponse,
  UpdateAuthorizerRequest,
  UpdateAuthorizerResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { findAuthorizerProblem } from './authorizer-rules.ts'
import { mergePatch } from './merge-patch.ts'
import { newChildId } from './new-id.ts'
import { requireApi, requireChild } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { AuthorizerRecord, RouteRecord } from './records.ts'

export const authorizerOperations = {
  CreateAuthorizer: write<CreateAuthorizerRequest, CreateAuthorizerResponse>(createAuthorizer),
  GetAuthorizer: read<GetAuthorizerRequest, GetAuthorizerResponse>(getAuthorizer),
  GetAuthorizers: read<GetAuthorizersRequest, GetAuthorizersResponse>(getAuthorizers),
  UpdateAuthorizer: write<UpdateAuthorizerRequest, UpdateAuthorizerResponse>(updateAuthorizer),
  DeleteAuthorizer: write<DeleteAuthorizerRequest, object>(deleteAuthorizer),
}

async function createAuthorizer(
  { ApiId, ...said }: CreateAuthorizerRequest,
  context: WriteContext,
): Promise<CreateAuthorizerResponse> {
  await requireApi(context, ApiId)
  const place = { kind: 'authorizer', parent: ApiId! } as const
  const noun = 'Authorizers for this API'
  await requireRoom(context, { ...place, limit: 'authorizersPerApi', noun })
  const AuthorizerId = await newChildId(context, 'authorizer', ApiId!)
  return put(context, ApiId!, mergePatch<Authorizer>({ AuthorizerId, Name: undefined }, said))
}

async function getAuthorizer(
  request: GetAuthorizerRequest,
  context: ReadContext,
): Promise<GetAuthorizerResponse> {
  return requireAuthorizer(context, request)
}

async function getAuthorizers(
  request: GetAuthorizersRequest,
  context: ReadContext,
): Promise<GetAuthorizersResponse> {
  await requireApi(context, request.ApiId)
  const place = { kind: 'authorizer', parent: request.ApiId!, request } as const
  return listPage<AuthorizerRecord, Authorizer>(context, place, (authorizer) => authorizer)
}

async function updateAuthorizer(
  request: UpdateAuthorizerRequest,
  context: WriteContext,
): Promise<UpdateAuthorizerResponse> {
  const authorizer = await requireAuthorizer(context, request)
  const { ApiId, AuthorizerId: _id, ...patch } = request
  const { AuthorizerType: type } = patch
  if (type !== undefined && type !== authorizer.AuthorizerType) {
    await refuseWhileUsed(context, ApiId!, {
      authorizer,
      doing: `change the type of authorizer '${authorizer.Name}'`,
    })
  }
  return put(context, ApiId!, mergePatch(authorizer, patch))
}

async function deleteAuthorizer(
  request: DeleteAuthorizerRequest,
  context: WriteContext,
): Promise<object> {
  const authorizer = await requireAuthorizer(context, request)
  const { ApiId: parent = '', AuthorizerId: id = '' } = request
  const doing = `delete authorizer '${authorizer.Name}'`
  await refuseWhileUsed(context, parent, { authorizer, doing })
  await context.records.delete({ kind: 'authorizer', parent, id })
  return {}
}

async function put(
  context: WriteContext,
  apiId: string,
  authorizer: AuthorizerRecord,
): Promise<AuthorizerRecord> {
  const problem = findAuthorizerProblem(authorizer, context.settings.limits)
  if (problem !== undefined) throw new ServiceError('BadRequestException', problem)
  const id = authorizer.AuthorizerId!
  const others = await listAll<AuthorizerRecord>(context, { kind: 'authorizer', parent: apiId })
  if (others.some((other) => other.id !== id && other.body.Name === authorizer.Name)) {
    throw new ServiceError(
      'ConflictException',
      `Authorizer name must be unique. Authorizer ${authorizer.Name} already exists in this API.`,
    )
  }
  await context.records.put({ kind: 'authorizer', parent: apiId, id }, authorizer)
  return authorizer
}

async function refuseWhileUsed(
  context: ReadContext,
  apiId: string,
  { authorizer, doing }: { readonly authorizer: AuthorizerRecord; readonly doing: string },
): Promise<void> {
  const routes = await listAll<RouteRecord>(context, { kind: 'route', parent: apiId })
  const using = routes.find(({ body }) => body.AuthorizerId === authorizer.AuthorizerId)
  if (using === undefined) return
  throw new ServiceError(
    'ConflictException',
    `Cannot ${doing}, is referenced in route: ${using.body.RouteKey}`,
  )
}

function requireAuthorizer(
  context: ReadContext,
  { ApiId: apiId, AuthorizerId: id }: GetAuthorizerRequest,
): Promise<AuthorizerRecord> {
  return requireChild<AuthorizerRecord>(context, { kind: 'authorizer', apiId, id })
}
