/**
 * The Api resource: an HTTP API and what it owns.
 *
 * Deleting one deletes everything below it. WebSocket APIs are refused by name, so that nobody takes one for working.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
 */

import type {
  Api,
  CreateApiRequest,
  CreateApiResponse,
  DeleteApiRequest,
  DeleteCorsConfigurationRequest,
  GetApiRequest,
  GetApiResponse,
  GetApisRequest,
  GetApisResponse,
  UpdateApiRequest,
  UpdateApiResponse,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import type { ApiSettings } from '../../domain/http-api-definition.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { checkedCors } from './cors.ts'
import { requireApiUnmapped } from './mapped-domains.ts'
import { mergePatch } from './merge-patch.ts'
import { newApiId } from './new-id.ts'
import { requireApi } from './not-found.ts'
import { listPage } from './paging.ts'
import { requireRoom } from './quota.ts'
import type { ApiRecord } from './records.ts'
import { checkedTags } from './tag-rules.ts'

export const apiOperations = {
  CreateApi: write<CreateApiRequest, CreateApiResponse>(createApi),
  GetApi: read<GetApiRequest, GetApiResponse>(getApi),
  GetApis: read<GetApisRequest, GetApisResponse>(getApis),
  UpdateApi: write<UpdateApiRequest, UpdateApiResponse>(updateApi),
  DeleteApi: write<DeleteApiRequest, object>(deleteApi),
  DeleteCorsConfiguration: write<DeleteCorsConfigurationRequest, object>(deleteCorsConfiguration),
}

/** The only one that HTTP APIs have, in the two spellings that clients send. */
const ROUTE_SELECTIONS = ['$request.method $request.path', '${request.method} ${request.path}']
/** HTTP APIs have no API keys; the member is there all the same. */
const API_KEY_SELECTIONS = [
  '$request.header.x-api-key',
  '$context.authorizer.usageIdentifierKey',
  '${request.header.x-api-key}',
  '${context.authorizer.usageIdentifierKey}',
]

/** Members of a new API that may be left out, or sent as ''. */
type NewApi = ApiSettings &
  Partial<Pick<Api, 'ApiKeySelectionExpression' | 'IpAddressType' | 'RouteSelectionExpression'>>

/**
 * Makes an API without routes, with the defaults of CreateApi. What it is made of must have been checked, and the id,
 * where the caller has chosen one, must be free.
 */
export async function putNewApi(
  context: WriteContext,
  settings: NewApi,
  chosenId?: string,
): Promise<ApiRecord> {
  const place = { kind: 'api', parent: '' } as const
  await requireRoom(context, { ...place, limit: 'apisPerRegion', noun: 'APIs for this region' })
  const ApiId = chosenId ?? (await newApiId(context))
  const defaults: ApiRecord = {
    ApiId,
    ApiKeySelectionExpression: API_KEY_SELECTIONS[0],
    CreatedDate: context.now.toISOString(),
    IpAddressType: 'ipv4',
    ProtocolType: 'HTTP',
    Name: settings.Name,
    DisableExecuteApiEndpoint: false,
    RouteSelectionExpression: ROUTE_SELECTIONS[0],
  }
  const said = mergePatch<Partial<ApiRecord>>({}, settings)
  const record: ApiRecord = {
    ...mergePatch(defaults, said),
    Tags: { ...checkedTags(context, settings.Tags) },
  }
  await context.records.put({ ...place, id: ApiId }, record)
  return record
}

/** An API as every operation answers with it. */
export function showApi(context: ReadContext, record: ApiRecord): Api {
  const { source, CreatedDate, ...shown } = record
  const ApiEndpoint = context.settings.apiEndpoint(record.ApiId!, context.scope.region)
  return {
    ApiEndpoint,
    ...shown,
    ...(source?.parked === true ? { Warnings: [notServed(source.file)] } : {}),
    ...(CreatedDate === undefined ? {} : { CreatedDate: new Date(CreatedDate) }),
  }
}

function notServed(file: string): string {
  return `Not served: Postern was started with other definition files than ${file}`
}

/** Loaded when asked for: a start with a definition makes APIs without it. */
async function createApi(
  request: CreateApiRequest,
  context: WriteContext,
): Promise<CreateApiResponse> {
  if (request.ProtocolType === 'WEBSOCKET') throw WEBSOCKET
  checkSelections(request)
  const { Target, RouteKey, CredentialsArn, DisableSchemaValidation: _none, ...settings } = request
  const cors = request.CorsConfiguration && {
    CorsConfiguration: checkedCors(request.CorsConfiguration),
  }
  const record = await putNewApi(context, { ...settings, ...cors })
  const parts = { Target, RouteKey, CredentialsArn }
  if (Target) {
    const { quickCreate } = await import('./quick-create.ts')
    await quickCreate(context, record.ApiId!, { ...parts, Target })
  } else if (RouteKey || CredentialsArn) throw TARGET_MISSING
  return showApi(context, record)
}

async function getApi({ ApiId }: GetApiRequest, context: ReadContext): Promise<GetApiResponse> {
  return showApi(context, await requireApi(context, ApiId))
}

function getApis(request: GetApisRequest, context: ReadContext): Promise<GetApisResponse> {
  const place = { kind: 'api', parent: '', request } as const
  return listPage<ApiRecord, Api>(context, place, (api) => showApi(context, api))
}

async function updateApi(
  request: UpdateApiRequest,
  context: WriteContext,
): Promise<UpdateApiResponse> {
  const api = await requireApi(context, request.ApiId)
  checkSelections(request)
  const { Target, RouteKey, CredentialsArn, DisableSchemaValidation: _none, ...patch } = request
  const cors = patch.CorsConfiguration && {
    CorsConfiguration: checkedCors(patch.CorsConfiguration),
  }
  if (patch.Name === '') throw new ServiceError('BadRequestException', 'Name must not be empty')
  const updated = mergePatch(api, { ...patch, ...cors })
  await putApi(context, updated)
  const { updateQuickCreated } = await import('./quick-create.ts')
  await updateQuickCreated(context, request.ApiId!, { Target, RouteKey, CredentialsArn })
  return showApi(context, updated)
}

async function deleteApi({ ApiId }: DeleteApiRequest, context: WriteContext): Promise<object> {
  await requireApi(context, ApiId)
  await requireApiUnmapped(context, ApiId!)
  await context.records.deleteChildren(ApiId!)
  await context.records.delete({ kind: 'api', parent: '', id: ApiId! })
  return {}
}

async function deleteCorsConfiguration(
  { ApiId }: DeleteCorsConfigurationRequest,
  context: WriteContext,
): Promise<object> {
  const { CorsConfiguration: _cors, ...api } = await requireApi(context, ApiId)
  await putApi(context, api)
  return {}
}

async function putApi(context: WriteContext, api: ApiRecord): Promise<void> {
  await context.records.put({ kind: 'api', parent: '', id: api.ApiId! }, api)
}

type Selections = Pick<
  CreateApiRequest,
  'ApiKeySelectionExpression' | 'RouteSelectionExpression' | 'DisableSchemaValidation'
>

/** Members that mean something on WebSocket APIs only. */
function checkSelections(request: Selections): void {
  const { RouteSelectionExpression: route, ApiKeySelectionExpression: key } = request
  if (route && !ROUTE_SELECTIONS.includes(route)) {
    throw new ServiceError(
      'BadRequestException',
      `Invalid route selection expression specified: ${route}. HTTP APIs have only ${ROUTE_SELECTIONS[0]}`,
    )
  }
  if (key && !API_KEY_SELECTIONS.includes(key)) {
    throw new ServiceError(
      'BadRequestException',
      `Invalid API key selection expression specified: ${key}. It may be ${API_KEY_SELECTIONS.join(', ')}`,
    )
  }
  if (request.DisableSchemaValidation === true) {
    throw new ServiceError(
      'BadRequestException',
      'DisableSchemaValidation is not supported for HTTP APIs',
    )
  }
}

const WEBSOCKET = new ServiceError(
  'BadRequestException',
  'WebSocket APIs are not supported yet: ProtocolType must be HTTP',
)
const TARGET_MISSING = new ServiceError(
  'BadRequestException',
  'RouteKey and CredentialsArn are parts of quick create, which also needs a Target',
)
