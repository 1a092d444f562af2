/**
 * API mappings: which stage of which API answers below which path of a custom domain name.
 *
 * A key has one or more segments, each domain name has a key once, and the empty key takes what no other takes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
 */

import type {
  ApiMapping,
  CreateApiMappingRequest,
  CreateApiMappingResponse,
  DeleteApiMappingRequest,
  GetApiMappingRequest,
  GetApiMappingResponse,
  GetApiMappingsRequest,
  GetApiMappingsResponse,
  UpdateApiMappingRequest,
  UpdateApiMappingResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { newChildId } from './new-id.ts'
import { notFound, requireApi, requireRecord } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoomBeside } from './quota.ts'
import type { ApiMappingRecord } from './records.ts'

const KEY_CHARACTERS_MAX = 300
const KEY_CHARACTERS = /^[A-Za-z0-9$\-_.+!*'(),/]*$/

export const apiMappingOperations = {
  CreateApiMapping: write<CreateApiMappingRequest, CreateApiMappingResponse>(createApiMapping),
  DeleteApiMapping: write<DeleteApiMappingRequest, object>(deleteApiMapping),
  GetApiMapping: read<GetApiMappingRequest, GetApiMappingResponse>(getApiMapping),
  GetApiMappings: read<GetApiMappingsRequest, GetApiMappingsResponse>(getApiMappings),
  UpdateApiMapping: write<UpdateApiMappingRequest, UpdateApiMappingResponse>(updateApiMapping),
}

export async function createApiMapping(
  request: CreateApiMappingRequest,
  context: WriteContext,
): Promise<CreateApiMappingResponse> {
  const domainName = request.DomainName!
  await requireRecord(context, 'domain-name', domainName)
  const mapping: ApiMappingRecord = {
    ApiId: request.ApiId,
    ApiMappingId: await newChildId(context, 'api-mapping', domainName),
    ApiMappingKey: checkedKey(request.ApiMappingKey ?? ''),
    Stage: request.Stage,
  }
  await requireMappedStage(context, mapping)
  await requirePlace(context, domainName, mapping)
  return put(context, domainName, mapping)
}

async function getApiMapping(
  request: GetApiMappingRequest,
  context: ReadContext,
): Promise<GetApiMappingResponse> {
  return requireMapping(context, request)
}

async function getApiMappings(
  request: GetApiMappingsRequest,
  context: ReadContext,
): Promise<GetApiMappingsResponse> {
  const parent = request.DomainName!
  await requireRecord(context, 'domain-name', parent)
  const place = { kind: 'api-mapping', parent, request } as const
  return listPage<ApiMappingRecord, ApiMapping>(context, place, (body) => body)
}

export async function updateApiMapping(
  request: UpdateApiMappingRequest,
  context: WriteContext,
): Promise<UpdateApiMappingResponse> {
  const current = await requireMapping(context, request)
  const { ApiId, ApiMappingKey, Stage = current.Stage } = request
  const key = ApiMappingKey === undefined ? current.ApiMappingKey : checkedKey(ApiMappingKey)
  const mapping = { ...current, ApiId, ApiMappingKey: key, Stage }
  await requireMappedStage(context, mapping)
  await requirePlace(context, request.DomainName!, mapping)
  return put(context, request.DomainName!, mapping)
}

async function deleteApiMapping(
  request: DeleteApiMappingRequest,
  context: WriteContext,
): Promise<object> {
  const { ApiMappingId: id } = await requireMapping(context, request)
  await context.records.delete({ kind: 'api-mapping', parent: request.DomainName!, id: id! })
  return {}
}

async function requireMapping(
  context: ReadContext,
  { DomainName: parent, ApiMappingId: id }: GetApiMappingRequest,
): Promise<ApiMappingRecord> {
  await requireRecord(context, 'domain-name', parent)
  const key = { kind: 'api-mapping', parent: parent!, id: id! }
  const record = await context.records.get<ApiMappingRecord>(key)
  if (record === undefined) throw notFound('api-mapping', id!)
  return record.body
}

/** The stage that a domain name shall lead to. */
export async function requireMappedStage(
  context: ReadContext,
  mapping: Pick<ApiMappingRecord, 'ApiId' | 'Stage'>,
): Promise<void> {
  await requireApi(context, mapping.ApiId)
  const key = { kind: 'stage', parent: mapping.ApiId!, id: mapping.Stage! }
  if ((await context.records.get(key)) !== undefined) return
  throw new ServiceError(
    'BadRequestException',
    `Invalid stage identifier specified: API ${mapping.ApiId} has no stage ${mapping.Stage}`,
  )
}

/** The key is free on this domain name, or is this mapping's own; a new one has room. */
async function requirePlace(
  context: ReadContext,
  domainName: string,
  mapping: ApiMappingRecord,
): Promise<void> {
  const place = { kind: 'api-mapping', parent: domainName } as const
  const all = await listAll<ApiMappingRecord>(context, place)
  const others = all.filter(({ id }) => id !== mapping.ApiMappingId)
  if (others.some(({ body }) => body.ApiMappingKey === mapping.ApiMappingKey)) {
    throw new ServiceError(
      'ConflictException',
      'ApiMapping key already exists for this domain name',
    )
  }
  const noun = 'API mappings for this domain name'
  requireRoomBeside(context, others.length, { limit: 'apiMappingsPerDomain', noun })
}

/** The key of a call; throws when no path could begin with it. */
function checkedKey(key: string): string {
  if (!KEY_CHARACTERS.test(key)) {
    throw invalidKey("An ApiMapping key may contain only letters, numbers and one of $-_.+!*'(),/")
  }
  if (key.length > KEY_CHARACTERS_MAX) {
    throw invalidKey(`An ApiMapping key may have at most ${KEY_CHARACTERS_MAX} characters`)
  }
  if (key === '') return key
  if (key === '(none)') {
    throw invalidKey('The ApiMapping key of the whole domain name is empty; leave it out')
  }
  const segments = key.split('/')
  if (segments.includes('')) {
    throw invalidKey("An ApiMapping key may not begin or end with '/' or have consecutive '/'s")
  }
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw invalidKey("An ApiMapping key may have no segment '.' or '..': no request gets there")
  }
  return key
}

function invalidKey(message: string): ServiceError {
  return new ServiceError('BadRequestException', message)
}

async function put(
  { records }: WriteContext,
  domainName: string,
  mapping: ApiMappingRecord,
): Promise<ApiMapping> {
  await records.put({ kind: 'api-mapping', parent: domainName, id: mapping.ApiMappingId! }, mapping)
  return mapping
}
