/**
 * The Route resource: which requests an API takes, and which integration they go to.
 *
 * No two routes of an API take the same requests. A route may be without a target as long as nobody deploys it.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
 */

import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  DeleteRouteRequestParameterRequest,
  GetRouteRequest,
  GetRouteResult,
  GetRoutesRequest,
  GetRoutesResponse,
  Route,
  UpdateRouteRequest,
  UpdateRouteResult,
} from '@aws-sdk/client-apigatewayv2'
import { ServiceError } from '../../aws/service-error.ts'
import { type ReadContext, read, type WriteContext, write } from '../service.ts'
import { mergePatch } from './merge-patch.ts'
import { newChildId } from './new-id.ts'
import { requireApi, requireChild } from './not-found.ts'
import { listAll, listPage } from './paging.ts'
import { requireRoomBeside } from './quota.ts'
import type { IntegrationRecord, RouteRecord } from './records.ts'
import { withAuthorization } from './route-authorization.ts'
import { checkRouteKey, checkRouteKeyIsFree } from './route-key.ts'

export const routeOperations = {
  CreateRoute: write<CreateRouteRequest, CreateRouteResult>(createRoute),
  GetRoute: read<GetRouteRequest, GetRouteResult>(getRoute),
  GetRoutes: read<GetRoutesRequest, GetRoutesResponse>(getRoutes),
  UpdateRoute: write<UpdateRouteRequest, UpdateRouteResult>(updateRoute),
  DeleteRoute: write<DeleteRouteRequest, object>(deleteRoute),
  DeleteRouteRequestParameter: write<DeleteRouteRequestParameterRequest, object>(
    deleteRouteRequestParameter,
  ),
}

/** Checks a new route and stores it with the defaults of CreateRoute. The API must be there. */
export async function putNewRoute(
  context: WriteContext,
  apiId: string,
  route: Route,
): Promise<RouteRecord> {
  const others = await checkKey(context, apiId, route)
  requireRoomBeside(context, others, { limit: 'routesPerApi', noun: 'Routes for this API' })
  const RouteId = await newChildId(context, 'route', apiId)
  const defaults = {
    ApiKeyRequired: false,
    AuthorizationType: 'NONE',
    RouteKey: undefined,
  } as const
  const record: RouteRecord = { ...mergePatch<Route>(defaults, route), RouteId }
  return put(context, apiId, { route: record, said: route })
}

/** Stores a route under another key. */
export async function putRouteKey(
  context: WriteContext,
  apiId: string,
  { route, routeKey }: { readonly route: RouteRecord; readonly routeKey: string },
): Promise<void> {
  const renamed = { ...route, RouteKey: routeKey }
  await checkKey(context, apiId, renamed)
  await put(context, apiId, { route: renamed, said: {} })
}

async function createRoute(
  { ApiId, ...route }: CreateRouteRequest,
  context: WriteContext,
): Promise<CreateRouteResult> {
  await requireApi(context, ApiId)
  return show(await putNewRoute(context, ApiId!, withoutWebSocketMembers(route)))
}

async function getRoute(
  { ApiId, RouteId }: GetRouteRequest,
  context: ReadContext,
): Promise<GetRouteResult> {
  return show(await requireRoute(context, ApiId, RouteId))
}

async function getRoutes(
  request: GetRoutesRequest,
  context: ReadContext,
): Promise<GetRoutesResponse> {
  await requireApi(context, request.ApiId)
  const place = { kind: 'route', parent: request.ApiId!, request } as const
  return listPage<RouteRecord, Route>(context, place, show)
}

async function updateRoute(
  { ApiId, RouteId, ...request }: UpdateRouteRequest,
  context: WriteContext,
): Promise<UpdateRouteResult> {
  const route = await requireRoute(context, ApiId, RouteId)
  const patch = withoutWebSocketMembers(request)
  // Where a definition has it is not true any more of a route that has been changed by a call.
  const { source: _source, ...merged } = mergePatch<RouteRecord>(route, patch)
  if (merged.RouteKey !== route.RouteKey) {
    if (route.ApiGatewayManaged === true) throw managedKey(route)
    await checkKey(context, ApiId!, merged)
  }
  return show(await put(context, ApiId!, { route: merged, said: patch }))
}

