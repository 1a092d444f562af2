/**
 * Base path mappings: the API mappings of the second API, named by their base path. `(none)` is the whole domain name.
 *
 * Base paths of several segments are listed here and are made by the second API, as on AWS. A mapping names its stage:
 * that the path names it is for REST APIs.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_BasePathMapping.html
 */

import type {
  BasePathMapping,
  BasePathMappings,
  CreateBasePathMappingRequest,
  DeleteBasePathMappingRequest,
  GetBasePathMappingRequest,
  GetBasePathMappingsRequest,
  UpdateBasePathMappingRequest,
} from '@aws-sdk/client-api-gateway'
import { ServiceError } from '../../aws/service-error.ts'
import { createApiMapping, updateApiMapping } from '../apigatewayv2/api-mapping.ts'
import { refuseDomainNameId, requireDomainName } from '../apigatewayv2/domain-name-records.ts'
import { listAll } from '../apigatewayv2/paging.ts'
import type { ApiMappingRecord } from '../apigatewayv2/records.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { pageOf } from './paging.ts'
import { applyPatch, invalid, type PatchRule } from './patch.ts'

const WHOLE = '(none)'

export const basePathMappingOperations = {
  CreateBasePathMapping: write<CreateBasePathMappingRequest, BasePathMapping>(createMapping),
  GetBasePathMapping: read<GetBasePathMappingRequest, BasePathMapping>(getMapping),
  GetBasePathMappings: read<GetBasePathMappingsRequest, BasePathMappings>(getMappings),
  UpdateBasePathMapping: write<UpdateBasePathMappingRequest, BasePathMapping>(updateMapping),
  DeleteBasePathMapping: write<DeleteBasePathMappingRequest, object>(deleteMapping),
}

/** Which mapping a call is about. */
interface Place {
  readonly domainName: string | undefined
  readonly basePath: string | undefined
  readonly domainNameId?: string | undefined
}

async function createMapping(
  request: CreateBasePathMappingRequest,
  context: WriteContext,
): Promise<BasePathMapping> {
  const { domainName, domainNameId, restApiId, stage, basePath = '' } = request
  refuseDomainNameId(domainNameId)
  const mapping = {
    ...{ DomainName: domainName!, ApiId: restApiId!, Stage: requiredStage(stage) },
    ApiMappingKey: keyOf(basePath),
  }
  return show(await createApiMapping(mapping, context))
}

async function getMapping(
  request: GetBasePathMappingRequest,
  context: ReadContext,
): Promise<BasePathMapping> {
  return show(await requireMapping(context, request))
}

async function getMappings(
  request: GetBasePathMappingsRequest,
  context: ReadContext,
): Promise<BasePathMappings> {
  refuseDomainNameId(request.domainNameId)
  const { items, ...page } = pageOf(await allMappings(context, request.domainName), request)
  return { items: items.map(({ body }) => show(body)), ...page }
}

const RULES: readonly PatchRule<ApiMappingRecord>[] = [
  { path: '/basePath', replace: (mapping, value) => ({ ...mapping, ApiMappingKey: keyOf(value) }) },
  { path: '/stage', replace: (mapping, value) => ({ ...mapping, Stage: requiredStage(value) }) },
  { path: '/restapiId', replace: (mapping, ApiId) => ({ ...mapping, ApiId }) },
]

async function updateMapping(
  request: UpdateBasePathMappingRequest,
  context: WriteContext,
): Promise<BasePathMapping> {
  const before = await requireMapping(context, request)
  const { ApiId, ApiMappingId, ApiMappingKey, Stage } = applyPatch(
    before,
    request.patchOperations,
    RULES,
  )
  const change = { ApiId: ApiId!, ApiMappingId: ApiMappingId!, ApiMappingKey, Stage }
  return show(await updateApiMapping({ DomainName: request.domainName!, ...change }, context))
}

async function deleteMapping(
  request: DeleteBasePathMappingRequest,
  context: WriteContext,
): Promise<object> {
  const { ApiMappingId } = await requireMapping(context, request)
  const key = { kind: 'api-mapping', parent: request.domainName!, id: ApiMappingId! }
  await context.records.delete(key)
  return {}
}

async function requireMapping(
  context: ReadContext,
  { domainName, basePath = '', domainNameId }: Place,
): Promise<ApiMappingRecord> {
  refuseDomainNameId(domainNameId)
  const key = basePath === WHOLE ? '' : basePath
  const all = await allMappings(context, domainName)
  const found = all.find(({ body }) => body.ApiMappingKey === key)
  if (found !== undefined) return found.body
  throw new ServiceError('NotFoundException', 'Invalid base path mapping identifier specified')
}

async function allMappings(context: ReadContext, parent: string | undefined) {
  await requireDomainName(context, parent)
  return listAll<ApiMappingRecord>(context, { kind: 'api-mapping', parent: parent! })
}

function keyOf(basePath: string): string {
  if (basePath.includes('/')) {
    throw invalid('Base paths with several segments are made with apigatewayv2 create-api-mapping')
  }
  return basePath === WHOLE ? '' : basePath
}

function requiredStage(stage: string | undefined): string {
  if (stage !== undefined && stage !== '') return stage
  throw invalid(
    'A stage is required: mappings whose stage the path names belong to REST APIs, which are not served yet',
  )
}

function show({ ApiMappingKey = '', ApiId, Stage }: Partial<ApiMappingRecord>): BasePathMapping {
  const basePath = ApiMappingKey === '' ? WHOLE : ApiMappingKey
  return { basePath, restApiId: ApiId, stage: Stage }
}