async function deleteRoute(
  { ApiId, RouteId }: DeleteRouteRequest,
  context: WriteContext,
): Promise<object> {
  await requireRoute(context, ApiId, RouteId)
  await context.records.delete({ kind: 'route', parent: ApiId!, id: RouteId! })
  return {}
}

/** Routes of HTTP APIs have no request parameters, so there is never one to delete. */
async function deleteRouteRequestParameter(
  request: DeleteRouteRequestParameterRequest,
  context: WriteContext,
): Promise<object> {
  await requireRoute(context, request.ApiId, request.RouteId)
  throw new ServiceError(
    'NotFoundException',
    `Invalid request parameter specified ${request.RequestParameterKey}: only routes of WebSocket APIs have them`,
  )
}

async function put(
  context: WriteContext,
  apiId: string,
  { route, said }: { readonly route: RouteRecord; readonly said: Partial<Route> },
): Promise<RouteRecord> {
  await checkTarget(context, apiId, route.Target)
  const record = await withAuthorization(context, apiId, { route, said })
  await context.records.put({ kind: 'route', parent: apiId, id: route.RouteId! }, record)
  return record
}

async function checkTarget(
  context: ReadContext,
  apiId: string,
  target: string | undefined,
): Promise<void> {
  if (target === undefined) return
  const [, id] = /^integrations\/([^/]+)$/.exec(target) ?? []
  if (id === undefined) {
    throw new ServiceError(
      'BadRequestException',
      `Invalid target specified: ${target}. It must be integrations/<integrationId>`,
    )
  }
  const key = { kind: 'integration', parent: apiId, id }
  if ((await context.records.get<IntegrationRecord>(key)) !== undefined) return
  throw new ServiceError('BadRequestException', `Invalid Integration identifier specified ${id}`)
}

/** Throws when the key is none, or taken. Returns how many other routes there are. */
async function checkKey(context: ReadContext, apiId: string, route: RouteRecord): Promise<number> {
  checkRouteKey(route.RouteKey!, context.settings.limitProfile)
  const routes = await listAll<RouteRecord>(context, { kind: 'route', parent: apiId })
  const others = routes.filter(({ id }) => id !== route.RouteId)
  checkRouteKeyIsFree(
    route.RouteKey!,
    others.map(({ body }) => body.RouteKey!),
  )
  return others.length
}

/** Members that only routes of WebSocket APIs have are refused where they ask for something, and are not kept. */
function withoutWebSocketMembers<T extends Partial<Route>>(route: T): T {
  const { RequestModels, RequestParameters, ...kept } = route
  const said = {
    ApiKeyRequired: route.ApiKeyRequired === true,
    ModelSelectionExpression: !!route.ModelSelectionExpression,
    RequestModels: Object.keys(RequestModels ?? {}).length > 0,
    RequestParameters: Object.keys(RequestParameters ?? {}).length > 0,
    RouteResponseSelectionExpression: !!route.RouteResponseSelectionExpression,
  }
  const member = Object.entries(said).find(([, isSaid]) => isSaid)?.[0]
  if (member === undefined) return kept as T
  throw new ServiceError('BadRequestException', `${member} is not supported for HTTP APIs`)
}

function managedKey({ RouteKey }: RouteRecord): ServiceError {
  return new ServiceError(
    'BadRequestException',
    `The key of a managed route cannot be changed by UpdateRoute: ${RouteKey}. Use UpdateApi with RouteKey`,
  )
}

function requireRoute(
  context: ReadContext,
  apiId: string | undefined,
  id: string | undefined,
): Promise<RouteRecord> {
  return requireChild<RouteRecord>(context, { kind: 'route', apiId, id })
}

function show({ source: _source, ...route }: RouteRecord): Route {
  return route
}
